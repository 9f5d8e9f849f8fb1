"""Relations as one of the two sees them: a kind with its direction, in words, and the reasons for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.identity.graph.edges import Edge, Evidence
from guanxi.identity.graph.models import SAYABLE, Kind
from guanxi.identity.graph.neighbours import MOST_COUNTED, Shared
from guanxi.pages import formats

Words = str | Promise


@dataclass(frozen=True)
class Way:
    """One way in which somebody is related to whoever is looked at; `forward` where it leads to them."""

    name: str
    kind: str
    forward: bool
    title: Words
    series: int
    dash: str
    icon: str

    @property
    def kind_title(self) -> str:
        """What its kind is called, whoever looks."""
        return str(Kind(self.kind).label)

    @property
    def is_sayable(self) -> bool:
        """Whether it can be said by hand."""
        return self.kind in SAYABLE


def _both(name: str, kind: Kind, titles: tuple[Words, Words], *look: Any) -> Iterator[Way]:
    """Give both ways of a kind with a direction: to whoever is looked at from, and back."""
    for end, title, forward in ((f"{name}_to", titles[0], True), (f"{name}_from", titles[1], False)):
        yield Way(end, kind.value, forward, title, *look)


def _ways() -> Iterator[Way]:
    brought = (gettext_lazy("Came through this customer"), gettext_lazy("Brought this customer"))
    given = (gettext_lazy("Gets gifts from this customer"), gettext_lazy("Gives gifts to this customer"))
    even = {"forward": True}
    yield from _both("referral", Kind.REFERRAL, brought, 1, "", "user-plus")
    yield Way("household", "household", title=Kind.HOUSEHOLD.label, series=5, dash="8 3 2 3", icon="home-2", **even)
    yield from _both("gift", Kind.GIFT, given, 2, "6 4", "gift")
    yield Way("address", "address", title=Kind.ADDRESS.label, series=3, dash="2 3", icon="map-pin", **even)


WAYS = {way.name: way for way in _ways()}
ROLES: dict[str, Words] = {
    "address": gettext_lazy("to one address"),
    "recipient": gettext_lazy("to one phone"),
}
SHARED: dict[str, Words] = {
    "address": gettext_lazy("An address"),
    "recipient": gettext_lazy("A recipient's phone"),
    "phone": gettext_lazy("A phone"),
    "device": gettext_lazy("A device"),
}
SOURCES: dict[str, Words] = {
    "by hand": gettext_lazy("by hand"),
    "api": gettext_lazy("by a program"),
    "import": gettext_lazy("by an import"),
}


def way_of(edge: Edge, center: int) -> Way:
    """Find the way in which the other end of an edge is related to a customer."""
    forward = not edge.directed or edge.one == center
    return next(way for way in WAYS.values() if (way.kind, way.forward) == (edge.kind, forward))


def reason(told: Evidence) -> str:
    """Say one reason in words."""
    if told.what in ROLES:
        parcels = ngettext("%(count)s parcel %(where)s", "%(count)s parcels %(where)s", told.times)
        return parcels % {"count": formats.count(told.times), "where": ROLES[told.what]}
    if told.what == "said":
        how = SOURCES.get(told.source, told.source)
        return f"{told.by} · {how}" if told.by else str(how)
    return str(_("one phone of their own") if told.what == "phone" else _("one device"))


def warning(shared: Shared) -> str:
    """Say that a sign relates nobody, and by how many people it is borne."""
    count = formats.count(MOST_COUNTED if shared.is_more else shared.people) + ("+" if shared.is_more else "")
    if shared.role == "address":
        said = _("Shared by %(count)s people: a dormitory, a pick-up point or a company, not a family.")
    else:
        said = _("Shared by %(count)s people: too many to be a family.")
    return f"{SHARED[shared.role]} · {said % {'count': count}}"
