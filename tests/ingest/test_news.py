"""What the bell tells of imports, and to whom."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.ingest.models import Import
from guanxi.orders.models import Store
from tests.cast import hired, notices_of

State = Import.State


def made(by: Staff | None, state: str, **told: object) -> Import:
    return Import.objects.create(
        by=by, state=state, files=[{"name": "november.csv"}], finished_at=timezone.now(), **told
    )


@pytest.fixture
def bell(owner: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en", "HX-Request": "true"})
    client.force_login(owner)
    return client


def test_a_quiet_shop_says_what_the_bell_is_for(bell: Client) -> None:
    assert "Nothing waits for you." in notices_of(bell)
    assert "gx-unread" not in notices_of(bell).replace('id="gx-unread"', "")


def test_how_ones_own_imports_ended_is_told_once_as_new(bell: Client, owner: Staff, agent: Staff) -> None:
    made(owner, State.DONE, counts={"orders_new": 12})
    made(owner, State.FAILED, error="Row 3: no total\ntraceback")
    made(agent, State.DONE)
    html = notices_of(bell)
    assert html.count("Orders from november.csv") == 2
    assert "Brought in 12 orders." in html
    assert "Row 3: no total" in html
    assert "traceback" not in html
    assert '<span class="gx-unread">2' in html
    assert bell.post("/notices/seen/").status_code == 204
    assert '<span class="gx-unread">' not in notices_of(bell)


def test_work_under_way_is_told_to_everybody_with_its_progress(bell: Client, agent: Staff, tea_house: Store) -> None:
    made(agent, State.RUNNING, rows_done=500, rows_total=2_000, seconds=10, store=tea_house)
    html = notices_of(bell)
    assert "500 of 2,000" in html
    assert 'max="2000" value="500"' in html
    assert '<span class="gx-unread">' not in html


def test_old_news_is_no_news(bell: Client, owner: Staff) -> None:
    batch = made(owner, State.DONE)
    Import.objects.filter(pk=batch.pk).update(finished_at=timezone.now() - dt.timedelta(days=15))
    assert "november.csv" not in notices_of(bell)


def test_who_may_not_see_imports_hears_nothing_of_them(owner: Staff) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(hired("ma", "Ma", Role.MARKETER))
    made(owner, State.RUNNING)
    assert "november.csv" not in notices_of(client)


def test_the_bell_costs_the_same_however_much_happened(bell: Client, owner: Staff, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    made(owner, State.DONE)
    with django_assert_num_queries(9):
        notices_of(bell)
    for _ in range(12):
        made(owner, State.DONE)
    with django_assert_num_queries(9):
        assert notices_of(bell).count("<li>") == 8
