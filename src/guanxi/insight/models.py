"""The rules of RFM as they stood at any time, what each day's last computation gave, days of the shop, and costs."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import BadInput, Refused
from guanxi.core.ids import public_id
from guanxi.customers import classes
from guanxi.insight.churn.run import ChurnRun
from guanxi.insight.forecast.run import ForecastLine, ForecastRun
from guanxi.insight.goals.models import Decision, Digest, Goal
from guanxi.insight.kept_run import KeptRun, ToldRun
from guanxi.insight.lookalike.run import LookalikeRun
from guanxi.insight.notebook.models import Notebook, NotebookVersion, Question
from guanxi.insight.recommendation.run import RecommendationRun
from guanxi.insight.scheme import DEFAULT, Scheme

SCORE = "rfm"  # the name of the customers' scores
COSTS = "costs:all"  # what the trail calls marketing costs
VALUE = "value"  # the name of the scores of what they will still buy
SLIPPING = "slipping"  # the label of those among them who are probably leaving


class BadScheme(BadInput):
    """The rules of RFM contradict themselves; the text says which and how to mend them."""


class RulesMoved(Refused):
    """The rules that a change was made from are not in force any more."""


class RfmSchemeQuerySet(models.QuerySet["RfmScheme"]):
    """Versions of the rules."""

    def newest_first(self) -> Self:
        """Order from the rules in force back to the first."""
        return self.order_by("-version")

    @transaction.atomic
    def adopt(self, scheme: Scheme, *, by: Staff | None = None, over: int | None = None) -> "RfmScheme":
        """Put rules in force as a new version; the same rules again change nothing.

        `over` is the version they were made from: RulesMoved where another is in force by now. BadScheme where they
        are faulty.
        """
        faults = list(scheme.faults())
        if faults:
            raise BadScheme(" ".join(faults))
        self.select_for_update().newest_first().first()
        last = self.newest_first().first()  # what was in force may have changed while the lock was waited for
        if last is not None and last.scheme == scheme:
            return last
        if over is not None and last is not None and last.version != over:
            raise RulesMoved(_("Somebody saved other rules meanwhile. Look at the difference, then save again."))
        made = self.create(version=last.version + 1 if last else 1, rules=scheme.kept(), by=by)
        AuditEntry.write("rfm.adopted", by=by, on=made, changes={"version": (last and last.version, made.version)})
        transaction.on_commit(classes.forget)
        return made


class RfmScheme(models.Model):
    """One version of the rules of RFM. Append-only: a change is a new version, and scores name theirs."""

    version = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RfmSchemeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"RFM {self.version}"

    @classmethod
    def current(cls) -> "RfmScheme":
        """Find the rules in force; the first question writes the usual ones down as version 1."""
        found = cls.objects.newest_first().first()
        return found or cls.objects.get_or_create(version=1, defaults={"rules": DEFAULT.kept()})[0]

    @property
    def scheme(self) -> Scheme:
        """The rules as a value."""
        return Scheme.of(self.rules)


class GoodsRun(KeptRun):
    """The last computation of what is told of goods as of one day; `basis` as with RFM."""

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="goods_run_latest")]

    def __str__(self) -> str:
        return f"goods as of {self.as_of}"


class RfmRun(KeptRun):
    """The last computation of RFM as of one day.

    `classes` holds customers and net sales of each class, `cells` the same of every combination of bands that
    somebody is in (`[r, f, m, customers, net_minor]`), `limits` the four limits of each dimension, `basis` the
    snapshots of the lake it was computed from.
    """

    scheme = models.ForeignKey(RfmScheme, models.PROTECT, related_name="runs")
    customers = models.PositiveBigIntegerField()
    classes = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    limits = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="rfm_run_latest")]

    def __str__(self) -> str:
        return f"RFM as of {self.as_of}"

    @classmethod
    def latest(cls) -> "RfmRun | None":
        """Find the run the scores come from; None before the first."""
        return cls.objects.select_related("scheme").order_by("-finished_at").first()

    def differs(self, basis: Mapping[str, int], day: dt.date) -> bool:
        """Tell whether a run would give something else: by other rules, too."""
        return super().differs(basis, day) or self.scheme != RfmScheme.current()

    @property
    def facts(self) -> dict[str, Any]:
        """What a program wants to know of it."""
        return {
            "as_of": self.as_of,
            "scheme_version": self.scheme.version,
            "customers": self.customers,
            "classes": {name: counted["customers"] for name, counted in self.classes.items()},
            "seconds": round(self.seconds, 3),
        }


class TradingDayQuerySet(models.QuerySet["TradingDay"]):
    """Sets of days."""

    def between(self, start: dt.date, end: dt.date) -> Self:
        """Keep the days from one to another, both among them."""
        return self.filter(day__gte=start, day__lte=end)

    def summed(self) -> dict[dt.date, dict[str, int]]:
        """Add up the stores of each day."""
        sums = {name: models.Sum(name) for name in TradingDay.FIGURES}
        rows = self.order_by("day").values_list("day").annotate(**sums)
        return {day: dict(zip(TradingDay.FIGURES, figures, strict=True)) for day, *figures in rows}


class TradingDay(models.Model):
    """What one store sold on one day of the company, as the mart `sales_by_day` found it."""

    FIGURES: ClassVar = (
        "orders", "new_customers", "new_net_minor", "returning_net_minor", "guest_net_minor", "unpriced",
    )  # fmt: skip

    day = models.DateField()
    store = models.CharField(max_length=40)
    channel = models.CharField(max_length=20, blank=True)
    orders = models.PositiveBigIntegerField()
    new_customers = models.PositiveBigIntegerField()
    new_net_minor = models.BigIntegerField()
    returning_net_minor = models.BigIntegerField()
    guest_net_minor = models.BigIntegerField()
    unpriced = models.PositiveBigIntegerField(default=0)

    objects = TradingDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("day", "store", name="trading_day_once_per_store")]

    def __str__(self) -> str:
        return f"{self.store} on {self.day}"


class CustomerDay(models.Model):
    """What held of customers at the end of one day: who bought in the window up to it and who more than once, and on
    the days somebody counted them, how many may be spoken to and how many there were.
    """

    day = models.DateField(unique=True)
    buyers = models.PositiveBigIntegerField(default=0)
    repeat_buyers = models.PositiveBigIntegerField(default=0)
    reachable = models.PositiveBigIntegerField(null=True)
    customers = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return f"customers on {self.day}"


class ShopRun(KeptRun):
    """The last computation of the shop's figures as of one day.

    `moves` counts customers by where they stood before and stand now ("dormant>active"), `cooling` says of how many
    high-value customers who stay away, `basis` names the snapshots of the lake it was computed from.
    """

    moves = models.JSONField(default=dict)
    cooling = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="shop_run_latest")]

    def __str__(self) -> str:
        return f"shop as of {self.as_of}"

    @property
    def facts(self) -> dict[str, Any]:
        """What a program wants to know of it."""
        return {
            "as_of": self.as_of,
            "customers": sum(self.moves.values()),
            "moves": self.moves,
            "cooling": self.cooling.get("customers", 0),
            "seconds": round(self.seconds, 3),
        }


class MarketingCostQuerySet(models.QuerySet["MarketingCost"]):
    """Costs of ways by which people come."""

    def between(self, first: dt.date, last: dt.date) -> Self:
        """Keep those with a day from one to another, both among them."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)

    @transaction.atomic
    def enter(self, costs: Sequence["MarketingCost"], *, by: Staff) -> int:
        """Write costs down; what is known of the same way and days is replaced. Gives how many there were."""
        self.bulk_create(
            costs, update_conflicts=True, unique_fields=["source", "campaign", "starts_on", "ends_on"],
            update_fields=["amount_minor", "by"],
        )  # fmt: skip
        AuditEntry.write("costs.entered", by=by, on=COSTS, changes={"rows": (None, len(costs))})
        return len(costs)


