"""What will probably be sold: forecast from the days in the lake, kept there with its past, and in short in the book.

The total is forecast by itself. Channels, categories and products are each forecast too, then share the total in
proportion, day by day, so that the parts of a page add up to it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.core.time import day_in, now
from guanxi.insight import given
from guanxi.insight.festive import countries, occasions
from guanxi.insight.forecast.ahead import FIELDS, SEASONS, Band, Forecast, forecast, reconciled
from guanxi.insight.forecast.candidates import MODELS, NAIVE, PLAIN
from guanxi.insight.forecast.occasions import WORKED, Places, places
from guanxi.insight.forecast.series import BELOW, DAY, Basis, Floats, Series
from guanxi.insight.forecast.trial import Trial
from guanxi.insight.models import ForecastLine, ForecastRun
from guanxi.insight.scoring import present_day
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Company
from guanxi.warehouse import parts
from guanxi.warehouse.models import Moment
from guanxi.warehouse.reading import Lake, snapshot
from guanxi.warehouse.registry import marts as registered

MART, PAST_MARTS = "sales_forecast", ("sales_by_day", "sales_by_part")
READS = ("orders", "order_lines", "refunds", "refund_lines", "products", "profiles")
LEASE = gettext_noop("the forecast of sales")
OFTENEST = dt.timedelta(hours=20)
MEASURES = ("net", "orders", "units")
ALL, CHANNEL = "all", "channel"
PARTS = (ALL, CHANNEL, "category", "product")
LONGEST, LONG, MIDDLE, SHORT = 91, 91, 56, 28
LENGTHS = (SHORT, MIDDLE, LONG)
KNOWN_DAYS = 182  # of the past, that pages draw
OF_PARTS = {**NAIVE, **PLAIN, **{name: MODELS[name] for name in ("ets", "theta")}}
ROWS = "select * from sales_by_part where day <= $last order by part, entry, day"
Days = dict[dt.date, float]
Seen = Callable[[int, int], None]


@dataclass(frozen=True)
class Known:
    """What is known of a shop's past: days by part, entry and measure, and what they are fit for."""

    basis: Basis
    days: Mapping[tuple[str, str, str], Days]
    places: Places
    countries: Sequence[str]
    unpriced: int

    @classmethod
    def read(cls, lake: Lake, last: dt.date) -> "Known":
        """Read the mart of the days."""
        found: dict[tuple[str, str, str], Days] = defaultdict(dict)
        unpriced = 0
        for row in lake.sql(ROWS, last=last).to_pylist():
            for measure, name in zip(MEASURES, ("net_minor", "orders", "units"), strict=True):
                found[row["part"], row["entry"], measure][row["day"]] = float(row[name])
            unpriced += row["unpriced"] if row["part"] == ALL else 0
        basis = Basis.of(found.get((ALL, "", "orders"), {}), last)
        sold_to = countries(lake)
        named = places(occasions(sold_to, basis.first.year - 1, last.year + 1))
        return cls(basis, found, named, sold_to, unpriced)

    def series(self, part: str, entry: str, measure: str) -> Series:
        """Give one figure on every day."""
        return Series.of(self.days.get((part, entry, measure), {}), self.basis.first, self.basis.last)

    def entries(self, part: str) -> list[str]:
        """Name the channels, categories or products, those that sold most first and all others last."""
        found = [entry for kind, entry, measure in self.days if kind == part and measure == "net"]
        sold = {entry: float(self.series(part, entry, "net").values[-365:].sum()) for entry in found}
        return sorted(found, key=lambda entry: (part != CHANNEL and entry == "", -sold[entry], entry))


@dataclass(frozen=True)
class Line:
    """One figure: its past, its forecast, and the days to come after parts were made to add up."""

    part: str
    entry: str
    measure: str
    past: Floats
    ahead: Forecast
    days: Band

    def sums(self, length: int) -> Band:
        """Add blocks of days up."""
        return self.ahead.sums(length, expected=self.days.expected)


def compute(
    as_of: dt.date | None = None, *, wait: dt.timedelta | None = None, seen: Seen = lambda _done, _total: None
) -> ForecastRun:
    """Forecast from a day on, the last whole one unless told, and keep what was found.

    One process at a time; others wait `wait` (None: as long as it takes), then meet LeaseTaken. `seen` is told how many
    figures of how many are forecast; what it raises ends the work.
    """
    with lease(LEASE, wait=wait) as held:
        begun, basis, last = monotonic(), Moment.objects.heads(READS), as_of or last_whole_day()
        given.compute(PAST_MARTS, last, held.check)
        with snapshot() as lake:
            known = Known.read(lake, last)
        total, done = len(MEASURES) * sum(len(known.entries(part)) for part in PARTS), count(1)

        def told() -> None:
            held.check()
            seen(next(done), total)

        lines = list(foretold(known, told))
        parts.keep(MART, last.year * 100 + last.month, _rows(lines, last))
        return _kept(known, lines, basis, monotonic() - begun)


def last_whole_day() -> dt.date:
    """Give the last day that is over: yesterday, or the last day of trade of a shop that has closed."""
    company, present = Company.current(), present_day()
    return present - DAY if present >= day_in(company.time_zone if company else "UTC", now()) else present


def is_due() -> bool:
    """Tell whether a forecast would change: another day, or other facts; and not all the time."""
    last, basis = ForecastRun.latest(), Moment.objects.heads(READS)
    if last is None or not basis:
        return bool(basis)
    if last.as_of == last_whole_day() and last.basis == basis:
        return False
    return last.as_of != last_whole_day() or timezone.now() > last.finished_at + OFTENEST


