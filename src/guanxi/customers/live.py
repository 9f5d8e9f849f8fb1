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
from guanxi.customers.timeline import tell
from guanxi.pages import formats, home
from guanxi.pages.components import Occurrence

SHOWN = 8
FRESH = dt.timedelta(days=1)
THEIR_OWN = {"Order Placed", "Order Completed", "Consent Given", "Consent Withdrawn"}  # told by a verb of theirs


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
    """Tell the newest events, in a few queries however many there are."""
    events = list(Event.objects.filter(occurred_at__lte=now()).newest_first().select_related("customer")[:SHOWN])
    faces = faces_of([event.customer for event in events if event.customer])
    return [_happening(event, told, faces) for event, told in zip(events, tell(events), strict=True)]


def _happening(event: Event, told: Occurrence, faces: Mapping[int, Face]) -> Happening:
    face = faces.get(event.customer_id or 0)
    who = face.name if face else _("A guest")
    return Happening(event.occurred_at, who, event.customer_id, told, is_theirs=event.name in THEIR_OWN)


def is_live(found: Sequence[Happening]) -> bool:
    """Tell whether anything happened within a day."""
    return bool(found) and found[0].is_fresh


CARD = home.Card(
    name="now", title=gettext_lazy("Happening now"), url_name="customers:home-now", order=60, span=6, height=4,
    permission="customers.view",
)  # fmt: skip
