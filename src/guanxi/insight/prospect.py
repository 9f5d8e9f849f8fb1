"""What is expected of one customer within a year, as the panel tells it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.customers.models import Customer, Score
from guanxi.insight.explanation import age_of
from guanxi.insight.models import VALUE, ValueRun
from guanxi.insight.value_scores import LEAVING
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.pages.shell import AsOf


@dataclass(frozen=True)
class Prospect:
    """One customer's value as of the last run."""

    run: ValueRun
    score: Score
    currency: str

    @classmethod
    def of(cls, customer: Customer) -> "Prospect | None":
        """Find it; None where the customer has not bought yet, or nothing was computed since."""
        score = Score.objects.filter(customer=customer, name=VALUE).first()
        run = ValueRun.latest() if score else None
        return cls(run, score, base_currency()) if score and run else None

    @property
    def _parts(self) -> Mapping[str, Any]:
        parts: Mapping[str, Any] = self.score.parts
        return parts

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """What is expected, each with the ends of the middle of the futures."""
        parts = self._parts
        rows = [
            (_("Orders"), formats.decimal(parts["orders"], 1), formats.span(parts["least"], parts["most"])),
            (
                _("Still a customer"),
                formats.percent(parts["alive"], 0),
                f"{formats.decimal(parts['alive_low'] * 100)}–{formats.percent(parts['alive_high'], 0)}",
            ),
        ]
        if parts["monetary_minor"] is None:
            return rows
        ends = formats.money_range(parts["low_minor"], parts["high_minor"], self.currency)
        return [(_("Revenue"), formats.money_whole(parts["monetary_minor"], self.currency), ends), *rows]

    @property
    def sentence(self) -> str:
        """Why that is expected."""
        parts, days = self._parts, (self.run.as_of - self._last_on).days
        if parts["bought"] == 1:
            return _("Bought on one day so far: what comes is what others did who began likewise.")
        said = {
            "count": formats.count(parts["bought"]),
            "ago": moments.days_ago(days) if days > 0 else _("the same day"),
        }
        if parts["alive"] < LEAVING[0]:
            sentence = _("Bought on %(count)s days, the last one %(ago)s: they have probably left for good.")
        elif parts["alive"] < LEAVING[1]:
            sentence = _("Bought on %(count)s days, the last one %(ago)s: longer ago than their rhythm lets expect.")
        else:
            sentence = _("Bought on %(count)s days, the last one %(ago)s: that fits their rhythm so far.")
        return sentence % said

    @property
    def _last_on(self) -> dt.date:
        return self.score.as_of - dt.timedelta(days=self._parts["silent_days"])

    @property
    def title(self) -> str:
        """What the panel shows."""
        return _("Expected within 12 months")

    @property
    def few(self) -> str:
        """How many customers the estimate rests on, where these are few."""
        again = self.run.told.get("repeat_customers", 0)
        if not self.run.told.get("is_few"):
            return ""
        return ngettext(
            "Only %(count)s customer bought again so far, so this is mostly what shops in general see.",
            "Only %(count)s customers bought again so far, so part of this is what shops in general see.",
            again,
        ) % {"count": formats.count(again)}

    @property
    def age(self) -> AsOf:
        """When it was computed."""
        return age_of(self.run)
