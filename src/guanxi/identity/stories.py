"""How merges and splits are told in a customer's timeline."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import Staff
from guanxi.customers.models import Event
from guanxi.customers.timeline import Chapter
from guanxi.pages.components import Occurrence

TELLERS: Mapping[str, Callable[[], str]] = {
    "Customers Merged": lambda: _("Merged with another customer: they are one person"),
    "Customers Unmerged": lambda: _("A merge was taken back"),
    "Profiles Separated": lambda: _("Identities were split off: they are somebody else"),
}


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell what was done and by whom, in one query for all of them."""
    by = {event.properties.get("by") for event in events}
    names = dict(Staff.objects.filter(pk__in=[pk for pk in by if pk]).values_list("pk", "display_name"))
    return {
        event.pk: Occurrence(
            _here(event.occurred_at), TELLERS[event.name](), "git-merge", "", names.get(event.properties.get("by"), "")
        )
        for event in events
    }


def _here(instant: dt.datetime) -> dt.datetime:
    return timezone.localtime(instant).replace(tzinfo=None)


CHAPTER = Chapter("identity", gettext_lazy("Merges"), tuple(TELLERS), tell)
