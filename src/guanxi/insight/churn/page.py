"""The page of who will come back: who is at risk and what is at stake, how good that is, and whether it still holds."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer, Score
from guanxi.guard.fileout import Cell
from guanxi.insight.churn.drift import moved
from guanxi.insight.churn.reasons import half_days, in_days, reasons, silent_now
from guanxi.insight.churn.run import AT_RISK, CHURN, ChurnRun
from guanxi.insight.explanation import age_of
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric
from guanxi.pages.shell import AsOf

SHOWN = 20
AT_ONCE = 500
KEPT_RUNS = 8  # on the page
COLUMNS = ("id", "name", "probability", "low", "high", "days", "silent_days", "next_on", "at_stake_minor", "reasons")


class Risk(NamedTuple):
    """A customer at risk, with what is said of them."""

    customer: Customer
    face: Face
    parts: Mapping[str, Any]
    silent_days: int
    next_on: dt.date | None
    why: str


@dataclass(frozen=True)
class ChurnPage:
    """The last computation, as the page tells it."""

    run: ChurnRun | None
    currency: str

    @classmethod
    def now(cls) -> "ChurnPage":
        """Read the last run."""
        return cls(ChurnRun.latest(), base_currency())

    @property
    def told(self) -> Mapping[str, Any]:
        """What the run said; nothing while nobody has bought."""
        return self.run.told if self.run and self.run.customers else {}

    @property
    def trial(self) -> Mapping[str, Any] | None:
        """How it did on the window that is over; None where that could not be tried."""
        return self.told.get("trial")

    @property
    def window(self) -> str:
        """The days looked ahead, in words."""
        return in_days(self.told["window_days"])

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if not self.told:
            return _("Who will come back is not estimated yet")
        risky = self.told["at_risk"]
        if not risky:
            return _("Nobody who used to buy is overdue")
        said = {"count": formats.count(risky), "stake": formats.money_large(self.told["at_stake_minor"], self.currency)}
        return (
            ngettext(
                "%(count)s customer is overdue, and sales of %(stake)s a year are at stake",
                "%(count)s customers are overdue, and sales of %(stake)s a year are at stake",
                risky,
            )
            % said
        )

    @property
    def sentence(self) -> str:
        """How that was tried."""
        if self.trial is None:
            short = self.told["untried"] == "short"
            return (
                _("Nobody had bought a window ago, so this could not be tried on the past yet.")
                if short
                else _("Too few bought before, or came since, to try this on the past yet.")
            )
        said = {name: formats.percent(self.trial[name]) for name in ("said", "came")} | {"window": self.window}
        return _("Tried on the last %(window)s: %(said)s were said to come, and %(came)s came.") % said

    @property
    def metrics(self) -> list[Metric]:
        """The figures."""
        found = [
            Metric(
                _("Probably buy"),
                formats.number_large(round(self.told["expected"])),
                note=_("of %(count)s, within %(window)s")
                % {"count": formats.count(self.told["customers"]), "window": self.window},
            ),
            Metric(_("At risk"), formats.number_large(self.told["at_risk"]), note=_("bought before, now overdue")),
            Metric(
                _("At stake"),
                formats.money_large(self.told["at_stake_minor"], self.currency),
                note=_("sales of 12 months × the chance to stay away"),
            ),
        ]
        if self.trial:
            note = _("times in 100 the one who comes is told from the one who does not; 50 is chance")
            found.append(Metric(_("Told apart"), formats.number_large(round(self.trial["auc"] * 100)), note=note))
        return found

    @property
    def warning(self) -> str:
        """What to know where calibration moved away."""
        if self.run is None or self.trial is None:
            return ""
        said = {name: formats.percent(self.trial[name]) for name in ("said", "came")}
        return {
            "more": _("More came than said: %(came)s instead of %(said)s. The probabilities are too low just now."),
            "fewer": _("Fewer came than said: %(came)s instead of %(said)s. The probabilities are too high just now."),
            "worse": _("The order of customers was better in earlier runs. See below how it changed."),
        }.get(moved(self.trial, self.run.trials_before()), "") % said

    @property
    def chart(self) -> Chart | None:
        """Draw what was said against what came, tenth by tenth."""
        if self.trial is None:
            return None
        columns = [
            Column("tenth", _("Customers, least likely first")),
            Column("said", _("Said to come"), form="percent", series="past"),
            Column("came", _("Came"), form="percent", series=1),
            Column("customers", _("Customers"), form="count"),
        ]
        rows = [
            {"tenth": str(nth), "said": said, "came": came, "customers": int(count)}
            for nth, (said, came, count) in enumerate(self.trial["tenths"], 1)
        ]
        best = {"came": formats.percent(rows[-1]["came"], 0), "least": formats.percent(rows[0]["came"], 0)}
        found = _("Of the likeliest tenth %(came)s came, of the least likely tenth %(least)s.") % best
        return Chart("churn-calibration", "bars", found, columns, rows)

    @property
    def closer(self) -> str:
        """How much better than telling everybody the same."""
        if self.trial is None or not self.trial["brier_base"]:
            return ""
        gain = 1 - self.trial["brier"] / self.trial["brier_base"]
        said = {"ours": formats.decimal(self.trial["brier"], 3), "base": formats.decimal(self.trial["brier_base"], 3)}
        if gain <= 0:
            return _("No closer than telling everybody the same: squared error %(ours)s against %(base)s.") % said
        return _("%(gain)s closer than telling everybody the same: squared error %(ours)s against %(base)s.") % (
            said | {"gain": formats.percent(gain, 0)}
        )

    @property
    def dates(self) -> list[str]:
        """How far off the days were by which half should have bought, in sentences; none where few were due."""
        found = (self.trial or {}).get("dates")
        if not found:
            return []
        said = {"due": formats.count(found["due"]), "share": formats.percent(found["by_then"], 0)}
        text = _("Of %(due)s whose day lay in these days, %(share)s had bought by it; half would be right.") % said
        if found["days_off"] is None:
            return [text]
        off = _("Those who came did so %(days)s from their day, in the middle.")
        return [text, off % {"days": in_days(round(found["days_off"]))}]

    @property
    def history(self) -> list[Mapping[str, Any]]:
        """The trials of this run and the ones before it, newest first."""
        if self.run is None or self.trial is None:
            return []
        return [{"as_of": self.run.as_of, **self.trial}, *self.run.trials_before(KEPT_RUNS - 1)]

    @property
    def age(self) -> AsOf | None:
        """When it was computed, with the reason where that is too long ago."""
        return age_of(self.run) if self.run else None

    def people(self, viewer: Staff) -> list[Risk]:
        """List those at risk whom the viewer may see, where most is at stake first."""
        return self._risks(viewer, list(self._scores(viewer)[:SHOWN])) if self.run else []

    def rows(self, viewer: Staff) -> Iterator[tuple[Cell, ...]]:
        """Give all at risk as rows of a file, names masked as on the page."""
        scores = iter(self._scores(viewer).iterator(AT_ONCE) if self.run else ())
        while some := list(islice(scores, AT_ONCE)):
            for each in self._risks(viewer, some):
                parts = each.parts
                yield (
                    each.customer.public_id, str(each.face.name), parts["probability"], parts["low"], parts["high"],
                    parts["days"], each.silent_days, each.next_on, parts["monetary_minor"], each.why,
                )  # fmt: skip

    def _scores(self, viewer: Staff) -> Any:
        seen = Score.objects.filter(name=CHURN, label=AT_RISK, customer__in=Customer.objects.visible_to(viewer))
        return seen.order_by("-value", "-weight", "-customer").values_list("customer_id", "parts", "as_of")

    def _risks(self, viewer: Staff, scores: list[tuple[int, Mapping[str, Any], dt.date]]) -> list[Risk]:
        known = Customer.objects.visible_to(viewer).in_bulk([key for key, _parts, _day in scores])
        faces = faces_of(list(known.values()))
        return [
            self._risk(known[key], faces[key], parts, written_on) for key, parts, written_on in scores if key in known
        ]

    def _risk(self, customer: Customer, face: Face, parts: Mapping[str, Any], written_on: dt.date) -> Risk:
        as_of = self.run.as_of if self.run else written_on
        silent, half = silent_now(parts, written_on, as_of), half_days(parts["probability"], parts["window_days"])
        why = (_("; ")).join(reasons(parts, silent, against=True))
        return Risk(customer, face, parts, silent, as_of + dt.timedelta(half) if half else None, why)
