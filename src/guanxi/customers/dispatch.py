"""The one dispatcher of the stream: hands events to everybody who follows from them, each event once.

Whoever follows registers a consumer in `AppConfig.ready()`. It is called with a set of events, the oldest first, in the
transaction that also forgets that they were untold, and writes rows of its own there: nothing slow, and nothing that
leaves the book. Events of old files come by as well; where only news matter, look at `occurred_at`.

What is derived from events can be derived again: whoever keeps such state registers by `rederive` as well, and is
handed events a second time when somebody replays a span. Nobody else is: no webhook goes out twice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from operator import or_
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_noop

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Event, Untold
from guanxi.customers.models.event import EventQuerySet
from guanxi.customers.pace import Pace

Consumer = Callable[..., None]
Ahead = Callable[[Sequence["Occurred"]], Any]
Spans = list[tuple[int, int]]  # neighbouring ids, the first and the last
TURN = gettext_noop("keep up with what happens")  # one process at a time: two would empty each other's page cache
SECONDS = 1.0  # that a worker stays with it before it looks for a job
RANGES = 200
FULL_SETS = 4  # in a row, before new ones are looked for
FORESEEN = 20_000  # events kept in memory


class Occurred(NamedTuple):
    """An event, as everybody is told of it."""

    pk: int
    profile_id: int | None
    customer_id: int | None
    version: int
    name: str
    occurred_at: datetime
    source: str
    properties: Any

    @classmethod
    def all_of(cls, rows: EventQuerySet) -> "list[Occurred]":
        """Read some."""
        return list(map(cls._make, rows.values_list(*cls._fields)))


@dataclass(frozen=True, order=True)
class _Registered:
    order: int
    name: str
    consumer: Consumer
    ahead: Ahead | None = None

    def hand(self, looked: "_Looked") -> None:
        if self.ahead is None:
            self.consumer(looked.events)
        else:
            self.consumer(looked.events, looked.thoughts[self.name])


_consumers: dict[str, _Registered] = {}
_derived: dict[str, _Registered] = {}


def register(name: str, consumer: Consumer, *, ahead: Ahead | None = None, order: int = 50) -> None:
    """Have `consumer` be handed every event once; the same name again replaces it.

    What takes long and writes nothing is done by `ahead`, of the same events and before the transaction; what it gives
    is handed to the consumer as well. The book may have changed in between, but not the events.
    """
    _consumers[name] = _Registered(order, name, consumer, ahead)


def rederive(name: str, again: Consumer, *, order: int = 50) -> None:
    """Have `again` be handed events that came before; its state is afterwards as if each had come once."""
    _derived[name] = _Registered(order, name, again)


def derived() -> list[str]:
    """Name what replays reach, in its order."""
    return [each.name for each in sorted(_derived.values())]


@transaction.atomic
def tell_again(events: Sequence[Event]) -> None:
    """Hand events once more to whatever is derived from them, and to nobody else."""
    for each in sorted(_derived.values()):
        each.consumer(events)


def registered() -> list[str]:
    """Name the consumers in their order, for `guanxi doctor`."""
    return [each.name for each in sorted(_consumers.values())]


@dataclass(frozen=True)
class _Looked:
    """Events of some spans, and what was thought of them."""

    spans: Spans
    events: list[Occurred]
    thoughts: dict[str, Any]

    @classmethod
    def ahead(cls, spans: Spans) -> "_Looked":
        return cls.at(spans, _foreseen_at(spans))

    @classmethod
    def at(cls, spans: Spans, foreseen: list[Occurred] | None = None) -> "_Looked":
        events = foreseen or Occurred.all_of(_of(spans))
        ahead = [each for each in _consumers.values() if each.ahead and events]
        return cls(spans, events, {each.name: each.ahead(events) for each in ahead if each.ahead})

    @property
    def stands(self) -> bool:
        """Tell whether the events are still as they were when they were looked at.

        Versions only ever grow, so that two sums say that none changed or went; whose they are is moved without one.
        """
        there = _of(self.spans).order_by()
        now = there.aggregate(count=Count("pk"), versions=Sum("version"))
        if now != {"count": len(self.events), "versions": sum(each.version for each in self.events) or None}:
            return False
        theirs = {each.pk: each.customer_id for each in self.events if each.customer_id is not None}
        return theirs == dict(there.filter(customer__isnull=False).values_list("pk", "customer"))


_foreseen: dict[int, Occurred] = {}


def foresee(events: Iterable[Occurred]) -> None:
    """Have events that this process has just committed told of without being read again; they are untold all the same.

    Whether they are still so is looked up when they are told of.
    """
    if len(_foreseen) > FORESEEN:
        _foreseen.clear()
    _foreseen.update((each.pk, each) for each in events)


def _foreseen_at(spans: Spans) -> list[Occurred] | None:
    """Take out the events of some spans, where all of them were foreseen."""
    keys = [pk for first, last in spans for pk in range(first, last + 1)]
    if not all(pk in _foreseen for pk in keys):
        return None
    return [_foreseen.pop(pk) for pk in keys]


def _of(spans: Spans) -> EventQuerySet:
    return Event.objects.filter(reduce(or_, (Q(pk__range=span) for span in spans))).order_by("pk")


def _hand_over(looked: _Looked) -> int:
    """Tell of what was looked at and not of what came since; of other spans where somebody else took these.

    Gives how many events there were, those deleted meanwhile too.
    """
    spans = _taken(_count(looked.spans))
    if spans and (spans != looked.spans or not looked.stands):
        looked = _Looked.at(spans)
    for each in sorted(_consumers.values()) if spans and looked.events else ():
        each.hand(looked)
    return _count(spans)


def _count(spans: Spans) -> int:
    return sum(last - first + 1 for first, last in spans)


def _taken(most: int) -> Spans:
    """Take spans that nobody was told of out of those that wait."""
    waiting = Untold.objects.order_by("pk")
    if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
        waiting = waiting.select_for_update(skip_locked=True)
    spans, whole = _waiting(waiting, most)
    if len(whole) < len(spans):
        Untold.objects.filter(last_id__gt=spans[-1][1], first_id=spans[-1][0]).update(first_id=spans[-1][1] + 1)
    Untold.objects.filter(pk__in=whole).delete()
    return spans


def _waiting(rows: QuerySet[Untold], most: int) -> tuple[Spans, list[int]]:
    """Give the spans that are next, and the rows that they use up: all but the last, or all."""
    spans: Spans = []
    whole: list[int] = []
    for each in rows[:RANGES]:
        if (room := most - _count(spans)) <= 0:
            break
        spans.append((each.first_id, min(each.last_id, each.first_id + room - 1)))
        if spans[-1][1] == each.last_id:
            whole.append(each.pk)
    return spans, whole


_pace = Pace(200, least=50, most=2_000)  # events at once


def _tell() -> int:
    """Hand over a set of what waits; gives how many events, none when nothing waits."""
    spans, _whole = _waiting(Untold.objects.order_by("pk"), _pace.size)
    looked = _Looked.ahead(spans) if spans else None
    return _pace.keep(partial(_hand_over, looked)) if looked else 0


def tell_all() -> int:
    """Hand over everything that waits, set after set; gives how many events."""
    return sum(iter(_tell, 0))


def keep_up() -> None:
    """Hand over what has just come, under `TURN`; of much, so much that whoever calls can soon go on."""
    for _nth in range(FULL_SETS):
        size = _pace.size
        if _tell() < size:
            return


def tend() -> bool:
    """Hand over what waits for a while, where nobody else does; tells whether anything was."""
    if not Untold.objects.exists():
        return False
    try:
        with lease(TURN) as held:
            return _tend(held)
    except LeaseTaken:
        return False


def _tend(held: Heartbeat) -> bool:
    until = monotonic() + SECONDS
    while monotonic() < until and _tell():
        held.check()
    return True
