"""How far the estimates of value can be trusted: the back-test, and how the model was chosen."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from guanxi.insight import sheets
from guanxi.insight.report import ASKED, HOLDOUT
from guanxi.insight.valuation import TOO_FEW
from guanxi.insight.worth import NAIVE, TITLES
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column, Table


class Forecast(NamedTuple):
    """One forecast beside what happened."""

    title: str
    expected: float
    bias: float
    error: float
    is_chosen: bool


@dataclass(frozen=True)
class Trust:
    """What a run says of its own models."""

    told: Mapping[str, Any]

    @property
    def held(self) -> Mapping[str, Any] | None:
        """The back-test; None where it could not be made."""
        found: Mapping[str, Any] | None = self.told.get("hold_out")
        return found

    @property
    def title(self) -> str:
        """The name of the model."""
        return TITLES[self.told["model"]]

    @property
    def reason(self) -> str:
        """Why it is this model."""
        why, name = self.told["chosen_by"], {"model": self.title}
        if why == ASKED:
            return _("%(model)s was asked for.") % name
        if why == HOLDOUT:
            return _("%(model)s: both models were tried on the past, and no other was clearly nearer.") % name
        if why == TOO_FEW:
            return _("%(model)s, the simpler one: too few customers bought again to try both on the past.") % name
        return _("%(model)s, the simpler one: it takes twelve weeks of orders to try both on the past.") % name

    @property
    def forecasts(self) -> list[Forecast]:
        """The models before the naive forecasts."""
        rows: Sequence[Mapping[str, Any]] = self.held["forecasts"] if self.held else ()
        return [
            Forecast(
                str(TITLES.get(row["name"]) or NAIVE[row["name"]]), row["expected"], row["bias"], row["error"],
                is_chosen=row["name"] == self.told["model"],
            )
            for row in rows
        ]  # fmt: skip

    @property
    def sheet(self) -> Table:
        """The forecasts as a file."""
        return sheets.forecasts(self.forecasts)

    @property
    def seen(self) -> int:
        """How many orders there really were."""
        return int(self.held["forecasts"][0]["seen"]) if self.held else 0

    @property
    def finding(self) -> str:
        """What the back-test says, in a sentence."""
        if self.held is None:
            return ""
        by = {row["name"]: row for row in self.held["forecasts"]}
        best, naive = by[self.held["best"]], min((by[name] for name in NAIVE), key=lambda row: abs(row["bias"]))
        said = {
            "model": TITLES[self.held["best"]],
            "day": moments.full_day(self.cut),
            "off": formats.percent(abs(best["bias"])),
            "naive": formats.percent(abs(naive["bias"])),
        }
        more = _(
            "From %(day)s on %(model)s expected %(off)s more orders than came; the better of two simple rules was off "
            "by %(naive)s."
        )
        fewer = _(
            "From %(day)s on %(model)s expected %(off)s fewer orders than came; the better of two simple rules was off "
            "by %(naive)s."
        )
        return (more if best["bias"] >= 0 else fewer) % said

    @property
    def cut(self) -> dt.date:
        """The day up to which the models of the back-test knew."""
        return dt.date.fromisoformat(self.held["cut"]) if self.held else dt.date.fromisoformat(self.told["as_of"])

    @property
    def chart(self) -> Chart | None:
        """What was expected since, beside what came, and beside everybody going on at their rate."""
        if self.held is None:
            return None
        rate = next(row["expected"] for row in self.held["forecasts"] if row["name"] == "same-rate")
        rows = [
            {"day": self.cut + dt.timedelta(days=day), "seen": seen, "expected": round(expected),
             "rate": round(rate * day / self.held["days"])}
            for day, expected, seen in self.held["curve"]
        ]  # fmt: skip
        columns = [
            Column("day", _("Day"), form="day"),
            Column("seen", _("Orders that came"), form="count", series=1),
            Column(
                "expected", _("Expected by %(model)s") % {"model": TITLES[self.held["best"]]}, form="count", series=2
            ),
            Column("rate", str(NAIVE["same-rate"]), form="count", series=0),
        ]
        return Chart("value-back-test", "line", self.finding, columns, rows)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of both models, as their papers name them."""
        unit = _("days") if self.told["unit"] == "day" else _("weeks")
        money = self.told.get("gamma_gamma") or {}
        named = [(name, formats.decimal(value, 3)) for name, value in self.told["parameters"].items()]
        spent = [(name, formats.decimal(money[name], 2)) for name in "pqv" if money]
        height = [("log L", formats.decimal(self.told["log_likelihood"], 1))] if named else []
        return [(_("Time in"), unit), *named, *height, *spent]
