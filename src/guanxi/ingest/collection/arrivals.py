"""What arrives of sources: how much an hour, when last, and the newest events themselves."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.core.time import now
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Event
from guanxi.ingest.models import EventSource, Quarantined, SeenEvent, SourceHour
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column

HOURS = 24
SHOWN = 20
LONGEST, MOST_TOLD = 60, 12  # signs of a value, fields of an event
NEARLY = 60 * 60


@dataclass
class Arrivals:
    """What came of one source: events an hour, the oldest first and the running one last; and when the last came."""

    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    last_at: dt.datetime | None = None
    quarantined: int = 0

    @property
    def this_hour(self) -> int:
        """How many came since the hour struck."""
        return self.hours[-1]

    @property
    def day(self) -> int:
        """How many came within the hours looked at."""
        return sum(self.hours)


def arrivals(sources: Iterable[EventSource]) -> dict[int, Arrivals]:
    """Tell what came of each of some sources, in three queries for all of them."""
    found = {source.pk: Arrivals() for source in sources}
    hour = _this_hour()
    rows = SourceHour.objects.filter(source__in=found, hour__gt=hour - dt.timedelta(hours=HOURS))
    for source, at, count in rows.values_list("source", "hour", "events"):
        place = HOURS - 1 - int((hour - at).total_seconds() // NEARLY)
        if 0 <= place < HOURS:
            found[source].hours[place] += count
    lasts = SeenEvent.objects.filter(source__in=found).values_list("source").annotate(last=Max("last_at")).order_by()
    for key, last in lasts:
        found[key].last_at = last
    aside = Quarantined.objects.filter(source__in=found).values_list("source").annotate(count=Count("pk")).order_by()
    for key, count in aside:
        found[key].quarantined = count
    return found


def _this_hour() -> dt.datetime:
    return now().replace(minute=0, second=0, microsecond=0)


def chart(told: Arrivals) -> Chart:
    """Draw the events of the last day, hour by hour."""
    hours = [_this_hour() - dt.timedelta(hours=HOURS - 1 - place) for place in range(HOURS)]
    names = [timezone.localtime(hour).strftime("%H:%M") for hour in hours]
    rows: list[dict[str, Any]] = [
        {"hour": name, "events": count} for name, count in zip(names, told.hours, strict=True)
    ]
    return Chart(
        name="source-hours",
        kind="bars",
        finding=_finding(told, names),
        columns=[
            Column("hour", gettext_lazy("Hour")),
            Column("events", gettext_lazy("Events"), form="count", series=1),
        ],
        rows=rows,
        height="s",
        unfinished=names[-1],
    )


def _finding(told: Arrivals, names: Sequence[str]) -> str:
    if not told.day:
        return _("Nothing came within a day.")
    most = max(range(HOURS), key=lambda place: told.hours[place])
    said = {"count": formats.count(told.day), "hour": names[most], "most": formats.count(told.hours[most])}
    return _("%(count)s events in 24 hours, most from %(hour)s on: %(most)s.") % said


@dataclass(frozen=True)
class Arrived:
    """One event as the live view shows it."""

    event: Event
    who: str
    customer_id: int | None
    told: Sequence[tuple[str, str]]


def newest(source: EventSource, reader: Staff) -> list[Arrived]:
    """Give the newest events of a source, names of people masked; who may not see people sees none of them."""
    ids: list[int] = []
    for told in SourceHour.objects.filter(source=source).order_by("-hour").values_list("newest", flat=True)[:HOURS]:
        ids += reversed(told)
        if len(ids) >= SHOWN:
            break
    events = list(Event.objects.filter(pk__in=ids[:SHOWN]).select_related("customer").order_by("-pk"))
    sees = reader.may("customers.view")
    faces = faces_of([each.customer for each in events if each.customer]) if sees and events else {}
    return [_arrived(each, faces, sees=sees) for each in events]


def _arrived(event: Event, faces: dict[int, Face], *, sees: bool) -> Arrived:
    face = faces.get(event.customer_id or 0)
    who = face.name if face else "" if event.customer_id or not event.profile_id else _("A device")
    return Arrived(event, who, event.customer_id if sees else None, list(_told(event.properties)))


def _told(properties: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in list(properties.items())[:MOST_TOLD]:
        if isinstance(value, dict):
            yield name[:LONGEST], "{…}"
        elif isinstance(value, list):
            yield name[:LONGEST], f"[{len(value)}]"
        else:
            text = str(value)
            yield name[:LONGEST], text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


@dataclass(frozen=True)
class Seen:
    """One event of a source's schema: its fields in the order of how often they come."""

    event: SeenEvent
    fields: Sequence[tuple[str, int, str]]


WORDS = {
    "text": gettext_lazy("text"), "number": gettext_lazy("number"), "flag": gettext_lazy("yes or no"),
    "list": gettext_lazy("list"), "object": gettext_lazy("object"), "nothing": gettext_lazy("empty"),
}  # fmt: skip


def schema(source: EventSource, *, most: int) -> list[Seen]:
    """Give what a source was seen to send, the most frequent first."""
    return [
        Seen(each, list(_fields(each)))
        for each in SeenEvent.objects.filter(source=source).order_by("-count", "pk")[:most]
    ]


def _fields(seen: SeenEvent) -> Iterable[tuple[str, int, str]]:
    comma = "、" if formats.chinese() else ", "
    for name, told in sorted(seen.fields.items(), key=lambda pair: (-pair[1]["n"], pair[0])):
        yield name, told["n"], comma.join(str(WORDS.get(word, word)) for word in told["types"])


def dropped(source: EventSource) -> list[tuple[str, int]]:
    """Name the fields that were dropped because they say something of people, the most frequent first."""
    counts: dict[str, int] = defaultdict(int)
    for told in SeenEvent.objects.filter(source=source).exclude(dropped={}).values_list("dropped", flat=True):
        for name, count in told.items():
            counts[name] += count
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
