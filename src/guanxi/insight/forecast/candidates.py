"""The models that are tried: two naive ones, two plain ones, and four of statsforecast's.

Each is given the past alone. Those that are not naive see it without its occasions and without single huge days, and
what they say is put back by what occasions do (`occasions.Effects`).

Sources: Hyndman, Athanasopoulos (2021), Forecasting: principles and practice; Hyndman, Koehler, Snyder, Grose (2002)
for ETS; Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler (2016) for Theta; Bandara, Hyndman, Bergmeir (2021) for
MSTL.
"""

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from guanxi.insight.forecast.occasions import Effects, Places, learn, usual
from guanxi.insight.forecast.series import DAY, Floats, Series

WEEK, YEAR = 7, 364  # a year of whole weeks, so that weekdays meet
HUGE = 4  # times what is usual, more than which one day does not count
LEVEL_DAYS = 56
HALF_YEAR, RARE = 182, 0.25
MOST_GROWTH = 3.0
LONGEST = 1_100  # days a model is fitted to: three years
OF_WEEKS = {"ets": 728, "theta": 728}  # those that know of no year: two of them
CARRIED = 1.25  # how many more days a fit is carried forward to before it is made anew


class Fit(NamedTuple):
    """A model fitted to the `days` days from one on, counted from the first of the series."""

    model: Any
    since: int
    days: int


@dataclass(frozen=True)
class Past:
    """What is known when a forecast is made; `fits` are models fitted to earlier pasts of the same series, by name."""

    series: Series
    places: Places
    fits: dict[str, Fit] = field(default_factory=dict)

    @cached_property
    def effects(self) -> Effects:
        """What occasions did."""
        return learn(self.series, self.places)

    @cached_property
    def factors(self) -> Floats:
        """What occasions did to each day."""
        return self.effects.on(self.series.first, len(self.series), self.places)

    @cached_property
    def calm(self) -> Floats:
        """The days as if they had no occasion, a huge one no larger than some times what is usual."""
        plain = np.maximum(self.series.values, 0) / self.factors
        sold = plain[plain > 0]
        most = HUGE * np.fmax(usual(self.series, self.places), np.median(sold) if len(sold) else 0)
        found: Floats = np.minimum(plain, most)
        return found

    @cached_property
    def year_before(self) -> dict[tuple[str, int], float]:
        """What was sold on the last day of each place of an occasion."""
        days = ((self.series.first + nth * DAY, value) for nth, value in enumerate(self.series.values))
        return {self.places[day]: float(value) for day, value in days if day in self.places}

    def ahead(self, days: int) -> Floats:
        """Give what occasions will do to the days to come."""
        return self.effects.on(self.series.end, days, self.places)


Model = Callable[[Past, int], Floats]


def same_weekday(past: Past, days: int) -> Floats:
    """Let every week be as the last one."""
    return np.resize(past.series.values[-WEEK:], days)


def last_year(past: Past, days: int) -> Floats:
    """Let every day be as the same weekday a year ago, and a day of a festival as that day of the last one."""
    since = len(past.series) - YEAR
    found = []
    for nth in range(since, since + days):
        now, then = (past.places.get(past.series.first + each * DAY) for each in (nth + YEAR, nth))
        plain = past.series.values[nth] if now or not then else past.calm[nth]
        found.append(past.year_before.get(now, float(plain)) if now else float(plain))
    return np.array(found)


def year_at_level(past: Past, days: int) -> Floats:
    """Let the seasons of last year return at the level of the last eight weeks."""
    before = past.calm[-LEVEL_DAYS - YEAR : -YEAR].sum()
    growth = past.calm[-LEVEL_DAYS:].sum() / before if before > 0 else 1.0
    plain = past.calm[len(past.calm) - YEAR :][:days]
    smooth = np.convolve(np.pad(plain, WEEK, mode="edge"), np.ones(2 * WEEK + 1) / (2 * WEEK + 1), "valid")
    shares = _weekday_shares(past.calm)
    found: Floats = smooth * shares[: len(smooth)] * min(max(growth, 1 / MOST_GROWTH), MOST_GROWTH)
    return found


def usual_weekday(past: Past, days: int) -> Floats:
    """Let every weekday be as it was on average in the last eight weeks; what is rare, as in half a year."""
    if is_rare(past.series):
        return np.full(days, past.calm[-HALF_YEAR:].mean())
    lately = past.calm[-(min(len(past.calm), LEVEL_DAYS) // WEEK) * WEEK :]
    return np.resize(lately.reshape(-1, WEEK).mean(axis=0), days)


def _weekday_shares(calm: Floats) -> Floats:
    """Say how the weekdays to come differ from their mean, for as long as a year."""
    means = calm[-LEVEL_DAYS:].reshape(-1, WEEK).mean(axis=0)
    mean = means.mean()
    return np.resize(means / mean if mean > 0 else np.ones(WEEK), YEAR)


def _of_statsforecast(name: str) -> Model:
    def forecast(past: Past, days: int) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that does not converge loses in the trial
            fit = _fit(name, past)
            told = fit.model.forward(y=past.calm[fit.since :], h=days)
        return np.asarray(told["mean"], dtype=float)

    return forecast


def _fit(name: str, past: Past) -> Fit:
    """Take the fit of an earlier past along, as long as not too much was seen since; fitting is what takes long."""
    fit, known = past.fits.get(name), len(past.calm)
    if fit is None or not fit.days <= known - fit.since <= CARRIED * fit.days:
        since = max(known - OF_WEEKS.get(name, LONGEST), 0)
        fit = past.fits[name] = Fit(_fitted(name, past.calm[since:]), since, known - since)
    return fit


def _fitted(name: str, values: Floats) -> Any:
    from statsforecast import models  # noqa: PLC0415 - two seconds, and it is wanted at night alone

    makers: dict[str, Any] = {
        "theta": lambda: models.DynamicOptimizedTheta(season_length=WEEK),
        "mstl": lambda: models.MSTL(season_length=[WEEK, 365] if len(values) >= 2 * 365 else [WEEK]),
        "arima": lambda: models.AutoARIMA(season_length=WEEK, approximation=True, max_p=2, max_q=2, max_P=1, max_Q=1),
    }
    return _smoothed(values) if name == "ets" else makers[name]().fit(values)


def _smoothed(values: Floats) -> Any:
    """Choose the errors and the week of ETS without a trend, then whether there is one: half the fits of all forms."""
    from statsforecast.models import AutoETS  # noqa: PLC0415 - as above

    level = AutoETS(season_length=WEEK, model="ZNZ").fit(values)
    error, _trend, season = level.model_["components"][:3]
    found = [level]
    with suppress(Exception):  # numerical failures of a dozen kinds
        found.append(AutoETS(season_length=WEEK, model=f"{error}A{season}").fit(values))
    return min(found, key=lambda each: float(np.nan_to_num(each.model_["aicc"], nan=np.inf)))


NAIVE: Mapping[str, Model] = {"same-weekday": same_weekday, "last-year": last_year}
PLAIN: Mapping[str, Model] = {"usual-weekday": usual_weekday, "year-at-level": year_at_level}
FITTED: Mapping[str, Model] = {name: _of_statsforecast(name) for name in ("ets", "theta", "mstl", "arima")}
MODELS: Mapping[str, Model] = {**NAIVE, **PLAIN, **FITTED}
LEAST = {"last-year": YEAR, "year-at-level": YEAR + LEVEL_DAYS, "usual-weekday": WEEK, "same-weekday": WEEK}
LEAST_FITTED = 3 * WEEK
USUAL = "usual-weekday"


def is_rare(series: Series) -> bool:
    """Tell whether too few days of the last half year sold anything for a model to be chosen."""
    lately = series.values[-HALF_YEAR:]
    return bool((lately > 0).sum() < RARE * len(lately))


def possible(name: str, days: int) -> bool:
    """Tell whether so many days are enough for a model."""
    return days >= LEAST.get(name, LEAST_FITTED)


def foretell(name: str, past: Past, days: int) -> Floats:
    """Say what a model expects of the days to come: finite, and never below nothing."""
    if not past.calm.any():
        return np.zeros(days)
    try:
        found = MODELS[name](past, days)
    except Exception:  # noqa: BLE001 - numerical failures of a dozen kinds; the plain one stands in
        found = np.full(days, np.nan)
    if not np.isfinite(found).all():
        return foretell(USUAL, past, days)
    most = HUGE * max(float(past.calm[-YEAR:].max()), 1e-9)
    lowest = np.clip(found, 0, most) if name not in NAIVE else np.maximum(found, 0)
    return lowest if name in NAIVE else lowest * past.ahead(days)
