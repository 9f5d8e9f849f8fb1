"""The discount of an order that the rows of a flat file repeat is shared among its lines, to the minor unit."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from guanxi.ingest.documents import _of_order, _shared

MINOR = st.integers(0, 10**9)


def shared(amounts: list[int], discounts: list[int], role: str = "flat") -> list[int]:
    told = {"doc": 1, "role": role, "amount_minor": amounts, "discount_minor": discounts}
    return pl.DataFrame(told).select(_shared()).to_series().to_list()


def test_a_discount_that_every_row_repeats_is_shared_by_amounts() -> None:
    assert shared([10_000, 30_000, 60_000], [1_000] * 3) == [100, 300, 600]
    assert shared([100, 200, 700], [101, 101, 101]) == [10, 20, 71]


def test_a_discount_on_the_first_row_alone_is_shared_too() -> None:
    assert shared([5_000, 15_000], [8_000, 0]) == [2_000, 6_000]


def test_lines_that_have_their_own_discounts_keep_them_and_the_order_has_their_sum() -> None:
    assert shared([100, 300], [5, 7]) == [5, 7]
    assert shared([100, 300], [5, 5], role="lines") == [5, 5]
    said = pl.DataFrame({"discount": [5, None, 7]}).select(_of_order(pl.col("discount")))
    assert said.item() == 12
    assert pl.DataFrame({"discount": [5, None, 5]}).select(_of_order(pl.col("discount"))).item() == 5


def test_lines_that_cost_nothing_keep_what_is_said() -> None:
    assert shared([0, 0], [3, 3]) == [3, 3]
    assert shared([100], [0]) == [0]


@given(st.lists(MINOR, min_size=1, max_size=8), st.integers(0, 100))
def test_the_parts_add_up_and_none_is_larger_than_its_line(amounts: list[int], percent: int) -> None:
    whole = sum(amounts) * percent // 100
    parts = shared(amounts, [whole] * len(amounts))
    if sum(amounts):
        assert sum(parts) == whole
        assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))
