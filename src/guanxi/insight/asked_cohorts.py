"""What an address asks of the page of retention: what counts as active, which figure, which customers, how far back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.http import urlencode

from guanxi.insight.cohorts import DOCUMENTS, PURCHASES
from guanxi.pages.components import Tab

SHARE, CUSTOMERS, NET, EACH = "share", "customers", "net", "each"
FIGURES = (SHARE, CUSTOMERS, NET, EACH)
CHANNEL, CATEGORY, PRODUCT, ALL = "channel", "category", "product", "all"
DIMENSIONS = (PRODUCT, CATEGORY, CHANNEL)
EVER, USUAL_DAYS = 0, 90
LENGTHS = (30, 60, 90, 180, 365, EVER)
LONGEST = 200
USUAL: dict[str, Any] = {
    "basis": PURCHASES,
    "shows": SHARE,
    "group": "",
    "by": PRODUCT,
    "within": USUAL_DAYS,
    "until": "",
}


@dataclass(frozen=True)
class AskedCohorts:
    """What an address asks for; what makes no sense is as if it were not there.

    `group` is a dimension and a segment of it, `channel:own`, or empty for everybody; `until` the month of the newest
    cohort shown, `2011-12`.
    """

    basis: str = PURCHASES
    shows: str = SHARE
    group: str = ""
    by: str = PRODUCT
    within: int = USUAL_DAYS
    until: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "AskedCohorts":
        """Read an address."""
        group = told.get("group", "").replace("\0", "")[:LONGEST]
        return cls(
            basis=DOCUMENTS if told.get("basis") == DOCUMENTS else PURCHASES,
            shows=told["shows"] if told.get("shows") in FIGURES else SHARE,
            group=group if group.partition(":")[0] in DIMENSIONS else "",
            by=told["by"] if told.get("by") in DIMENSIONS else PRODUCT,
            within=next((days for days in LENGTHS if told.get("within") == str(days)), USUAL_DAYS),
            until=told.get("until", "") if month_in(told.get("until", "")) else "",
        )

    @property
    def dimension(self) -> str:
        """By what the customers are chosen, `all` where they are not."""
        return self.group.partition(":")[0] or ALL

    @property
    def segment(self) -> str:
        """Which of them are chosen."""
        return self.group.partition(":")[2]

    @property
    def quoted(self) -> str:
        """The segment as it stands in SQL between quotation marks, for the reader to copy."""
        return self.segment.replace("'", "''")

    @property
    def own_basis(self) -> str:
        """What counts as active, where it is not the usual."""
        return "" if self.basis == PURCHASES else self.basis

    def query(self, **changed: Any) -> str:
        """Write the address of the same with something changed, without what goes without saying."""
        now = vars(replace(self, **changed))
        return urlencode({name: value for name, value in now.items() if value != USUAL[name]})

    def tab(self, words: Any, where: str, **changed: Any) -> Tab:
        """A choice that leads to the same page with something changed."""
        return Tab(words, f"?{self.query(**changed)}#{where}", active=replace(self, **changed) == self)


def month_in(text: str) -> dt.date | None:
    """Read a month, `2011-12`; None where it is none.

    >>> month_in("2011-12"), month_in("2011-13")
    (datetime.date(2011, 12, 1), None)
    """
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not (year + month).isascii() or not (year + month).isdigit():
        return None
    return dt.date(int(year), int(month), 1) if 1 <= int(month) <= 12 and int(year) else None