class MarketingCost(models.Model):
    """What a way by which people come cost over some days, in the company's currency, the same on each of them.

    `source` and `campaign` are spelled as visits tell them; without a campaign it is of the source as a whole.
    """

    source = models.CharField(max_length=100)
    campaign = models.CharField(max_length=100, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField()
    amount_minor = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = MarketingCostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("source", "campaign", "starts_on", "ends_on", name="marketing_cost_once"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="marketing_cost_days"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="marketing_cost_above_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.campaign}".strip()

    def within(self, first: dt.date, last: dt.date) -> float:
        """Compute what of it falls on the days from one to another, both among them, in minor units."""
        days = (self.ends_on - self.starts_on).days + 1
        common = (min(self.ends_on, last) - max(self.starts_on, first)).days + 1
        return self.amount_minor * max(common, 0) / days

    @transaction.atomic
    def remove(self, *, by: Staff) -> None:
        """Delete it."""
        AuditEntry.write("costs.removed", by=by, on=COSTS, changes={"way": (str(self), None)})
        self.delete()


class RfmPast(models.Model):
    """What the classes were as of an earlier day, by one version of the rules: so that two days can be compared.

    `classes` holds customers and net sales of each class; `basis` the snapshots of the lake it was computed from.
    """

    scheme = models.ForeignKey(RfmScheme, models.CASCADE, related_name="past")
    as_of = models.DateField()
    classes = models.JSONField()
    basis = models.JSONField(default=dict)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("scheme", "as_of", name="rfm_past_once_a_day")]

    def __str__(self) -> str:
        return f"RFM {self.scheme_id} as of {self.as_of}"

    @property
    def customers(self) -> int:
        """How many had bought by then."""
        return sum(each["customers"] for each in self.classes.values())


class ValueRun(ToldRun):
    """The last computation of what customers will still buy, as of one day.

    `told` holds what it said of all of them together: model, parameters, the year ahead, the hold-out, and how the
    expected revenue spreads; `basis` names the snapshots of the lake it was computed from.
    """

    customers = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="value_run_latest")]

    def __str__(self) -> str:
        return f"value as of {self.as_of}"


class ExperimentReading(models.Model):
    """One reading of an experiment's file: what was asked, what it said, who read it and when. The file is not kept.

    `figures` are those of `guanxi insight experiment --json`, `sentences` the same in words by language.
    """

    PREFIX: ClassVar = "exp"
    name = models.CharField(max_length=100)
    file = models.CharField(max_length=150)
    asked = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    sentences = models.JSONField(default=dict)
    read_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-read_at"], name="experiment_reading_latest")]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """Its id, as programs know it."""
        return public_id(self.PREFIX, self.pk)

    @transaction.atomic
    def remove(self, *, by: Staff) -> None:
        """Delete it."""
        AuditEntry.write("experiment.removed", by=by, on=f"experiment:{self.pk}", changes={"name": (self.name, None)})
        self.delete()


__all__ = [
    "ChurnRun", "Decision", "Digest", "ForecastLine", "ForecastRun", "Goal", "LookalikeRun", "Notebook",
    "NotebookVersion", "Question", "RecommendationRun",
]  # each lies with what it is a record of  # fmt: skip
