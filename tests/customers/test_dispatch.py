"""The dispatcher hands every event of the stream to everybody who follows from it, once."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django.db import transaction

from guanxi.core.ids import reserve
from guanxi.customers import dispatch
from guanxi.customers.models import Customer, Event, Untold
from guanxi.customers.pace import Pace
from guanxi.warehouse.models import CHANGED

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
        dispatch.tell_all()
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


def test_what_is_thought_of_events_ahead_is_handed_over_with_them(heard: list[int]) -> None:
    told: list[tuple[list[int], int]] = []
    keep = lambda events, thought: told.append(([each.pk for each in events], thought))  # noqa: E731
    dispatch.register("thinker", keep, ahead=len)
    ids = happened(3)
    dispatch.tell_all()
    assert told == [(ids, 3)]
    assert heard == ids


def test_events_that_changed_after_they_were_looked_at_are_looked_at_again(heard: list[int]) -> None:
    ids, looks, told = happened(3), list[list[str]](), list[list[str]]()

    def look(events: Sequence[Event]) -> list[str]:
        looks.append([each.name for each in events])
        if len(looks) == 1:  # somebody comes between looking and writing
            Event.objects.filter(pk=ids[0]).delete()
            Event.objects.filter(pk=ids[1]).update(name="Erased", **CHANGED)
        return looks[-1]

    dispatch.register("thinker", lambda _events, names: told.append(names), ahead=look)
    dispatch.tell_all()
    assert told == [["Erased", "Product Viewed"]]
    assert heard == ids[1:]


def test_what_comes_while_events_are_looked_at_waits_for_the_next_turn(heard: list[int]) -> None:
    ids, looks = happened(3), list[int]()

    def look(events: Sequence[Event]) -> None:
        looks.append(len(events))
        if len(looks) == 1:
            happened(2)

    dispatch.register("thinker", lambda _events, _nothing: None, ahead=look)
    assert dispatch.tell_all() == 5
    assert heard[:3] == ids
    assert looks == [3, 2]


def test_what_another_dispatcher_took_meanwhile_is_not_told_twice(heard: list[int]) -> None:
    ids, told = happened(3), list[int]()

    def look(_events: Sequence[Event]) -> None:
        dispatch.register("thinker", lambda events, _nothing: told.extend(each.pk for each in events), ahead=bool)
        dispatch.tell_all()

    dispatch.register("thinker", lambda events, _nothing: told.extend(each.pk for each in events), ahead=look)
    dispatch.tell_all()
    assert told == ids
    assert heard == ids


class TestEventsForeseen:
    """What a process has just written is told of without being read again, where it is still so."""

    def foreseen(self, count: int) -> list[dispatch.Occurred]:
        rows = Event.objects.filter(pk__in=happened(count)).order_by("pk")
        events = [each._replace(source="memory") for each in dispatch.Occurred.all_of(rows)]
        dispatch.foresee(events)
        return events

    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
        monkeypatch.setattr(dispatch, "_consumers", {})
        monkeypatch.setattr(dispatch, "_foreseen", {})
        heard: list[tuple[int, str]] = []
        dispatch.register("listener", lambda events: heard.extend((each.pk, each.source) for each in events))
        return heard

    def test_are_told_of_out_of_memory_once(self, told: list[tuple[int, str]]) -> None:
        events = self.foreseen(3)
        dispatch.keep_up()
        assert told == [(each.pk, "memory") for each in events]
        assert dispatch.tell_all() == 0

    def test_are_read_again_where_one_of_them_changed_since(self, told: list[tuple[int, str]]) -> None:
        events = self.foreseen(3)
        Event.objects.filter(pk=events[1].pk).update(**CHANGED)
        assert dispatch.tell_all() == 3
        assert told == [(each.pk, "shop") for each in events]

    def test_are_read_again_where_one_of_them_is_somebody_elses_since(self, told: list[tuple[int, str]]) -> None:
        events = self.foreseen(3)
        Event.objects.filter(pk=events[1].pk).update(customer=Customer.objects.create(name="Lin"))
        assert dispatch.tell_all() == 3
        assert told == [(each.pk, "shop") for each in events]

    def test_are_read_where_not_all_of_a_set_were_foreseen(self, told: list[tuple[int, str]]) -> None:
        others = happened(2)
        events = self.foreseen(2)
        assert dispatch.tell_all() == 4
        assert told == [(pk, "shop") for pk in [*others, *(each.pk for each in events)]]

    def test_that_are_gone_are_told_to_nobody(self, told: list[tuple[int, str]]) -> None:
        events = self.foreseen(2)
        Event.objects.filter(pk=events[0].pk).delete()
        assert dispatch.tell_all() == 2
        assert told == [(events[1].pk, "shop")]

    def test_keep_their_room_in_memory(self, told: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dispatch, "FORESEEN", 5)
        for _nth in range(4):
            self.foreseen(3)
        assert len(dispatch._foreseen) <= 5 + 3
        assert dispatch.tell_all() == len(told) == 12

    def test_keeping_up_leaves_the_rest_of_much_for_later(
        self, told: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dispatch, "_pace", Pace(10, least=10, most=10))
        happened(100)
        dispatch.keep_up()
        assert len(told) == 10 * dispatch.FULL_SETS
