"""The page of the forecast: what will probably be sold, how sure that is, and which model said so."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.catalog.models import Product
from guanxi.insight.explanation import age_of
from guanxi.insight.forecast.series import BELOW, FEW, LEAST_DAYS, LEAST_ORDERS, NOTHING, SHORT, SILENT
from guanxi.insight.models import ForecastLine, ForecastRun
from guanxi.insight.scenario import Scenario
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Store
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column, Form
from guanxi.pages.components import Metric, Tab
from guanxi.pages.shell import AsOf
from guanxi.shop import calendar
from guanxi.shop.given import NAMES

DAY = dt.timedelta(days=1)
WEEKS = (4, 8, 13)
DRAWN_DAYS, DRAWN_WEEKS, KNOWN_DAYS = 42, 26, 182
MEASURES: Mapping[str, tuple[Promise, Form]] = {
    "net": (gettext_lazy("Net sales"), "money"),
    "orders": (gettext_lazy("Orders"), "count"),
    "units": (gettext_lazy("Units sold"), "count"),
}
PARTS: Mapping[str, Promise] = {
    "all": gettext_lazy("All together"),
    "channel": gettext_lazy("By channel"),
    "category": gettext_lazy("By category"),
    "product": gettext_lazy("By product"),
}
MODELS: Mapping[str, str | Promise] = {
    "same-weekday": gettext_lazy("The last week again"),
    "last-year": gettext_lazy("The same days last year"),
    "usual-weekday": gettext_lazy("The usual weekday of eight weeks"),
    "year-at-level": gettext_lazy("Last year’s seasons at today’s level"),
    "ets": "ETS", "theta": "Theta", "mstl": "MSTL", "arima": "ARIMA",
}  # fmt: skip


class Tried(NamedTuple):
    """One model in the table of the trial."""

    title: str
    error: str
    bias: str
    is_chosen: bool
    is_naive: bool


class PartRow(NamedTuple):
    """A channel, category or product with what is expected of it."""

    title: str
    href: str
    expected: str
    span: str
    share: str


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see: which figure of what, how far ahead."""

    measure: str = "net"
    part: str = "all"
    entry: str = ""
    weeks: int = WEEKS[0]

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        """Read an address; what it does not know is as usual."""
        measure, part, weeks = told.get("measure", ""), told.get("part", ""), told.get("weeks", "")
        return cls(
            measure if measure in MEASURES else "net",
            part if part in PARTS else "all",
            told.get("entry", "")[:200].replace("\0", ""),
            next((each for each in WEEKS if str(each) == weeks), WEEKS[0]),
        )

    def query(self, **changed: Any) -> str:
        """Spell it as an address, with some of it changed."""
        asked: dict[str, Any] = {
            "measure": self.measure,
            "part": self.part,
            "entry": self.entry,
            "weeks": self.weeks,
        } | changed
        return urlencode(asked)


