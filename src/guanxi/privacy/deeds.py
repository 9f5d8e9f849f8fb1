"""What is done for the privacy of people, in the words of the audit trail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words
from guanxi.customers.lifetimes import lifetimes
from guanxi.customers.models import Wording


def wordings(keys: Iterable[str]) -> dict[str, Named]:
    """Name wordings."""
    found = Wording.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.key, reverse("privacy:wordings")) for each in found}


WORDING = Words(
    acts={
        "wording.written": _("Changed the words that ask for a consent"),
        "wording.retired": _("Retired the words that ask for a consent"),
        "wording.restored": _("Brought the words that ask for a consent back"),
    },
    fields={"text": _("Wording")},
    names=wordings,
)


def subjects(keys: Iterable[str]) -> dict[str, Named]:
    """Name what is kept for a time."""
    titles = {each.name: each.title for each in lifetimes()}
    return {key: Named(titles.get(key, key), reverse("privacy:retention")) for key in keys}


RETENTION = Words(
    acts={"retention.decided": _("Decided how long something is kept"), "retention.done": _("Kept to the retention")},
    fields={"days": _("Days kept"), "is_on": _("Runs at night"), "rows": _("Rows")},
    names=subjects,
)
