"""The runs of the marts as a page tells them: how each stands, since when, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.jobs.models import Job, State
from guanxi.pages import formats, moments
from guanxi.pages.components import Progress, Tone
from guanxi.warehouse import engines, runs
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.registry import marts
from guanxi.warehouse.tasks import run_marts

TITLES: dict[str, Promise] = {
    "basket_rules": gettext_lazy("How surely one product goes with another"),
    "channel_contacts": gettext_lazy("By which ways people came, and what is put down to each"),
    "channel_earnings": gettext_lazy("What new customers of each way have bought since"),
    "channel_visits": gettext_lazy("How many came by each way, day by day"),
    "cohort_months": gettext_lazy("How many customers of each month came back"),
    "customer_category_next": gettext_lazy("When customers buy of a category again"),
    "customer_classes": gettext_lazy("Classes of customers now, a month, a quarter and a year ago"),
    "customer_churn_features": gettext_lazy("Who came back after earlier days"),
    "customer_firsts": gettext_lazy("What customers began with"),
    "customer_layers": gettext_lazy("What customers are worth, what they like, and where they stand"),
    "customer_lifecycle": gettext_lazy("Where customers stand: new, active, dormant, lost"),
    "customer_margin": gettext_lazy("What was earned with each customer"),
    "customer_months": gettext_lazy("What customers did, month by month"),
    "customer_purchases": gettext_lazy("On how many days customers bought"),
    "customer_rfm": gettext_lazy("Recency, frequency and monetary value of customers"),
    "customer_rhythm": gettext_lazy("How often customers come"),
    "goods_sales": gettext_lazy("What sold lately, and what makes most of it"),
    "price_bands": gettext_lazy("At which prices the shop sells"),
    "product_buyers": gettext_lazy("Who buys each product"),
    "product_days": gettext_lazy("What each product sold, day by day"),
    "product_pairs": gettext_lazy("Products bought together"),
    "product_popularity": gettext_lazy("What most customers buy"),
    "repurchase_by_day": gettext_lazy("Who buys again, day by day"),
    "repurchase_gaps": gettext_lazy("Days until the next order"),
    "repurchase_rates": gettext_lazy("How many buy again, and how soon"),
    "sales_by_day": gettext_lazy("What each store sold, day by day"),
    "sales_by_part": gettext_lazy("What was sold by channel, category and product, day by day"),
    "sales_by_place": gettext_lazy("Orders and customers by country, province and city"),
    "search_terms": gettext_lazy("What people look for, and whether they buy"),
    "sold_lines": gettext_lazy("Every line of what was sold"),
    "sold_orders": gettext_lazy("Every order that was paid"),
    "visits": gettext_lazy("How people came, and the order that followed"),
}


@dataclass(frozen=True)
class Row:
    """One mart: its newest run, and the newest that succeeded."""

    mart: str
    last: MartRun | None
    good: MartRun | None

    @property
    def title(self) -> str:
        """What it is about; one that nobody named goes by its own name."""
        return str(TITLES.get(self.mart, self.mart))

    @property
    def state(self) -> tuple[str, str, str]:
        """How it stands: words, tone and icon of a tag."""
        if self.last is None:
            return _("Not computed yet"), "", ""
        return {
            MartRun.State.DONE: (_("Computed"), Tone.GOOD, "check"),
            MartRun.State.FAILED: (_("Failed"), Tone.DANGER, "alert-circle"),
            MartRun.State.LEFT_OUT: (_("Waits for another"), Tone.WARN, "alert-triangle"),
        }[MartRun.State(self.last.state)]

    @property
    def is_sound(self) -> bool:
        """Whether the newest run went well."""
        return self.last is not None and self.last.state == MartRun.State.DONE

    @property
    def reads(self) -> list[str]:
        """The marts it reads, by their titles."""
        return [str(TITLES.get(name, name)) for name in sorted(runs.reads(marts()[self.mart]))]

    @property
    def seconds(self) -> str:
        """How long the last successful run took."""
        return formats.decimal(self.good.seconds, 1 if self.good.seconds >= 0.1 else 2) if self.good else ""

    @property
    def elsewhere(self) -> str:
        """Which server computed the rows that are shown, where it was not this machine."""
        return self.good.engine if self.good and self.good.engine != engines.DUCKDB else ""


@dataclass(frozen=True)
class Computations:
    """All marts in the order in which they are computed, and the job that is at it."""

    rows: Sequence[Row]
    job: Job | None

    @classmethod
    def now(cls) -> "Computations":
        """Read how they stand."""
        last = MartRun.objects.newest()
        good = MartRun.objects.filter(state=MartRun.State.DONE).newest()
        rows = [Row(name, last.get(name), good.get(name)) for name in runs.ordered()]
        at_work = Job.objects.filter(task=run_marts.module_path, state__in=[State.READY, State.RUNNING])
        return cls(sorted(rows, key=lambda row: row.last is None or row.is_sound), at_work.order_by("-pk").first())

    @property
    def finding(self) -> str:
        """Say in a sentence how they stand."""
        known = [row.last.finished_at for row in self.rows if row.last]
        failed = sum(1 for row in self.rows if row.last and not row.is_sound)
        if not known:
            return _("Nothing was computed yet")
        if failed:
            said = {"failed": formats.count(failed), "all": formats.count(len(self.rows))}
            return _("%(failed)s of %(all)s results could not be computed") % said
        said = {
            "done": formats.count(len(known)),
            "all": formats.count(len(self.rows)),
            "when": moments.since(max(known)),
        }
        if len(known) < len(self.rows):
            return _("%(done)s of %(all)s results are computed, the last one %(when)s") % said
        return _("Every result is computed, the last one %(when)s") % said

    def progress(self, *, may_stop: bool) -> Progress | None:
        """How far the job is; None where there is none."""
        if self.job is None:
            return None
        told = self.job.progress or {} if self.job.state == State.RUNNING else {}
        stoppable = may_stop and not self.job.cancel_requested_at
        return Progress(
            title=_("Computing the results"),
            done=int(told.get("done") or 0),
            total=int(told.get("total") or len(self.rows)),
            notes=[_("It begins as soon as a worker is free.")] if self.job.state == State.READY else [],
            cancel_url=reverse("operation:cancellation", args=[self.job.pk]) if stoppable else "",
        )


def begin() -> bool:
    """Have all marts computed in the background; False where that is on its way already."""
    if Computations.now().job is not None:
        return False
    run_marts.enqueue()
    return True
