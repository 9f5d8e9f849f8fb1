"""The history of the rules: who changed them, when, and what each version said otherwise than the one before."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.trail import Named, Words
from guanxi.insight import amendment
from guanxi.insight.amendment import Change
from guanxi.insight.models import RfmScheme

SHOWN = 50


@dataclass(frozen=True)
class Version:
    """One version, and what it changed; the first changed nothing."""

    kept: RfmScheme
    changes: list[Change]
    in_force: bool


@dataclass(frozen=True)
class Versions:
    """The newest versions, newest first; `more` where there are older ones."""

    shown: list[Version]
    more: bool

    @classmethod
    def read(cls, currency: str) -> "Versions":
        """Read them, each with the one before it."""
        RfmScheme.current()
        kept = list(RfmScheme.objects.newest_first().select_related("by")[: SHOWN + 1])
        before = [each.scheme for each in kept[1:]]
        told = [amendment.changes(was, each.scheme, currency) for each, was in zip(kept, before, strict=False)]
        shown = [
            Version(each, told[place] if place < len(told) else [], in_force=place == 0)
            for place, each in enumerate(kept[:SHOWN])
        ]
        return cls(shown, more=len(kept) > SHOWN)


def _named(keys: Iterable[str]) -> dict[str, Named]:
    return dict.fromkeys(keys, Named(_("Rules of value"), reverse("insight:rules-versions")))


WORDS = Words(
    acts={"rfm.adopted": _("Put other rules of RFM in force")}, fields={"version": _("Version")}, names=_named
)