@dataclass(frozen=True)
class ForecastPage:
    """The last forecast, as the page tells it."""

    asked: Asked
    run: ForecastRun | None
    line: ForecastLine | None
    rows: Sequence[ForecastLine]
    channels: Sequence[ForecastLine]
    names: Mapping[str, str]
    currency: str

    @classmethod
    def read(cls, asked: Asked) -> "ForecastPage":
        """Read the figure asked for, and of the others only what is expected of them."""
        run = ForecastRun.latest()
        lines = ForecastLine.objects.filter(measure=asked.measure).order_by("place")
        rows = list(lines.filter(part=asked.part).defer("told")) if asked.part != "all" else []
        entry = asked.entry if any(row.entry == asked.entry for row in rows) else rows[0].entry if rows else ""
        line = lines.filter(part=asked.part, entry=entry).first() or lines.filter(part="all").first()
        channels = list(lines.filter(part="channel").defer("told"))
        return cls(asked, run, line, rows, channels, _names(asked.part, rows), base_currency())

    @property
    def told(self) -> Mapping[str, Any]:
        """What the run said of all of it."""
        return self.run.told if self.run else {}

    @property
    def title(self) -> str:
        """What the figure is of."""
        return self.name(self.line.entry) if self.line and self.line.part != "all" else ""

    def name(self, entry: str) -> str:
        """Name a channel, a category or a product."""
        return self.names.get(entry) or (entry if entry else _("Everything else"))

    @cached_property
    def ahead(self) -> Mapping[str, int]:
        """What is expected of all the days asked about, with its ends."""
        found: Mapping[str, int] = self.line.sums[str(self.asked.weeks * 7)] if self.line else {}
        return found

    @property
    def finding(self) -> str:
        """The sentence the page opens with."""
        if self.line is None:
            return _("There is no forecast yet")
        said = {"amount": self._large(self.ahead["expected"]), "weeks": self.asked.weeks, "of": self.title}
        if self.line.part == "all":
            return {
                "net": _("You will probably sell %(amount)s in the next %(weeks)s weeks"),
                "orders": _("You will probably get %(amount)s orders in the next %(weeks)s weeks"),
                "units": _("You will probably sell %(amount)s units in the next %(weeks)s weeks"),
            }[self.asked.measure] % said
        return {
            "net": _("%(of)s will probably sell %(amount)s in the next %(weeks)s weeks"),
            "orders": _("%(of)s will probably get %(amount)s orders in the next %(weeks)s weeks"),
            "units": _("%(of)s will probably sell %(amount)s units in the next %(weeks)s weeks"),
        }[self.asked.measure] % said

    @property
    def missing(self) -> str:
        """Why there is no forecast, and what it takes."""
        told = self.told
        said = {
            "days": formats.count(told.get("days", 0)), "orders": formats.count(told.get("orders", 0)),
            "silent": formats.count(told.get("silent_days", 0)), "least": LEAST_DAYS, "enough": LEAST_ORDERS,
        }  # fmt: skip
        return {
            NOTHING: _("No paid order is known yet."),
            SHORT: _("%(days)s days of trade are known; a forecast takes %(least)s at the least.") % said,
            FEW: _("%(orders)s orders are known; a forecast takes %(enough)s at the least.") % said,
            SILENT: _("Nothing was ordered for %(silent)s days, so that a forecast would be a guess.") % said,
            BELOW: _("More was given back than sold, so that revenue cannot be forecast."),
        }.get(told.get("reason", NOTHING), _("This figure cannot be forecast: nothing of it is known."))

    @property
    def accuracy(self) -> str:
        """How far off the model was, beside simply repeating the past."""
        trial = self.line.told["trial"] if self.line else {"models": []}
        models = {each["name"]: each for each in trial["models"]}
        best = models.get(self.line.told["model"]) if self.line else None
        if best is None or best["error"] is None:
            return _("Too little is known to try models on the past, so the span is a cautious guess.")
        naive = next((each for each in trial["models"] if each["is_naive"] and each["error"] is not None), None)
        said = {
            "off": formats.percent(best["error"], 0), "turns": trial["turns"], "weeks": trial["days"] // 7,
            "naive": naive and formats.percent(naive["error"], 0), "model": str(MODELS[best["name"]]),
            "rule": naive and str(MODELS[naive["name"]]),
        }  # fmt: skip
        if best["is_naive"]:
            text = _(
                "“%(model)s” was nearest: off by %(off)s a week on average over the last %(turns)s × %(weeks)s weeks."
            )
            return text % said + " " + _("No model did better, so the simple rule is used.")
        text = _("Off by %(off)s a week on average over the last %(turns)s × %(weeks)s weeks")
        return text % said + _("; “%(rule)s” would have been off by %(naive)s.") % said if naive else text % said

    @property
    def metrics(self) -> list[Metric]:
        """What is expected, within which ends, and how far off it was."""
        first, sums = self.ahead, self.line.told["weeks"] if self.line else {}
        within = _("8 in 10: %(span)s")
        return [
            Metric(_("Expected"), self._figure(first["expected"]), note=self._span(first, "80", within)),
            Metric(_("Very probably at least"), self._figure(first["low95"]), note=_("39 futures of 40")),
            Metric(
                _("The next 7 days"), self._figure(sums["expected"][0]),
                note=self._span({name: values[0] for name, values in sums.items()}, "80", _("8 in 10: %(span)s")),
            ),
        ]  # fmt: skip

    @property
    def notes(self) -> Iterator[str]:
        """What a reader has to know before trusting it."""
        told = self.told
        if told.get("gap_days"):
            said = {"days": formats.count(told["gap_days"]), "since": self._since}
            yield _("Nothing was ordered for %(days)s days until %(since)s; what came before is left out.") % said
        if told.get("is_young"):
            said = {"since": self._since}
            yield (
                _("Days are known since %(since)s, less than two years: yearly seasons are unsure, so spans are wider.")
                % said
            )
        if names := [str(NAMES.get(key, key)) for key in told.get("unseen", []) if key in NAMES]:
            yield _("Ahead, but never seen in your figures and so not counted: %(names)s.") % {
                "names": ", ".join(names)
            }
        if told.get("unpriced"):
            said = {"count": formats.count(told["unpriced"])}
            yield _("%(count)s orders and refunds have no exchange rate and are in no sum.") % said

    @property
    def _since(self) -> str:
        return moments.full_day(dt.date.fromisoformat(self.told["since"]))

    @property
    def age(self) -> AsOf | None:
        """When it was computed, with the reason where that is too long ago."""
        return age_of(self.run) if self.run else None

    @cached_property
    def chart(self) -> Chart:
        """The days lately and those to come with their ends; weeks where it is far."""
        title, form = MEASURES[self.asked.measure]
        near = self.asked.weeks == WEEKS[0]
        rows = self.days() if near else self.by_week()
        columns = [
            Column("day", _("Day") if near else _("Week from"), form="day"),
            Column("seen", str(title), form=form, series=1),
            Column("expected", _("Forecast"), form=form, series=2),
            Column("low80", _("80% from"), form=form, series="low"),
            Column("high80", _("80% to"), form=form, series="high"),
            Column("low95", _("95% from"), form=form),
            Column("high95", _("95% to"), form=form),
        ]
        marks = calendar.marks([row["day"] for row in rows]) if near else self._week_marks(rows)
        return Chart(
            "sales-forecast", "line", self.accuracy, columns, rows, currency=self.currency, height="l", marks=marks
        )

    def _week_marks(self, rows: Sequence[Mapping[str, Any]]) -> dict[Any, Any]:
        first = rows[0]["day"]
        found: dict[Any, str] = {}
        for day, name in calendar.marks([first + nth * DAY for nth in range(7 * len(rows))]).items():
            week = first + (day - first).days // 7 * 7 * DAY
            found[week] = f"{found[week]} · {name}" if week in found else name
        return found

    def days(self, *, drawn: int = DRAWN_DAYS) -> list[dict[str, Any]]:
        """List the last days and those to come."""
        if self.line is None or self.run is None:
            return []
        past, ahead = self.line.told["past"][-drawn:], self.line.told["days"]
        first = self.run.as_of - (len(past) - 1) * DAY
        known = [{"day": first + nth * DAY, "seen": value} for nth, value in enumerate(past)]
        return known + _coming(ahead, self.run.as_of + DAY, 1, self.asked.weeks * 7)

    def by_week(self) -> list[dict[str, Any]]:
        """List the last weeks and those to come, the last known one ending on the last day."""
        if self.line is None or self.run is None:
            return []
        past = self.line.told["past"]
        whole = past[len(past) % 7 :][-7 * DRAWN_WEEKS :]
        sums = [sum(whole[nth : nth + 7]) for nth in range(0, len(whole), 7)]
        first = self.run.as_of + DAY - 7 * len(sums) * DAY
        known = [{"day": first + 7 * nth * DAY, "seen": value} for nth, value in enumerate(sums)]
        return known + _coming(self.line.told["weeks"], self.run.as_of + DAY, 7, self.asked.weeks)

    @property
    def tried(self) -> list[Tried]:
        """The models of the trial, the nearest first."""
        told: Mapping[str, Any] = self.line.told if self.line else {"model": "", "trial": {"models": []}}
        return [
            Tried(
                str(MODELS[each["name"]]),
                "—" if each["error"] is None else formats.percent(each["error"]),
                ("+" if each["bias"] > 0 else "") + formats.percent(each["bias"]),
                each["name"] == told["model"], each["is_naive"],
            )
            for each in told["trial"]["models"]
        ]  # fmt: skip

    @property
    def tabs(self) -> list[Tab]:
        """By what it is told apart."""
        return [
            Tab(str(words), f"?{self.asked.query(part=key, entry='')}", active=key == self.asked.part)
            for key, words in PARTS.items()
        ]

    @property
    def measures(self) -> list[Tab]:
        """Which figure."""
        return [
            Tab(str(words), f"?{self.asked.query(measure=key)}", active=key == self.asked.measure)
            for key, (words, _form) in MEASURES.items()
        ]

    @property
    def horizons(self) -> list[Tab]:
        """How far ahead."""
        words = _("%(weeks)s weeks")
        return [
            Tab(words % {"weeks": each}, f"?{self.asked.query(weeks=each)}", active=each == self.asked.weeks)
            for each in WEEKS
        ]

    @property
    def entries(self) -> list[PartRow]:
        """The channels, categories or products, with what is expected of each."""
        key = str(self.asked.weeks * 7)
        whole = sum(row.sums[key]["expected"] for row in self.rows)
        return [
            PartRow(
                self.name(row.entry), f"?{self.asked.query(entry=row.entry)}", self._full(row.sums[key]["expected"]),
                self._span(row.sums[key], "80", "%(span)s"),
                formats.percent(row.sums[key]["expected"] / whole, 0) if whole and self.adds_up else "",
            )
            for row in self.rows
        ]  # fmt: skip

    @property
    def adds_up(self) -> bool:
        """Whether the parts add up to the total."""
        return self.asked.measure != "orders" or self.asked.part == "channel"

    def scenario(self, told: Mapping[str, str]) -> Scenario | None:
        """Work out what changes by channel would come to; None where there is nothing to change."""
        if self.line is None or self.asked.measure == "units":
            return None
        rows = self.channels or list(ForecastLine.objects.filter(part="all", measure=self.asked.measure).defer("told"))
        key, titles = str(self.asked.weeks * 7), dict(Store.Channel.choices)
        bases = {
            row.entry or "all": (str(titles.get(row.entry, _("All together"))), row.sums[key]["expected"])
            for row in rows
        }
        return Scenario.of(told, bases, measure=self.asked.measure, currency=self.currency)

    def _figure(self, value: int) -> Any:
        return formats.money_large(value, self.currency) if self.asked.measure == "net" else formats.number_large(value)

    def _large(self, value: int) -> str:
        return str(self._figure(value))

    def _full(self, value: int) -> str:
        return formats.money_whole(value, self.currency) if self.asked.measure == "net" else formats.count(value)

    def _span(self, sums: Mapping[str, int], level: str, text: str) -> str:
        low, high = (self._full(sums[f"{end}{level}"]) for end in ("low", "high"))
        return text % {"span": f"{low}–{high}"}


def _coming(told: Mapping[str, Sequence[int]], first: dt.date, step: int, count: int) -> list[dict[str, Any]]:
    return [
        {"day": first + step * nth * DAY, **{name: values[nth] for name, values in told.items()}}
        for nth in range(count)
    ]


def _names(part: str, rows: Sequence[ForecastLine]) -> dict[str, str]:
    """Name the entries of a part; one question for all products."""
    if part == "channel":
        return {key: str(words) for key, words in Store.Channel.choices}
    if part == "product":
        ids = [int(row.entry) for row in rows if row.entry.isdecimal()]
        found = Product.objects.filter(pk__in=ids).values_list("pk", "name")
        return {str(pk): name or str(pk) for pk, name in found}
    return {}
