import pytest
from django.db import OperationalError
from django.test import Client

from guanxi.core import book

pytestmark = pytest.mark.django_db


def test_health_is_good_for_any_caller(client: Client) -> None:
    response = client.get("/health", headers={"Host": "10.1.2.3"})
    assert response.status_code == 200
    assert response.json() == {"status": "ready"}


def test_health_names_what_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "pending", lambda: ["orders.0002_more"])
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json()["reasons"] == ["1 migrations are pending."]


def test_health_survives_a_book_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> list[str]:
        raise OperationalError

    monkeypatch.setattr(book, "pending", gone)
    assert client.get("/health").json()["reasons"] == ["The book cannot be reached."]
