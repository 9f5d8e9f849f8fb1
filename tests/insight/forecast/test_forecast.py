"""Forecasts find the week and the festival that were planted, are never below nothing, and say how sure they are."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.forecast import candidates
from guanxi.insight.forecast.ahead import FIELDS, forecast, reconciled
from guanxi.insight.forecast.candidates import NAIVE, PLAIN, Past, foretell
from guanxi.insight.forecast.occasions import WORKED, Occasion, learn, places
from guanxi.insight.forecast.series import DAY, FEW, NOTHING, SHORT, SILENT, Basis, Floats, Series
from guanxi.insight.forecast.trial import trial

FIRST = dt.date(2022, 1, 3)
WEEK = np.array([1, 1, 1, 1, 1.2, 1.8, 1.6])
SPRING = [dt.date(2022, 2, 1), dt.date(2023, 1, 22), dt.date(2024, 2, 10), dt.date(2025, 1, 29)]
OCCASIONS = [
    *(Occasion("double11", dt.date(y, 10, 20), dt.date(y, 11, 11), dt.date(y, 11, 11)) for y in range(2021, 2026)),
    *(Occasion("spring", day - 2 * DAY, day + 5 * DAY, day, (day - 9 * DAY,)) for day in SPRING),
]
PLACES = places(OCCASIONS)
QUICK = {**NAIVE, **PLAIN}
amounts = st.floats(-1_000, 1e7, allow_nan=False) | st.sampled_from([0.0, 0.0, 1.0])


def planted(until: dt.date, *, seed: int = 1, noise: float = 0.1) -> Floats:
    """A shop with a week, six times as much on Double 11, and little around Spring Festival."""
    dice = np.random.default_rng(seed)
    found = []
    for nth in range((until - FIRST).days):
        day = FIRST + nth * DAY
        key, distance = PLACES.get(day, ("", 0))
        factor = {"double11": 6.0 if distance == 0 else 1.5, "spring": 0.3, WORKED: 1.3}.get(key, 1.0)
        found.append(1_000 * WEEK[day.weekday()] * factor * np.exp(dice.normal(0, noise)))
    return np.array(found)


def test_the_planted_festival_is_found_on_its_day_and_not_on_its_date() -> None:
    effects = learn(Series(FIRST, planted(dt.date(2024, 11, 20))), PLACES)
    assert effects.of(("double11", 0)) == pytest.approx(6, rel=0.2)
    assert effects.of(("double11", -5)) == pytest.approx(1.5, rel=0.15)
    assert effects.of(("spring", 0)) == pytest.approx(0.3, rel=0.3)
    assert effects.of(("moon", 0)) == 1
    now = dt.date(2025, 1, 10)
    ahead = forecast(Series(FIRST, planted(now)), PLACES, 28, models=QUICK).days.expected
    came = planted(now + 28 * DAY)[-28:]
    spring = (SPRING[3] - now).days
    assert ahead[spring] == pytest.approx(came[spring], rel=0.35)
    assert ahead[spring + 8 : spring + 9] == pytest.approx(came[spring + 8 : spring + 9], rel=0.35)


def test_the_planted_week_is_found() -> None:
    now = dt.date(2024, 7, 1)
    found = forecast(Series(FIRST, planted(now)), PLACES, 28)
    assert found.trial.best is not None
    assert found.trial.best.error < 0.06
    assert found.days.expected[:7] == pytest.approx(1_000 * WEEK, rel=0.12)
    assert {each.name for each in found.trial.tried} == {
        "same-weekday", "last-year", "usual-weekday", "year-at-level", "ets", "theta", "mstl", "arima",
    }  # fmt: skip


FITTED = ("ets", "theta", "mstl", "arima")


@pytest.mark.parametrize(("days", "fits"), [(1_090, 1), (400, 2), (90, 3)])
def test_a_fit_is_carried_forward_until_a_quarter_more_is_known(
    monkeypatch: pytest.MonkeyPatch, days: int, fits: int
) -> None:
    made: list[int] = []
    plain = candidates._fitted
    monkeypatch.setattr(candidates, "_fitted", lambda name, values: made.append(len(values)) or plain(name, values))
    series = Series(FIRST, planted(FIRST + days * DAY))
    forecast(series, PLACES, 28, models=dict.fromkeys(["theta"]))
    assert len(made) == fits
    assert made == sorted(made)
    assert max(made) <= 728


@pytest.mark.parametrize("name", FITTED)
def test_what_is_carried_forward_says_next_to_what_a_fit_of_all_days_says(name: str) -> None:
    series = Series(FIRST, planted(dt.date(2024, 7, 1)))
    fits: dict[str, candidates.Fit] = {}
    for known in (len(series) - 112, len(series) - 28, len(series)):
        said = foretell(name, Past(series.upto(known), PLACES, fits), 28)
        anew = foretell(name, Past(series.upto(known), PLACES), 28)
        assert said.sum() == pytest.approx(anew.sum(), rel=0.02)
        assert said == pytest.approx(anew, rel=0.05)


@pytest.mark.parametrize("name", FITTED)
def test_what_came_later_changes_nothing_of_what_was_said_before(name: str) -> None:
    values = planted(dt.date(2023, 12, 1))
    other = np.concatenate([values[:-84], values[-84:] * np.linspace(1, 9, 84)])
    one, two = (trial(Series(FIRST, each), PLACES, dict.fromkeys([name])).tried[0].said for each in (values, other))
    assert one[0].tolist() == two[0].tolist()
    assert one[-1].tolist() != two[-1].tolist()


def test_the_form_of_ets_is_the_one_that_trying_every_form_finds() -> None:
    from statsforecast.models import AutoETS

    rising = 1_000 * np.tile(WEEK, 60) * np.linspace(1, 3, 420)
    for nth, values in enumerate((planted(dt.date(2022, 10, 10)), rising, np.tile(WEEK, 30) * 100)):
        noisy = values * np.exp(np.random.default_rng(nth).normal(0, 0.05, len(values)))
        every = AutoETS(season_length=7).fit(noisy).model_
        assert candidates._smoothed(noisy).model_["aicc"] <= every["aicc"] + 0.002 * abs(every["aicc"])


def test_the_naive_one_wins_where_it_is_nearer() -> None:
    steps = np.repeat(np.array([1.0, 5, 2, 9, 3, 7, 4, 8, 2, 6]), 28) * 100
    series = Series(FIRST, np.concatenate([steps, np.tile(np.arange(1.0, 8), 24) * 300]))
    held = trial(series, {}, dict.fromkeys(("same-weekday", "usual-weekday")))
    assert held.best is not None
    assert held.best.name == "same-weekday"
    assert (held.turns, held.days) == (4, 28)


def test_the_ends_hold_as_often_as_they_say() -> None:
    held80 = held95 = 0
    for seed in range(60):
        values = planted(dt.date(2022, 9, 1), seed=seed, noise=0.4)
        found = forecast(Series(FIRST, values[:-28]), PLACES, 28, models=QUICK).sums(28)
        came = values[-28:].sum()
        held80 += found.low80[0] <= came <= found.high80[0]
        held95 += found.low95[0] <= came <= found.high95[0]
    assert held80 >= 45
    assert held95 >= 54


@settings(max_examples=60, deadline=None)
@given(values=st.lists(amounts, min_size=21, max_size=500), days=st.integers(1, 91))
def test_nothing_is_below_nothing_and_nothing_is_infinite(values: list[float], days: int) -> None:
    found = forecast(Series(FIRST, np.array(values)), PLACES, days, models=QUICK)
    bands = [found.days, *([found.sums(7)] if days >= 7 else []), found.sums(days)]
    for each in bands:
        ends = [getattr(each, name) for name in FIELDS]
        assert all(np.isfinite(end).all() and (end >= 0).all() for end in ends)
        slack = 1e-6 * (1 + np.abs(each.expected))
        assert (each.low95 <= each.low80 + slack).all()
        assert (each.low80 <= each.expected + slack).all()
        assert (each.expected <= each.high80 + slack).all()
        assert (each.high80 <= each.high95 + slack).all()


@settings(max_examples=12, deadline=None)
@given(values=st.lists(amounts, min_size=21, max_size=120))
def test_fitted_models_are_finite_too(values: list[float]) -> None:
    past = Past(Series(FIRST, np.array(values)), PLACES)
    for name in ("ets", "theta", "mstl", "arima"):
        said = foretell(name, past, 28)
        assert np.isfinite(said).all()
        assert (said >= 0).all()


@given(
    total=st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
    parts=st.lists(st.lists(st.just(0.0) | st.floats(0.01, 1e6), min_size=3, max_size=3), min_size=1, max_size=5),
)
def test_parts_add_up_to_the_total(total: list[float], parts: list[list[float]]) -> None:
    shared = reconciled(np.array(total), [np.array(each) for each in parts])
    assert np.sum(shared, axis=0) == pytest.approx(np.array(total))
    assert all((each >= 0).all() for each in shared)


def test_what_sells_rarely_is_its_average_with_wide_ends() -> None:
    values = np.zeros(400)
    values[::20] = 100
    found = forecast(Series(FIRST, values), {}, 28)
    assert (found.model, found.trial.turns) == ("usual-weekday", 0)
    assert found.sums(28).expected[0] == pytest.approx(140, rel=0.15)
    assert found.sums(28).high95[0] > 300


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ([], NOTHING),
        ([0], SHORT),
        ([0, 5, 19], SHORT),
        ([0, 22], FEW),
        ([400], SILENT),
        ([*range(30)], ""),
        ([*range(22), *range(400, 500)], ""),
    ],
)
def test_a_short_past_says_what_is_missing(days: Sequence[int], reason: str) -> None:
    last = dt.date(2024, 11, 11)
    assert Basis.of({last - each * DAY: 1.0 for each in days}, last).reason == reason


def test_what_came_before_a_gap_of_a_year_is_left_out() -> None:
    last = dt.date(2024, 11, 11)
    found = Basis.of({last - each * DAY: 1.0 for each in (*range(30), *range(400, 500))}, last)
    assert (found.first, found.gap_days, found.orders) == (last - 29 * DAY, 370, 30)


def test_where_occasions_meet_the_shorter_one_has_the_day() -> None:
    day = dt.date(2024, 6, 10)
    found = places([Occasion("618", dt.date(2024, 6, 1), dt.date(2024, 6, 18), dt.date(2024, 6, 18)),
                    Occasion("dragon-boat", day, day, day, (day - 2 * DAY,))])  # fmt: skip
    assert found[day] == ("dragon-boat", 0)
    assert found[day - 2 * DAY] == (WORKED, 0)
    assert found[day - DAY] == ("618", -9)
