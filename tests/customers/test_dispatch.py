"""The dispatcher hands every event of the stream to everybody who follows from it, once."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django.db import transaction

from guanxi.core.ids import reserve
from guanxi.customers import dispatch
from guanxi.customers.models import Event, Untold

pytestmark = [pytest.mark.django_db, pytest.mark.book]
AT = datetime(2026, 11, 11, 8, tzinfo=UTC)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(dispatch, "_consumers", {})
    ids: list[int] = []
    dispatch.register("listener", lambda events: ids.extend(each.pk for each in events))
    return ids


def happened(count: int) -> list[int]:
    ids = list(reserve(Event, count))
    columns = ["id", "name", "occurred_at", "received_at", "source", "properties"]
    Event.objects.append(columns, [(pk, "Product Viewed", AT, AT, "shop", "{}") for pk in ids])
    return ids


def test_every_event_is_told_of_once_however_it_was_added(heard: list[int]) -> None:
    many = happened(2_500)
    one = Event.objects.create(name="Note Added", occurred_at=AT, source="guanxi")
    some = Event.objects.bulk_create(Event(name="Tag Added", occurred_at=AT, source="guanxi") for _ in range(3))
    assert dispatch.tell_all() == 2_504
    assert Counter(heard) == Counter([*many, one.pk, *(each.pk for each in some)])
    assert dispatch.tell_all() == 0
    assert not Untold.objects.exists()


def test_who_fails_is_told_again_and_with_them_everybody_of_the_same_set(heard: list[int]) -> None:
    happened(10)

    def fall(_events: Sequence[Event]) -> None:
        raise RuntimeError

    dispatch.register("faller", fall, order=99)
    with pytest.raises(RuntimeError):
        dispatch.tell_some()
    assert heard, "the listener had been told"
    heard.clear()
    dispatch.register("faller", lambda _events: None, order=99)
    assert dispatch.tell_all() == 10
    assert len(heard) == 10


def test_an_act_taken_back_is_not_told_of(heard: list[int]) -> None:
    with transaction.atomic():
        happened(5)
        transaction.set_rollback(True)
    assert dispatch.tell_all() == 0
    assert not heard


def test_what_was_deleted_meanwhile_is_passed_over(heard: list[int]) -> None:
    ids = happened(4)
    Event.objects.filter(pk=ids[0]).delete()
    dispatch.tell_all()
    assert heard == ids[1:]


def test_consumers_are_called_in_their_declared_order(heard: list[int]) -> None:
    order: list[str] = []
    dispatch.register("late", lambda _events: order.append("late"), order=90)
    dispatch.register("early", lambda _events: order.append("early"), order=10)
    happened(1)
    dispatch.tell_all()
    assert order == ["early", "late"]
    assert dispatch.registered() == ["early", "listener", "late"]
