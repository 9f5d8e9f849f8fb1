"""What imports leave for a person stands on the home page."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone, translation

from guanxi.accounts.roles import Role
from guanxi.ingest.models import Import
from tests.cast import hired

State = Import.State


def brought_in(state: str, *, rejected: int = 0, days: int = 0, done: int = 0, name: str = "orders.csv") -> Import:
    return Import.objects.create(
        state=state, counts={"rejected": rejected}, files=[{"name": name}], rows_done=done, rows_total=100,
        created_at=timezone.now() - dt.timedelta(days=days),
    )  # fmt: skip


def queues(client: Client) -> str:
    with translation.override("en"):
        return " ".join(client.get("/glance/queues/").content.decode().split())


def test_an_import_that_stopped_says_how_much_is_left(owners_browser: Client) -> None:
    batch = brought_in(State.FAILED, done=40)
    said = queues(owners_browser)
    assert "1 import stopped on the way" in said
    assert "60 rows not read · orders.csv" in said
    assert f'href="/imports/{batch.public_id}/"' in said


def test_rejected_rows_of_several_files_are_summed(owners_browser: Client) -> None:
    brought_in(State.DONE, rejected=29)
    brought_in(State.DONE, rejected=2, name="more.csv")
    brought_in(State.DONE)
    said = queues(owners_browser)
    assert "31 rejected rows to correct" in said
    assert "more.csv and 1 more" in said
    assert 'href="/imports/"' in said


@pytest.mark.parametrize(
    ("state", "days"), [(State.DONE, 15), (State.UNDONE, 0), (State.RUNNING, 0), (State.CANCELLED, 0)]
)
def test_what_is_old_taken_back_or_still_at_work_is_no_work(
    state: str, days: int, owners_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.shop.calendar.announced", lambda _year: True)
    brought_in(state, rejected=29, days=days)
    assert "Nothing is waiting for you." in queues(owners_browser)


def test_who_may_not_import_is_not_asked_to(db: None) -> None:
    brought_in(State.FAILED)
    agent = Client(headers={"Accept-Language": "en"})
    agent.force_login(hired("bo", "Bo", Role.AGENT))
    assert "1 import stopped" not in queues(agent)
