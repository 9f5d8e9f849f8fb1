"""Why somebody is said to come or to stay away, in words; and when half of such customers have come."""

import datetime as dt
from collections.abc import Mapping
from math import ceil, log, log1p
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.pages import formats

GROUPS = ("silence", "rhythm", "often", "recent", "age")
WORTH_SAYING = 0.1  # of the log odds
MOST = 3
FARTHEST_DAYS = 730
Parts = Mapping[str, Any]


def silent_now(parts: Parts, written_on: dt.date, as_of: dt.date) -> int:
    """Say for how many days somebody has been silent, whenever the score was written.

    >>> silent_now({"silent_days": 10}, dt.date(2024, 11, 1), dt.date(2024, 11, 5))
    14
    """
    return int((as_of - written_on).days + parts["silent_days"])


def reasons(parts: Parts, silent_days: int, *, against: bool = False) -> list[str]:
    """Say what tells somebody from the middle customer, the strongest first.

    With `against`, only what speaks against their coming; they are overdue, so their silence is always said.
    """
    weights = [(float(parts[name]), name) for name in GROUPS]
    chosen = [(weight, name) for weight, name in weights if (weight < 0 or not against) and abs(weight) >= WORTH_SAYING]
    named = [name for _weight, name in sorted(chosen, key=lambda each: -abs(each[0]))[:MOST]]
    if against and "silence" not in named:
        named = ["silence", *named]
    says_rhythm = "silence" in named and parts["days"] > 1
    return [_said(name, parts, silent_days) for name in named if not (name == "rhythm" and says_rhythm)]


def half_days(probability: float, window_days: int) -> int | None:
    """Say after how many days half of such customers have bought; None where that is too far away to say.

    >>> half_days(0.5, 30), half_days(0.001, 30)
    (30, None)
    """
    rate = -log1p(-min(max(probability, 1e-12), 1 - 1e-12))
    days = ceil(round(window_days * log(2) / rate, 9))
    return days if days <= FARTHEST_DAYS else None


def in_days(length: int) -> str:
    """Write a number of days."""
    return ngettext("%(count)s day", "%(count)s days", length) % {"count": formats.count(length)}


def _said(name: str, parts: Parts, silent_days: int) -> str:
    gap = {"silent": in_days(silent_days), "gap": formats.count(round(parts["gap_days"]))}
    recent = {"count": formats.count(parts["recent_days"]), "window": in_days(2 * parts["window_days"])}
    match name:
        case "silence" if parts["days"] > 1:
            return _("silent for %(silent)s, usually buys every %(gap)s") % gap
        case "silence":
            return _("silent for %(silent)s") % gap
        case "rhythm":
            return _("usually buys every %(gap)s days") % gap
        case "often":
            bought = parts["days"]
            return ngettext("bought on %(count)s day only", "bought on %(count)s days", bought) % {
                "count": formats.count(bought)
            }
        case "recent" if parts["recent_days"]:
            return _("bought on %(count)s of the last %(window)s") % recent
        case "recent":
            return _("nothing bought in the last %(window)s") % recent
        case _:
            return _("how long they have been a customer")
