"""What an address asks of moves between classes: from which of the days that classes are kept of, to which."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.errors import BadInput
from guanxi.pages import moments

NOW, MONTH, QUARTER, YEAR = "now", "month", "quarter", "year"
PARTS = (NOW, MONTH, QUARTER, YEAR)  # the newest day first
TITLES: Mapping[str, Promise] = {
    NOW: gettext_lazy("the last day"),
    MONTH: gettext_lazy("a month ago"),
    QUARTER: gettext_lazy("a quarter ago"),
    YEAR: gettext_lazy("a year ago"),
}
COLUMNS = {NOW: "class", MONTH: "class_month", QUARTER: "class_quarter", YEAR: "class_year"}  # of the mart
PARAMETERS = {NOW: "as_of", MONTH: "month_ago", QUARTER: "quarter_ago", YEAR: "year_ago"}
Days = Mapping[str, dt.date]


class BadDays(BadInput):
    """Two days between which no moves are kept; the text says which there are, `field` which of the two is wrong."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class AskedMoves:
    """Two of the days, the earlier one first."""

    since: str
    until: str = NOW

    @classmethod
    def of(cls, told: Mapping[str, str], days: Days, usual: str) -> "AskedMoves":
        """Read an address: `month`, or the day itself as 2024-10-11. Raises BadDays.

        `usual` is the earlier day where none is told; where the later one is no later, the last day takes its place.
        """
        until = _part(told.get("until", ""), days, "until", NOW)
        since = _part(told.get("since", ""), days, "since", usual if days[usual] < days[until] else YEAR)
        if days[since] >= days[until]:
            said = {"since": moments.full_day(days[since]), "until": moments.full_day(days[until])}
            raise BadDays(
                _("%(since)s does not lie before %(until)s. Choose an earlier day to begin with.") % said, "since"
            )
        return cls(since, until)

    def query(self, **more: str) -> str:
        """Write it as an address, with whatever else is asked."""
        return "?" + urlencode({"since": self.since, "until": self.until, **more})


def _part(text: str, days: Days, field: str, usual: str) -> str:
    if not text or text in PARTS:
        return text or usual
    said = {"day": text[:20], "last": moments.full_day(days[NOW]), "known": listed(days)}
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadDays(_("“%(day)s” is no day. Classes are kept of these: %(known)s.") % said, field) from None
    found = next((part for part in PARTS if days[part] == day), None)
    if found is None and day > days[NOW]:
        raise BadDays(_("%(day)s lies after the last day observed, %(last)s.") % said, field)
    if found is None:
        raise BadDays(_("Classes of %(day)s are not kept, but of these days: %(known)s.") % said, field)
    return found


def listed(days: Days, parts: Sequence[str] = PARTS) -> str:
    """Write the days there are, the earliest first."""
    return " · ".join(moments.full_day(days[part]) for part in reversed(parts))
