"""What an address asks of the pages of products and places: how many days, which figure, and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from guanxi.pages.charts import Form
from guanxi.pages.components import Tab

EVER = 0
SPANS: Mapping[int, Promise] = {
    30: gettext_lazy("Last 30 days"),
    90: gettext_lazy("Last 90 days"),
    365: gettext_lazy("Last 12 months"),
    EVER: gettext_lazy("All time"),
}
FIGURES: Mapping[str, tuple[Promise, Form]] = {
    "net_minor": (gettext_lazy("Net sales"), "money"),
    "orders": (gettext_lazy("Orders"), "count"),
    "units": (gettext_lazy("Units sold"), "number"),
}
PARTS: Mapping[str, Promise] = {"product": gettext_lazy("By product"), "category": gettext_lazy("By category")}
SCALES: Mapping[str, Promise] = {"round": gettext_lazy("Round limits"), "fifths": gettext_lazy("Fifths of the units")}
SHADES: Mapping[str, Promise] = {
    "average": gettext_lazy("By paid order"), "net": gettext_lazy("Net sales"),
}  # fmt: skip
LONGEST = 60


@dataclass(frozen=True)
class Asked:
    """What an address asks for; what makes no sense is as if it were not there. `days` 0 is all time."""

    days: int = 90
    figure: str = "net_minor"
    part: str = "product"
    scale: str = "round"
    season: str = ""
    shade: str = "average"

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        """Read an address."""
        usual = cls()
        return cls(
            next((days for days in SPANS if told.get("days") == str(days)), usual.days),
            told["figure"] if told.get("figure") in FIGURES else usual.figure,
            told["part"] if told.get("part") in PARTS else usual.part,
            told["scale"] if told.get("scale") in SCALES else usual.scale,
            told.get("season", "").replace("\0", "")[:LONGEST],
            told["shade"] if told.get("shade") in SHADES else usual.shade,
        )

    def query(self, **changed: Any) -> str:
        """Write the address of the same with something changed, without what goes without saying."""
        now, usual = vars(replace(self, **changed)), vars(Asked())
        return urlencode({name: value for name, value in now.items() if value != usual[name]})

    def tabs(self, name: str, choices: Mapping[Any, Any], where: str = "") -> list[Tab]:
        """The choices of one thing, each leading to the same page with it changed."""
        return [
            Tab(
                words[0] if isinstance(words, tuple) else words,
                f"?{self.query(**{name: value})}{where}",
                active=getattr(self, name) == value,
            )
            for value, words in choices.items()
        ]

    @property
    def span_tabs(self) -> list[Tab]:
        """The switch of days."""
        return self.tabs("days", SPANS)

    @property
    def span(self) -> str:
        """The days in words, as they begin a line."""
        return str(SPANS[self.days])
