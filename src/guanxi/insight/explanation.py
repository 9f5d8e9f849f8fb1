"""Why a customer is in a class, as the panel tells it: figures, score, and what would change it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.customers.models import Customer, Score
from guanxi.insight import why, wording
from guanxi.insight.models import SCORE, ChurnRun, ForecastRun, RecommendationRun, RfmRun, ValueRun
from guanxi.insight.rfm import Figures
from guanxi.insight.scheme import RfmClass, Scheme, titles
from guanxi.orders.models import Company
from guanxi.pages import formats, moments
from guanxi.pages.shell import AsOf

PROMISED = dt.timedelta(days=1)
ARCHIVE = dt.timedelta(days=2)


@dataclass(frozen=True)
class Explanation:
    """One customer's score as of the last run."""

    run: RfmRun
    scheme: Scheme
    figures: Figures
    bands: tuple[int, int, int]
    currency: str

    @classmethod
    def of(cls, customer: Customer) -> "Explanation | None":
        """Explain the customer's score; None where there is none."""
        score = Score.objects.filter(customer=customer, name=SCORE).first()
        run = RfmRun.latest() if score else None
        if score is None or run is None:
            return None
        company, parts = Company.current(), score.parts
        last_order = score.as_of - dt.timedelta(days=parts["recency_days"])
        figures = Figures((run.as_of - last_order).days, parts["frequency"], parts["monetary_minor"])
        bands = (parts["r"], parts["f"], parts["m"])
        return cls(run, run.scheme.scheme, figures, bands, company.base_currency if company else "CNY")

    @property
    def named(self) -> RfmClass:
        """The class."""
        return self.scheme.class_of(self.scheme.points_of(self.bands))

    @property
    def title(self) -> str:
        """The question the panel answers."""
        return _("Why %(class)s?") % {"class": wording.within(self.named.name)}

    @property
    def rows(self) -> list[tuple[str, int, str]]:
        """R, F and M: name, band, figure."""
        names, days, frequency = titles(), self.figures.recency_days, self.scheme.frequency
        return [
            (names["recency"], self.bands[0], moments.days_ago(days) if days else _("the same day")),
            (names["frequency"], self.bands[1], wording.orders(self.figures.frequency, frequency.window_days)),
            (names["monetary"], self.bands[2], formats.money_whole(self.figures.monetary_minor, self.currency)),
        ]

    @property
    def sentences(self) -> list[str]:
        """The score, then what would change it: the next fall, the fall that changes the class, the next rises."""
        falls = list(why.drops(self.figures, self.scheme, self.run.limits))
        deciding = [each for each in falls if each.changes_class][:1]
        rises = why.rises(self.figures, self.scheme, self.run.limits)
        score = wording.score(self.scheme.points_of(self.bands))
        return [
            _("Score %(score)s (%(weights)s).") % {"score": score, "weights": wording.weights(self.scheme)},
            *map(wording.fall, dict.fromkeys([*falls[:1], *deciding])),
            *(wording.rise(each, self.currency) for each in rises),
        ]

    @property
    def version(self) -> str:
        """Which rules these are, and since when."""
        return wording.version(self.run.scheme)

    @property
    def rules(self) -> list[wording.Rule]:
        """The three dimensions in words."""
        return wording.rules(self.scheme, self.run.limits, self.currency)

    @property
    def classes(self) -> list[dict[str, str]]:
        """The classes with the score each begins at."""
        return [
            {"name": each.name, "from_score": wording.from_score(self.scheme, place)}
            for place, each in enumerate(self.scheme.classes)
        ]

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if formats.chinese() else " "

    @property
    def age(self) -> AsOf:
        """When the scores were computed; amber, with the reason, once that is too long ago."""
        return age_of(self.run)

    @property
    def is_archive(self) -> bool:
        """Whether the day observed lies back: the shop's last order is long ago, or somebody asked for that day."""
        return self.run.finished_at.date() - self.run.as_of > ARCHIVE


def age_of(run: ChurnRun | RfmRun | ValueRun | ForecastRun | RecommendationRun) -> AsOf:
    """Tell when a run ended, with the reason where that is too long ago."""
    age = AsOf(run.finished_at, PROMISED)
    reason = _("The scores were not computed since. See whether the worker runs.")
    return AsOf(run.finished_at, PROMISED, reason) if age.stale else age
