"""The one dispatcher of the stream: hands events to everybody who follows from them, each event once.

Whoever follows registers a consumer in `AppConfig.ready()`. It is called with a set of events, the oldest first, in the
transaction that also forgets that they were untold, and writes rows of its own there: nothing slow, and nothing that
leaves the book. Events of old files come by as well; where only news matter, look at `occurred_at`.

What is derived from events can be derived again: whoever keeps such state registers by `rederive` as well, and is
handed events a second time when somebody replays a span. Nobody else is: no webhook goes out twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.core.jobs.lease import LeaseTaken, lease
from guanxi.customers.models import Event, Untold

Consumer = Callable[[Sequence[Event]], None]
TURN = gettext_noop("tell of what happened")
SECONDS = 1.0  # that a worker stays with it before it looks for a job
LASTS = 0.012  # seconds a transaction may last on SQLite, where others wait for the writer
AT_FIRST, AT_LEAST, AT_MOST = 200, 50, 1_000  # events in a set
RANGES = 200


@dataclass(frozen=True, order=True)
class _Registered:
    order: int
    name: str
    consumer: Consumer


_consumers: dict[str, _Registered] = {}
_derived: dict[str, _Registered] = {}


def register(name: str, consumer: Consumer, *, order: int = 50) -> None:
    """Have `consumer` be handed every event once; the same name again replaces it."""
    _consumers[name] = _Registered(order, name, consumer)


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


@transaction.atomic
def tell_some(most: int = AT_FIRST) -> int:
    """Hand some events to everybody, the oldest first; gives how many there were, less those deleted meanwhile."""
    ids = _taken(most)
    events = list(Event.objects.filter(pk__in=ids).order_by("pk")) if ids else []
    for each in sorted(_consumers.values()) if events else ():
        each.consumer(events)
    return len(ids)


def _taken(most: int) -> list[int]:
    """Take ids that nobody was told of out of those that wait."""
    waiting = Untold.objects.order_by("pk")
    if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
        waiting = waiting.select_for_update(skip_locked=True)
    ids: list[int] = []
    whole: list[int] = []
    for each in waiting[:RANGES]:
        room = most - len(ids)
        if room <= 0:
            break
        ids += range(each.first_id, min(each.last_id, each.first_id + room - 1) + 1)
        if ids[-1] == each.last_id:
            whole.append(each.pk)
        else:
            Untold.objects.filter(pk=each.pk).update(first_id=ids[-1] + 1)
    Untold.objects.filter(pk__in=whole).delete()
    return ids


def tell_all() -> int:
    """Hand over everything that waits, set after set; gives how many events."""
    count, most = 0, AT_FIRST
    while True:
        begun = monotonic()
        done = tell_some(most)
        if not done:
            return count
        count, most = count + done, _next(most, monotonic() - begun)


def _next(most: int, seconds: float) -> int:
    return int(min(max(most * LASTS / max(seconds, 0.001), AT_LEAST), AT_MOST))


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
    until, most = monotonic() + SECONDS, AT_FIRST
    while (begun := monotonic()) < until and tell_some(most):
        held.check()
        most = _next(most, monotonic() - begun)
    return True
