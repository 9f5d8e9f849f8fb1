"""A reader of pages, and a navigation tree of our own."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from guanxi.pages import navigation, shell


class Reader(SimpleNamespace):
    """Somebody signed in, who may do what is listed."""

    is_authenticated = True
    display_name = "Mei Su"
    theme = ""

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def save(self, update_fields: list[str]) -> None:
        """Keep nothing: the browser's cookie has to do."""

    def get_username(self) -> str:
        return "mei"


@pytest.fixture
def owner() -> Reader:
    return Reader(permissions={"customers.view", "imports.run"})


@pytest.fixture
def clerk() -> Reader:
    return Reader(permissions={"imports.run"})


@pytest.fixture
def asked(rf: RequestFactory, owner: Reader) -> HttpRequest:
    """A request of the owner for a page of the shell."""
    request = rf.get("/gallery/")
    request.user = owner  # type: ignore[assignment]
    return request


@pytest.fixture
def empty_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_entries", {})


@pytest.fixture(autouse=True)
def shell_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what higher contexts tell the shell out: these tests know no shop and no book."""
    monkeypatch.setattr(shell, "_shop", None)
    monkeypatch.setattr(shell, "_as_of", None)
    monkeypatch.setattr(shell, "_search", "")


@pytest.fixture
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield
