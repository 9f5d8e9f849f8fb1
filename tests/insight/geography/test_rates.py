"""How dark a place is drawn: by what a paid order brings there, or by its net sales."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.geography import rates

rows = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({"net_minor": st.integers(-(10**9), 10**9), "paid": st.integers(0, 100)}),
)


@given(rows=rows)
def test_a_place_where_an_order_brings_more_is_never_paler(rows: dict[str, Any]) -> None:
    shades = rates.by_rate(rows)
    assert shades.keys() == {name for name, row in rows.items() if row["paid"] >= 10}
    assert all(1 <= each <= 5 for each in shades.values())
    dearest_first = sorted(shades, key=lambda name: -rows[name]["net_minor"] / rows[name]["paid"])
    assert [shades[name] for name in dearest_first] == sorted(shades.values(), reverse=True)


@given(rows=rows)
def test_a_place_that_sold_more_is_never_paler_and_one_that_lost_money_is_blank(rows: dict[str, Any]) -> None:
    shades = rates.by_sum(rows)
    assert {name for name, each in shades.items() if each == 0} == {
        name for name, row in rows.items() if row["net_minor"] <= 0
    }  # fmt: skip
    most_first = sorted(shades, key=lambda name: -rows[name]["net_minor"])
    assert [shades[name] for name in most_first] == sorted(shades.values(), reverse=True)


@pytest.mark.parametrize("paid", [[], [0], [9, 9], [10], [10, 9]])
def test_fewer_than_two_places_with_ten_paid_orders_are_not_compared(paid: list[int]) -> None:
    assert rates.best({str(nth): {"net_minor": 1, "paid": each} for nth, each in enumerate(paid)}) is None
