"""A reading as its page tells it: the finding, the arms, and each metric as a chart and a table."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from guanxi.guard.fileout import Cell
from guanxi.insight.models import ExperimentReading
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column

NOTHING = "—"
PROVEN_BELOW = 0.05
COLUMNS = (
    "metric", "arm", "is_control", "n", "mean", "sd", "difference", "low", "high", "statistic", "p", "p_holm",
    "always_low", "always_high",
)  # fmt: skip
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Arm:
    """An arm of one metric, in words and figures."""

    told: Told
    is_share: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.told["arm"])

    @property
    def mean(self) -> str:
        """The share of yes, or the mean."""
        return self._written(self.told["mean"], formats.percent if self.is_share else formats.decimal)

    @property
    def difference(self) -> str:
        """The difference to the arm it is compared with."""
        return self._difference(self.told["difference"])

    @property
    def interval(self) -> str:
        """Where the difference lies in 95 of 100 experiments."""
        return self._span(self.told["interval"])

    @property
    def always(self) -> str:
        """Where it lies at every look."""
        return self._span((self.told["always"] or {}).get("interval"))

    @property
    def statistic(self) -> str:
        """The z of two shares, or Welch's t."""
        found = self.told["z"] if self.told["z"] is not None else self.told["t"]
        return NOTHING if found is None else formats.decimal(found, 3)

    @property
    def p(self) -> str:
        """How often chance alone makes such a difference."""
        return chance(self.told["p"])

    @property
    def holm(self) -> str:
        """The same, corrected for all comparisons."""
        return chance(self.told["p_holm"])

    @property
    def is_proven(self) -> bool:
        """Whether chance alone rarely makes it."""
        return self.told["p_holm"] is not None and self.told["p_holm"] < PROVEN_BELOW

    def _difference(self, value: float | None) -> str:
        if self.is_share and value is not None:
            return formats.signed(value * 100, 3)
        return self._written(value, formats.signed)

    def _written(self, value: float | None, write: Any) -> str:
        return NOTHING if value is None else write(value, 3)

    def _span(self, ends: Any) -> str:
        return (
            NOTHING
            if not ends
            else _("%(low)s to %(high)s") % dict(zip(("low", "high"), map(self._difference, ends), strict=True))
        )


@dataclass(frozen=True)
class Metric:
    """One metric: its arms, and the intervals of their differences as a chart."""

    nth: int
    told: Told
    control: str

    @property
    def name(self) -> str:
        """The column."""
        return str(self.told["metric"])

    @property
    def is_share(self) -> bool:
        """Whether it is yes or no."""
        return bool(self.told["kind"] == "proportion")

    @property
    def arms(self) -> list[Arm]:
        """The arm compared with, and the others."""
        return [Arm(each, self.is_share) for each in self.told["arms"]]

    @property
    def unit(self) -> str:
        """What the differences are in."""
        return _("Difference, points") if self.is_share else _("Difference")

    @property
    def chart(self) -> Chart:
        """The differences with their intervals."""
        size = 100 if self.is_share else 1
        rows = [
            {
                "arm": each.name, "difference": _rounded(each.told["difference"], size),
                "low": _rounded((each.told["interval"] or [None])[0], size),
                "high": _rounded((each.told["interval"] or [None])[-1], size),
            }
            for each in self.arms if not each.told["is_control"]
        ]  # fmt: skip
        columns = [
            Column("arm", _("Arm")), Column("difference", self.unit, form="number", series=1),
            Column("low", _("At least (95%)"), form="number", series="low"),
            Column("high", _("At most (95%)"), form="number", series="high"),
        ]  # fmt: skip
        return Chart(f"trial-{self.nth}", "interval", self.finding, columns, rows, height="s")

    @property
    def finding(self) -> str:
        """Which arms differ."""
        proven = [each.name for each in self.arms if each.is_proven]
        said = {"metric": self.name, "control": self.control, "arms": "、".join(proven)}
        if proven:
            return _("%(metric)s differs from “%(control)s” by more than chance with: %(arms)s.") % said
        return _("%(metric)s: chance alone makes such differences often enough.") % said


@dataclass(frozen=True)
class Page:
    """A kept reading."""

    reading: ExperimentReading

    @property
    def figures(self) -> Told:
        """What was computed."""
        told: Told = self.reading.figures
        return told

    @property
    def is_mismatch(self) -> bool:
        """Whether the arms are not as large as planned."""
        return bool(self.figures["sample_ratio"]["mismatch"])

    @cached_property
    def metrics(self) -> list[Metric]:
        """What was measured."""
        return [Metric(nth, each, self.figures["control"]) for nth, each in enumerate(self.figures["metrics"], 1)]

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if self.is_mismatch:
            return _("The arms are not as large as planned, so trust no difference yet")
        proven = [(metric, arm) for metric in self.metrics for arm in metric.arms if arm.is_proven]
        if not proven:
            return _("Nothing is proven: chance alone makes such differences often enough")
        metric, arm = min(proven, key=lambda pair: pair[1].told["p_holm"])
        said = {"metric": metric.name, "arm": arm.name, "control": metric.control}
        if arm.told["difference"] < 0:
            return _("%(metric)s is lower with “%(arm)s” than with “%(control)s”") % said
        return _("%(metric)s is higher with “%(arm)s” than with “%(control)s”") % said

    @property
    def sentences(self) -> list[str]:
        """All it says, in the language of the page."""
        told: list[str] = self.reading.sentences["zh" if formats.chinese() else "en"]
        return told

    @property
    def arms(self) -> list[tuple[str, str, str, str]]:
        """Name, rows, share, and planned share of each arm."""
        rows = sum(each["n"] for each in self.figures["arms"])
        return [
            (each["arm"], formats.count(each["n"]), formats.percent(each["n"] / rows, 2),
             formats.percent(each["planned_share"], 2))
            for each in self.figures["arms"]
        ]  # fmt: skip

    @property
    def ratio(self) -> str:
        """The test of the arms' sizes."""
        found = self.figures["sample_ratio"]
        return f"χ² = {formats.decimal(found['chi2'], 2)}, p = {chance(found['p'])}"

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """One row an arm and metric, for a file."""
        for metric in self.figures["metrics"]:
            for arm in metric["arms"]:
                yield [metric["metric"], *(_cell(arm, name) for name in COLUMNS[1:])]


def chance(p: float | None) -> str:
    """Write a p-value with three digits.

    >>> chance(0.0015542), chance(0.0086), chance(1e-9), chance(0.5), chance(None)
    ('0.00155', '0.00860', '< 0.0001', '0.500', '—')
    """
    if p is None:
        return NOTHING
    return "< 0.0001" if p < 1e-4 else formats.decimal(p, min(6, max(3, 2 - math.floor(math.log10(p)))))


def _rounded(value: float | None, size: int) -> float | None:
    return None if value is None else round(value * size, 3)


def _cell(arm: Told, name: str) -> Cell:
    always = (arm["always"] or {}).get("interval")
    ends = {"low": arm["interval"], "high": arm["interval"], "always_low": always, "always_high": always}
    if name in ends:
        low, high = ends[name] or (None, None)
        return float(found) if (found := low if name.endswith("low") else high) is not None else None
    if name == "statistic":
        name = "t" if arm["z"] is None else "z"
    told: Cell = arm[name]
    return told
