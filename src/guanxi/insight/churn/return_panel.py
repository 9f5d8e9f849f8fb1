"""Whether one customer will come back, when, why, and what of each category they will need again."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.customers.models import Customer, Score
from guanxi.insight.churn.reasons import half_days, in_days, reasons, silent_now
from guanxi.insight.churn.run import AT_RISK, CHURN, ChurnRun
from guanxi.insight.explanation import age_of
from guanxi.pages import formats, moments
from guanxi.pages.shell import AsOf
from guanxi.warehouse.reading import snapshot

CATEGORIES = 5
AGAIN = """
    select category, days, last_on, gap_days, next_on from customer_category_next
    where customer_id = $who and next_on is not null order by days desc, next_on, category limit $most
"""


@dataclass(frozen=True)
class Return:
    """One customer's score as of the last run."""

    run: ChurnRun
    score: Score

    @classmethod
    def of(cls, customer: Customer) -> "Return | None":
        """Find it; None where the customer has not bought yet, or nothing was computed since."""
        score = Score.objects.filter(customer=customer, name=CHURN).first()
        run = ChurnRun.latest() if score else None
        return cls(run, score) if score and run else None

    @property
    def sentence(self) -> str:
        """The finding of the panel."""
        parts = self.score.parts
        said = {"chance": formats.percent(parts["probability"], 0), "window": in_days(parts["window_days"])}
        return _("Buys within %(window)s with a probability of %(chance)s.") % said

    @property
    def ends(self) -> str:
        """Between which ends the probability lies."""
        parts = self.score.parts
        return f"{formats.decimal(parts['low'] * 100)}–{formats.percent(parts['high'], 0)}"

    @property
    def is_at_risk(self) -> bool:
        """Whether they bought before and rather stay away."""
        return bool(self.score.label == AT_RISK)

    @property
    def next_on(self) -> str:
        """By when half of such customers have bought; words where that is too far away."""
        half = half_days(self.score.parts["probability"], self.score.parts["window_days"])
        return moments.full_day(self.run.as_of + dt.timedelta(half)) if half else _("not within two years")

    @property
    def why(self) -> list[str]:
        """What tells them from others."""
        parts = self.score.parts
        return reasons(parts, silent_now(parts, self.score.as_of, self.run.as_of))

    @property
    def again(self) -> list[dict[str, Any]]:
        """When they will need something of the categories they buy most."""
        with snapshot() as lake:
            rows = lake.sql(AGAIN, who=self.score.customer_id, most=CATEGORIES).to_pylist()
        return [row | {"late": max(0, (self.run.as_of - row["next_on"]).days)} for row in rows]

    @property
    def age(self) -> AsOf:
        """When it was computed."""
        return age_of(self.run)
