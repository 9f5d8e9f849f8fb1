"""What was done about who is who, in the words of the audit trail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words


def _named(keys: Iterable[str]) -> dict[str, Named]:
    return dict.fromkeys(keys, Named(_("Who is who"), reverse("identity:rules")))


RULES = Words(
    acts={"identity.adopted": _("Put other rules of who is who in force")},
    fields={"version": _("Version")},
    names=_named,
)


def _pairs(keys: Iterable[str]) -> dict[str, Named]:
    return dict.fromkeys(keys, Named(_("A probable duplicate"), reverse("identity:duplicates")))


DUPLICATES = Words(
    acts={"duplicate.decided": _("Decided about a probable duplicate")},
    fields={"state": _("Decision")},
    names=_pairs,
)
