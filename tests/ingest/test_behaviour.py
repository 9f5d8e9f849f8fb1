"""Behaviour leaves the book for the lake and nothing is lost by it; what is derived can be derived again from both."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from guanxi.catalog.models import Variant
from guanxi.core.ids import reserve
from guanxi.customers import dispatch
from guanxi.customers.models import Customer, Event, Habits, SourceProfile
from guanxi.ingest import behaviour
from guanxi.ingest.models import EventSource
from guanxi.ingest.replaying import replay
from guanxi.orders.models import Company
from guanxi.privacy import retention
from guanxi.privacy.copying import told_of
from guanxi.privacy.erasing import erase
from guanxi.privacy.models import Erasure, Reason, RetentionRule
from guanxi.warehouse import claims, rebuild
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import fold, sync

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
COLUMNS = ["id", "profile_id", "customer_id", "name", "occurred_at", "received_at", "source", "properties"]


@pytest.fixture(autouse=True)
def shop(settings: Any, tmp_path: Path) -> EventSource:
    """A shop whose pages tell, with a lake of its own."""
    settings.HOME, settings.LAKE, settings.LAKE_GRACE_SECONDS = tmp_path, str(tmp_path / "lake"), 0
    return EventSource.make("Own shop", namespace="web", by=None)[1]


@pytest.fixture
def ada() -> Customer:
    return Customer.objects.create(name="Ada", created_at=NOW, first_source="web")


@pytest.fixture
def hers(ada: Customer) -> SourceProfile:
    return SourceProfile.objects.create(customer=ada, source="web", key="user u1", first_seen_at=NOW)


def happened(called: str, days: int, *, whose: SourceProfile | None = None, source: str = "web", **told: Any) -> int:
    (pk,) = reserve(Event, 1)
    at = NOW - dt.timedelta(days=days)
    profile, customer = (whose.pk, whose.customer_id) if whose else (None, None)
    Event.objects.append(COLUMNS, [(pk, profile, customer, called, at, at, source, json.dumps(told))])
    return pk


def in_the_book() -> set[int]:
    return set(Event.objects.values_list("pk", flat=True))


def in_the_lake() -> set[int]:
    with snapshot() as lake:
        return set(lake.sql("select event_id from events")["event_id"].to_pylist())


def told_and_kept() -> int:
    dispatch.tell_all()
    return retention.keep()


def test_behaviour_leaves_the_book_after_ninety_days_and_business_never_does(hers: SourceProfile) -> None:
    old, new = happened("Product Viewed", 91, whose=hers), happened("Product Viewed", 89, whose=hers)
    custom = happened("Quiz Finished", 400)
    bought = happened("Order Completed", 900, whose=hers, order_id="7")
    ours = happened("Customer Updated", 900, whose=hers, source="guanxi")
    assert told_and_kept() == 2
    assert in_the_book() == {new, bought, ours}
    assert in_the_lake() == {old, new, custom, bought, ours}
    assert behaviour.count() == behaviour.Count(total=5, hot=3, lake=5)
    assert behaviour.count("Product Viewed") == behaviour.Count(total=2, hot=1, lake=2)
    late = happened("Product Viewed", 1)
    assert behaviour.count("Product Viewed") == behaviour.Count(total=3, hot=2, lake=2)
    sync()
    assert in_the_lake() >= {late}


def test_what_the_lake_lacks_or_nobody_was_told_of_stays_in_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    one = happened("Product Viewed", 100)
    with monkeypatch.context() as patch:
        patch.setattr(claims, "are_waiting", lambda _feed: False)
        assert told_and_kept() == 0, "the lake does not have it"
    two = happened("Product Viewed", 100)
    assert retention.keep() == 1, "of the second nobody was told"
    assert in_the_book() == {two}
    dispatch.tell_all()
    RetentionRule.decide("behaviour", days=90, is_on=False, by=None)
    assert one not in in_the_book()
    assert retention.keep() == 0, "the shop decided to keep it"
    RetentionRule.decide("behaviour", days=30, is_on=True, by=None)
    assert retention.keep() == 1


def test_a_lake_made_anew_keeps_what_the_book_no_longer_has(hers: SourceProfile) -> None:
    gone = [happened("Product Viewed", 100 + days, whose=hers, sku=f"T{days}") for days in range(0, 90, 30)]
    stays = happened("Order Completed", 100, whose=hers)
    told_and_kept()
    for _time in range(2):
        rebuild.begin()
        fold()
    assert (in_the_book(), in_the_lake()) == ({stays}, {*gone, stays})
    with snapshot() as lake:
        told = lake.sql("select sku, customer_id, properties from events where name = 'Product Viewed' order by sku")
    assert told["sku"].to_pylist() == ["T0", "T30", "T60"]
    assert told["customer_id"].to_pylist() == [hers.customer_id] * 3


def test_a_copy_and_an_erasure_reach_what_left_the_book(ada: Customer, hers: SourceProfile) -> None:
    hers_gone, others = happened("Product Viewed", 100, whose=hers, sku="T1"), happened("Product Viewed", 100)
    told_and_kept()
    (copied,) = [each for each in told_of(ada) if each.name == "event"]
    assert [(row["name"], row["properties"]) for row in copied.rows] == [("Product Viewed", {"sku": "T1"})]
    erasure = Erasure.ask(ada.pk, reason=Reason.ASKED)
    new = happened("Product Viewed", 95, whose=hers)
    told_and_kept()
    assert in_the_book() == {new}, "what goes anyway moves nowhere"
    erase(erasure, wait=None, at_once=True)
    assert in_the_lake() == {others}
    rebuild.begin()
    fold()
    assert (in_the_lake(), in_the_book()) == ({others}, set())
    assert hers_gone not in in_the_lake()


def test_what_was_done_on_devices_nobody_knows_is_forgotten_in_both(hers: SourceProfile) -> None:
    device = SourceProfile.objects.create(source="web", key="device b1", is_device=True, first_seen_at=NOW)
    moved, known = happened("Product Viewed", 500, whose=device), happened("Product Viewed", 500, whose=hers)
    guest = happened("Order Completed", 500)
    told_and_kept()
    kept = happened("Order Completed", 500, whose=device)
    RetentionRule.decide("devices", days=395, is_on=True, by=None)
    told_and_kept()
    sync()
    assert moved not in in_the_lake()
    assert in_the_lake() >= {known, guest}
    assert kept not in in_the_book()


def test_a_replay_hands_each_event_of_a_span_once_to_what_is_derived_alone(
    hers: SourceProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_consumers", {})
    monkeypatch.setattr(dispatch, "_derived", {})
    outward: list[int] = []
    seen: dict[int, set[tuple[int, str]]] = {}

    def derive(events: Any) -> None:
        for each in events:
            seen.setdefault(each.customer_id, set()).add((each.pk, each.properties["sku"]))

    dispatch.register("webhooks", lambda events: outward.extend(each.pk for each in events))
    dispatch.register("facts", derive)
    dispatch.rederive("facts", derive)
    span = [happened("Product Viewed", days, whose=hers, sku=f"T{days}") for days in (300, 100, 50, 10)]
    told_and_kept()
    assert len(in_the_book()) == 2
    late = happened("Product Viewed", 40, whose=hers, sku="T40")
    before = {hers.customer_id: seen[hers.customer_id] | {(late, "T40")}}
    seen.clear()
    since, until = NOW - dt.timedelta(days=301), NOW - dt.timedelta(days=10)
    assert replay(since, until) == 4
    assert seen == {hers.customer_id: {each for each in before[hers.customer_id] if each[1] != "T10"}}
    replay(since, NOW)
    assert seen == before
    assert sorted(outward) == sorted([*span, late]), "nothing goes out twice"


def test_after_a_replay_habits_and_goods_are_as_before_and_there_again_where_they_were_lost(
    hers: SourceProfile,
) -> None:
    Company.objects.create(pk=1, name="Tea shop", base_currency="CNY", time_zone="Asia/Shanghai")
    for days in (300, 100, 50, 10):
        happened("Product Viewed", days, whose=hers, sku=f"T{days}", name="Oolong", price=days, category="Tea")
    told_and_kept()

    def state() -> tuple[list[Any], list[Any]]:
        goods = Variant.objects.order_by("sku").values_list("sku", "product__name", "price_minor")
        return [(each.profile_id, bytes(each.summary)) for each in Habits.objects.all()], list(goods)

    before = state()
    assert len(before[0]) == 1
    assert len(before[1]) == 4
    assert replay(NOW - dt.timedelta(days=301), NOW) == 4
    assert state() == before
    Habits.objects.all().delete()
    replay(NOW - dt.timedelta(days=301), NOW)
    assert state() == before
