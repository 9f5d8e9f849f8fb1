"""What happens now: the newest events of the stream as sentences about people, their names masked."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.time import now
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Event
from guanxi.customers.timeline import are_one_visit, as_one, gathering, is_theirs, tell
from guanxi.pages import formats, home
from guanxi.pages.components import Occurrence

SHOWN, LOOKED_AT = 8, 200
FRESH = dt.timedelta(days=1)


@dataclass(frozen=True)
class Happening:
    """One event: when, who, and what they did."""

    at: dt.datetime
    who: str
    customer_id: int | None
    told: Occurrence
    is_theirs: bool

    @property
    def sentence(self) -> SafeString:
        """What they did, to be read after their name; what others did for them stands apart from it."""
        text = str(conditional_escape(self.told.sentence))  # type: ignore[arg-type]  # lazy texts are escaped too
        if not self.is_theirs:
            text = "· " + text
        elif not formats.chinese():
            text = text[:1].lower() + text[1:]
        return mark_safe(text)  # noqa: S308 - escaped above

    @property
    def amount(self) -> str:
        """The money it was about, after the comma of the language; nothing where there was none."""
        comma = "，" if formats.chinese() else ", "
        return comma + self.told.amount if self.told.amount else ""

    @property
    def is_fresh(self) -> bool:
        """Whether it happened within a day."""
        return now() - self.at < FRESH


def happenings() -> list[Happening]:
    """Tell the newest events, in a few queries however many there are: a visit as one, business before visits."""
    newest = Event.objects.filter(occurred_at__lte=now()).newest_first().select_related("customer")
    chosen = _chosen(_visits(list(newest[:LOOKED_AT])))
    events = [event for visit in chosen for event in visit]
    told = dict(zip([event.pk for event in events], tell(events), strict=True))
    faces = faces_of([visit[0].customer for visit in chosen if visit[0].customer])
    return [_happening(visit, told, faces) for visit in chosen]


def _visits(events: Sequence[Event]) -> list[list[Event]]:
    """Bring together what one person or device did in one visit, wherever others stand between; the rest is alone."""
    visits: list[list[Event]] = []
    going_on: dict[tuple[int | None, int | None], list[Event]] = {}
    for event in events:
        whose = (event.customer_id, None if event.customer_id else event.profile_id)
        visit = going_on.get(whose)
        if visit and any(whose) and are_one_visit(visit[-1], event):
            visit.append(event)
        else:
            visits.append([event])
            going_on[whose] = visits[-1]
    return visits


def _chosen(visits: Sequence[list[Event]]) -> list[list[Event]]:
    """Choose what is shown, the newest first; who looks around is told where business leaves room."""
    first = sorted(visits, key=lambda visit: gathering(visit[0]) is not None)[:SHOWN]
    return sorted(first, key=lambda visit: (visit[0].occurred_at, visit[0].pk), reverse=True)


def _happening(visit: Sequence[Event], told: Mapping[int, Occurrence], faces: Mapping[int, Face]) -> Happening:
    event = visit[0]
    occurrence = as_one([(each, told[each.pk]) for each in visit])
    return Happening(event.occurred_at, _who(event, faces), event.customer_id, occurrence, is_theirs=is_theirs(event))


def _who(event: Event, faces: Mapping[int, Face]) -> str:
    """Call somebody by their masked name, else by where they are from; a device nobody knows is a visitor."""
    face = faces.get(event.customer_id or 0)
    if face is None:
        return _("A visitor") if event.profile_id else _("A guest")
    city = event.customer.city if event.customer and not event.customer.erased_at else ""
    return _("Somebody from %(city)s") % {"city": city} if city and not face.named else face.name


def is_live(found: Sequence[Happening]) -> bool:
    """Tell whether anything happened within a day."""
    return bool(found) and found[0].is_fresh


CARD = home.Card(
    name="now", title=gettext_lazy("Happening now"), url_name="customers:home-now", order=60, span=6, height=4,
    permission="customers.view",
)  # fmt: skip
