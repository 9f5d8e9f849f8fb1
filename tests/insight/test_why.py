import datetime as dt
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight import why, wording
from guanxi.insight.rfm import Figures, PaidOrder, quintile_limits, rfm
from guanxi.insight.scheme import DEFAULT

LIMITS = {"recency": (7, 30, 90, 180), "frequency": (1, 2, 4, 9), "monetary": (10_000, 30_000, 90_000, 200_000)}
BEST = Figures(recency_days=3, frequency=23, monetary_minor=1_426_000)
MIDDLING = Figures(recency_days=40, frequency=3, monetary_minor=50_000)


def test_a_best_customer_who_stays_away_falls_band_by_band_until_the_class_changes() -> None:
    falls = list(why.drops(BEST, DEFAULT, LIMITS))
    assert [(each.amount, each.band, each.points) for each in falls] == [
        (5, 4, 470), (28, 3, 440), (88, 2, 410), (178, 1, 380),
    ]  # fmt: skip
    assert [each.class_after.key for each in falls if each.changes_class] == ["potential"]


def test_buying_lifts_who_can_still_be_lifted() -> None:
    assert [(each.dimension, each.amount, each.band, each.points) for each in why.rises(MIDDLING, DEFAULT, LIMITS)] == [
        ("recency", 1, 5, 360),
        ("frequency", 2, 4, 390),
        ("monetary", 40_001, 4, 400),
    ]
    assert list(why.rises(BEST, DEFAULT, LIMITS)) == []


def test_a_dimension_whose_limits_nobody_knows_promises_nothing() -> None:
    unknown = {**LIMITS, "frequency": None, "monetary": None}
    assert [each.dimension for each in why.rises(MIDDLING, DEFAULT, unknown)] == ["recency"]


day = dt.date(2024, 11, 11)
days_in_window = st.integers(0, 364).map(lambda n: day - dt.timedelta(days=n))
bought = st.lists(st.builds(PaidOrder, st.integers(1, 9), days_in_window, st.integers(1, 99)), min_size=1)


@given(bought)
def test_bands_explained_by_the_runs_limits_are_the_bands_computed(orders: list[PaidOrder]) -> None:
    rows = rfm(orders, as_of=day, scheme=DEFAULT)
    limits = {
        "recency": DEFAULT.recency.limits,
        "frequency": quintile_limits(row.figures.frequency for row in rows),
        "monetary": quintile_limits(row.figures.monetary_minor for row in rows),
    }
    for row in rows:
        assert why.bands_of(row.figures, DEFAULT, limits) == row.bands


@given(st.integers(0, 400), st.integers(0, 30), st.integers(0, 300_000))
def test_what_is_said_to_happen_happens(recency: int, frequency: int, monetary: int) -> None:
    figures = Figures(recency, frequency, monetary)
    now = why.bands_of(figures, DEFAULT, LIMITS)
    for fall in why.drops(figures, DEFAULT, LIMITS):
        later = why.bands_of(replace(figures, recency_days=recency + fall.amount), DEFAULT, LIMITS)
        assert (later[0], now[0] > later[0]) == (fall.band, True)
    for rise in why.rises(figures, DEFAULT, LIMITS):
        assert rise.points > DEFAULT.points_of(now) or rise.dimension != "recency"


def test_the_fall_is_told_as_people_say_it() -> None:
    falls = list(why.drops(BEST, DEFAULT, LIMITS))
    assert wording.fall(falls[1]) == "After 28 more days without an order R drops to 3 and the score to 4.4."
    with translation.override("zh-hans"):
        assert wording.fall(falls[1]) == "28 天内不再下单，R 降到 3，总分 4.4。"
        assert wording.fall(falls[3]) == "178 天内不再下单，R 降到 1，总分 3.8（潜力）。"


def test_the_rise_is_told_as_people_say_it() -> None:
    rises = [wording.rise(each, "CNY") for each in why.rises(MIDDLING, DEFAULT, LIMITS)]
    assert rises == [
        "One order now lifts R to 5 and the score to 3.6.",
        "2 more orders lift F to 4 and the score to 3.9.",
        "One order of ¥400.01 lifts M to 4 and the score to 4.0 (High-value).",
    ]


@pytest.mark.parametrize(("points", "text"), [(500, "5.0"), (440, "4.4"), (385, "3.85")])
def test_a_score_shows_no_more_decimals_than_it_has(points: int, text: str) -> None:
    assert wording.score(points) == text


def test_bands_are_told_by_their_values() -> None:
    assert wording.bands("recency", LIMITS["recency"], "CNY") == ["≤ 7", "8–30", "31–90", "91–180", "≥ 181"]
    assert wording.bands("frequency", (1, 2, 2, 9), "CNY") == ["≥ 10", "3–9", "nobody", "2", "≤ 1"]
    assert wording.bands("monetary", LIMITS["monetary"], "CNY")[:2] == ["> ¥2,000.00", "¥900.01–2,000.00"]
    assert wording.bands("monetary", None, "CNY") == ["Not applicable"] * 5
