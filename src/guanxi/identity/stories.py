"""How merges and splits are told in a customer's timeline."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers.models import Event
from guanxi.customers.timeline import Chapter, actors, here
from guanxi.pages.components import Occurrence

TELLERS: Mapping[str, Callable[[], str]] = {
    "Customers Merged": lambda: _("Merged with another customer: they are one person"),
    "Customers Unmerged": lambda: _("A merge was taken back"),
    "Profiles Separated": lambda: _("Identities were split off: they are somebody else"),
}


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell what was done and by whom, in one query for all of them."""
    names = actors(events)
    return {each.pk: _told(each, names.get(each.properties.get("by"), "")) for each in events}


def _told(event: Event, who: str) -> Occurrence:
    return Occurrence(here(event.occurred_at), TELLERS[event.name](), "git-merge", "", who)


CHAPTER = Chapter("identity", gettext_lazy("Merges"), tuple(TELLERS), tell)
