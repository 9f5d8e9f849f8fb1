"""How a mart is computed, as its file, its header and its runs tell it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.insight.computations import Row
from guanxi.insight.notebook import sources
from guanxi.pages import formats
from guanxi.warehouse import lake
from guanxi.warehouse.headers import Header, Named
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.registry import tables

RUNS = 10
PAGES: Mapping[str, Sequence[tuple[str, str | Promise]]] = {
    "customer_rfm": (("insight:rfm", gettext_lazy("Value")),),
    "customer_value": (("insight:value", gettext_lazy("Lifetime value")),),
    "customer_layers": (("insight:layers", gettext_lazy("Layers")),),
    "cohort_months": (("insight:retention", gettext_lazy("Retention")),),
    "repurchase_rates": (("insight:retention", gettext_lazy("Retention")),),
    "repurchase_gaps": (("insight:retention", gettext_lazy("Retention")),),
    "channel_visits": (("insight:channels", gettext_lazy("Channels")),),
    "channel_contacts": (("insight:channels", gettext_lazy("Channels")),),
    "channel_earnings": (("insight:channels", gettext_lazy("Channels")),),
    "sales_forecast": (("insight:forecast", gettext_lazy("Forecast")),),
    "sales_by_day": (("home", gettext_lazy("Home")), ("insight:goals", gettext_lazy("Goals"))),
    "customer_lifecycle": (("home", gettext_lazy("Home")),),
    "customer_recommendations": (("insight:recommendations", gettext_lazy("Recommendations")),),
    "product_neighbours": (("insight:recommendations", gettext_lazy("Recommendations")),),
}


@dataclass(frozen=True)
class Link:
    """A name and where it leads."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Computed:
    """One mart."""

    mart: Mart

    @property
    def name(self) -> str:
        """Its name in SQL."""
        return self.mart.name

    @property
    def title(self) -> str:
        """What it is about."""
        return sources.title(self.mart)

    @property
    def sentence(self) -> str:
        """What it holds."""
        return _(self.mart.header.sentence)

    @property
    def grain(self) -> str:
        """What one row is."""
        return _(self.mart.header.grain)

    @property
    def source(self) -> str:
        """Where the method comes from, and what it takes as what."""
        return _(self.mart.header.source)

    @property
    def columns(self) -> list[Named]:
        """Its columns, and what each counts."""
        return sources.translated(self.mart.header.columns)

    @property
    def header(self) -> Header:
        """What its file says of itself."""
        return self.mart.header

    @property
    def sql(self) -> str:
        """Its file, to the letter."""
        return self.mart.sql

    @property
    def body(self) -> str:
        """Its SQL without what the file says of itself first; where a program computes it, what the file says."""
        lines = self.sql.splitlines(keepends=True)
        return self.sql if self.is_told else "".join(dropwhile(lambda line: line.startswith("--"), lines))

    @property
    def is_told(self) -> bool:
        """Whether a program computes it."""
        return self.mart.is_told

    @cached_property
    def runs(self) -> list[MartRun]:
        """Its last runs, the newest first."""
        return list(MartRun.objects.of(self.name)[:RUNS])

    @cached_property
    def good(self) -> MartRun | None:
        """The run that the rows come from."""
        return next((run for run in self.runs if run.state == MartRun.State.DONE), None)

    @cached_property
    def computed_at(self) -> dt.datetime | None:
        """When its rows were written; what a program computes has no runs, so the lake tells it."""
        if self.good:
            return self.good.finished_at
        return lake.written_at(self.name) if self.is_told else None

    @property
    def row(self) -> Row:
        """How it stands, in words."""
        return Row(self.name, self.runs[0] if self.runs else None, self.good)

    @property
    def parameters(self) -> list[tuple[str, str, str]]:
        """Each parameter: its name, what it was in the last good run, what it means."""
        given, named = self.good.parameters if self.good else {}, sources.translated(self.mart.parameters)
        return [(each.name, _value(given.get(each.name)), each.words) for each in named]

    @property
    def reads(self) -> list[Link]:
        """The tables and marts it reads."""
        return [*map(_link, sorted(self.mart.reads))]

    @property
    def read_by(self) -> list[Link]:
        """The marts and the pages that read it."""
        others = [name for name, mart in sources.named_marts().items() if self.name in mart.reads]
        return [*map(_link, others), *(Link(str(text), reverse(page)) for page, text in PAGES.get(self.name, ()))]

    @property
    def history(self) -> list[tuple[MartRun, tuple[str, str, str], str]]:
        """Its runs: how each went, and how long it took."""
        return [(run, Row(self.name, run, None).state, formats.decimal(run.seconds, 2)) for run in self.runs]


def of(name: str) -> Computed | None:
    """Find a mart."""
    mart = sources.named_marts().get(name)
    return Computed(mart) if mart else None


def listed() -> list[Computed]:
    """List the marts."""
    return [*map(Computed, sources.named_marts().values())]


def _link(name: str) -> Link:
    if name in tables():
        return Link(name)
    return Link(name, reverse("insight:mart", args=[name]))


def _value(value: object) -> str:
    if value is None:
        return _("not set")
    return str(value)