def foretold(known: Known, told: Callable[[], None] = lambda: None) -> Iterator[Line]:
    """Forecast every figure that can be: totals, then parts that add up to them; `told` is called after each."""
    if known.basis.reason:
        return
    for measure in MEASURES:
        series = known.series(ALL, "", measure)
        if series.values.sum() <= 0:
            continue
        ahead = forecast(series, known.places, LONGEST)
        told()
        whole = Line(ALL, "", measure, series.values, ahead, ahead.days)
        yield whole
        for part in PARTS[1:]:
            yield from _shared(known, part, whole, told)


def _shared(known: Known, part: str, whole: Line, told: Callable[[], None]) -> Iterator[Line]:
    """Forecast the entries of a part, and let them share the total; orders of goods are not shared: one holds many."""
    entries, measure = known.entries(part), whole.measure
    series = {entry: known.series(part, entry, measure) for entry in entries}
    if (part == CHANNEL and len(entries) == 1) or not any(each.values.sum() > 0 for each in series.values()):
        return
    ahead = {}
    for entry, each in series.items():
        ahead[entry] = forecast(each, known.places, LONGEST, models=OF_PARTS)
        told()
    expected = [each.days.expected for each in ahead.values()]
    adds_up = measure != "orders" or part == CHANNEL
    shares = reconciled(whole.days.expected, expected) if adds_up else expected
    sold = sum(float(each.values[-365:].sum()) for each in series.values())
    level = float(whole.past[-365:].sum()) / sold if adds_up and sold > 0 else 1.0
    for (entry, found), share in zip(ahead.items(), shares, strict=True):
        scaled = replace(found, mean=found.mean * level)
        yield Line(part, entry, measure, series[entry].values * level, scaled, scaled.around(share, 1))


def _rows(lines: Sequence[Line], last: dt.date) -> Iterator[pa.RecordBatch]:
    wanted = registered()[MART].schema
    for line in lines:
        days = [last + nth * DAY for nth in range(1, LONGEST + 1)]
        fixed = {"as_of": last, "part": line.part, "entry": line.entry, "measure": line.measure}
        columns = {name: [value] * LONGEST for name, value in (fixed | {"model": line.ahead.model}).items()}
        columns |= {"day": days} | {name: getattr(line.days, name).round(2).tolist() for name in FIELDS}
        yield from pa.table({name: columns[name] for name in wanted.names}, wanted).to_batches()


def _kept(known: Known, lines: Sequence[Line], basis: Mapping[str, int], seconds: float) -> ForecastRun:
    told = {"told": _told(known, lines), "basis": basis, "seconds": seconds, "finished_at": timezone.now()}
    with transaction.atomic():
        run = ForecastRun.objects.update_or_create(as_of=known.basis.last, defaults=told)[0]
        ForecastLine.objects.all().delete()
        places_of: dict[tuple[str, str], int] = {}
        rows = [
            ForecastLine(
                run=run, part=line.part, entry=line.entry, measure=line.measure,
                place=places_of.setdefault((line.part, line.entry), len(places_of)),
                sums={str(length): _band(line.sums(length), 0) for length in LENGTHS}, told=spelled(line),
            )
            for line in lines
        ]  # fmt: skip
        ForecastLine.objects.bulk_create(rows, batch_size=50)
    return run


def _told(known: Known, lines: Sequence[Line]) -> dict[str, Any]:
    """Say of the run as a whole what pages and programs want to know."""
    basis = known.basis
    whole = {line.measure for line in lines if line.part == ALL}
    return {
        "since": basis.first.isoformat(), "days": basis.days, "orders": basis.orders, "gap_days": basis.gap_days,
        "silent_days": basis.silent_days, "reason": basis.reason or ("" if "net" in whole else BELOW),
        "is_young": basis.days < SEASONS, "countries": list(known.countries), "unpriced": known.unpriced,
        "unseen": unseen(known), "currency": base_currency(),
    }  # fmt: skip


def unseen(known: Known) -> list[str]:
    """Name the occasions that lie ahead and were never seen in the past."""
    seen = {key for day, (key, _nth) in known.places.items() if known.basis.first <= day <= known.basis.last}
    ends = known.basis.last + DAY, known.basis.last + LONGEST * DAY
    ahead = [key for day, (key, _nth) in known.places.items() if ends[0] <= day <= ends[1]]
    return [key for key in dict.fromkeys(ahead) if key not in seen and key != WORKED]


def spelled(line: Line) -> dict[str, Any]:
    """Spell one figure as the book keeps it: days with two decimals, since a day may sell less than one."""
    weeks = line.sums(7)
    return {
        "model": line.ahead.model, "past": _rounded(line.past[-KNOWN_DAYS:], 0),
        "days": {name: _rounded(getattr(line.days, name), 0 if line.measure == "net" else 2) for name in FIELDS},
        "weeks": {name: _rounded(getattr(weeks, name), 0) for name in FIELDS},
        "trial": trial_told(line.ahead.trial),
    }  # fmt: skip


def trial_told(trial: Trial) -> dict[str, Any]:
    """Spell how far off each model was."""
    models = [
        {"name": each.name, "error": round(each.error, 4) if np.isfinite(each.error) else None,
         "bias": round(each.bias, 4), "is_naive": each.is_naive}
        for each in trial.tried
    ]  # fmt: skip
    return {"days": trial.days, "turns": trial.turns, "models": models}


def _band(band: Band, nth: int) -> dict[str, int]:
    return {name: round(float(getattr(band, name)[nth])) for name in FIELDS}


def _rounded(values: Floats, digits: int) -> list[float]:
    return [round(float(each), digits or None) for each in values]
