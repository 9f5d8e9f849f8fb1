"""What several parts of a page ask for is read once for it, and anew for the next."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from guanxi.pages.once import Once, once


@pytest.fixture
def asked() -> list[str]:
    """Tell how often the answer was read."""
    return []


@pytest.fixture
def answer(asked: list[str]) -> Callable[[], str]:
    """Answer, and write down that it was read."""
    return once(lambda: asked.append("read") or "tea")


def page(answer: Callable[[], str]) -> Any:
    return Once(lambda request: HttpResponse(answer() + answer()))


def test_a_page_reads_it_once_and_the_next_page_anew(asked: list[str], answer: Callable[[], str]) -> None:
    reading, request = page(answer), RequestFactory().get("/")
    assert [reading(request).content for _ in range(2)] == [b"teatea"] * 2
    assert len(asked) == 2


def test_who_writes_reads_every_time(asked: list[str], answer: Callable[[], str]) -> None:
    page(answer)(RequestFactory().post("/"))
    assert len(asked) == 2


def test_work_without_a_request_reads_every_time(asked: list[str], answer: Callable[[], str]) -> None:
    assert [answer(), answer()] == ["tea", "tea"]
    assert len(asked) == 2


def test_a_page_that_fails_leaves_nothing_behind(asked: list[str], answer: Callable[[], str]) -> None:
    def fails(_request: object) -> HttpResponse:
        answer()
        raise LookupError

    with pytest.raises(LookupError):
        Once(fails)(RequestFactory().get("/"))
    answer()
    assert len(asked) == 2
