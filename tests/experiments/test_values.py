import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.experiments.assignment import BadExperiment
from guanxi.experiments.tally import planned
from guanxi.experiments.values import read


def numbers(*cells: str | None) -> list[float | None]:
    return read(pl.Series(cells, dtype=pl.String))["value"].to_list()


@pytest.mark.parametrize("yes", ["TRUE", "true", "Yes", "y", "T", "是", " true ", '="TRUE"'])
def test_yes_is_one_in_any_spelling(yes: str) -> None:
    assert numbers(yes, "0") == [1, 0]


@pytest.mark.parametrize("no", ["FALSE", "No", "n", "否", "f"])
def test_no_is_nought_in_any_spelling(no: str) -> None:
    assert numbers(no) == [0]


@pytest.mark.parametrize("blank", [None, "", "  ", "n/a", "NaN", "NULL", "-", "\u3000"])
def test_what_says_nothing_is_blank(blank: str | None) -> None:
    found = read(pl.Series([blank, "1"], dtype=pl.String))
    assert found.row(0) == (None, False, False)


@pytest.mark.parametrize("text", ["tea", "1,5", "12 apples", "inf", "-inf", "1e400", "-3e200", "1.2.3", "²"])
def test_what_is_no_number_is_text(text: str) -> None:
    assert read(pl.Series([text, "1"])).row(0) == (None, False, True)


def test_amounts_are_read_as_people_write_them() -> None:
    assert numbers("¥1,234.50", "US5", "−3", "1,000,000", "25%", "1e3", "１２．５") == [
        1234.5, None, -3, 1_000_000, 0.25, 1000, 12.5,
    ]  # fmt: skip


@given(cells=st.lists(st.floats(-1e149, 1e149)))
def test_every_number_is_read_exactly(cells: list[float]) -> None:
    assert numbers(*map(repr, cells)) == cells


def test_weights_are_named_or_stand_in_the_order_of_the_arms() -> None:
    arms = ["as it is", "new=1"]
    assert planned(arms, []) is None
    assert planned(arms, ["1", "3"]) == planned(arms, ["1,3"]) == {"as it is": 1, "new=1": 3}
    assert planned(arms, ["new=1=3", "as it is=1"]) == {"as it is": 1, "new=1": 3}
    assert planned(["a", "b"], ["a=90,b=10"]) == {"a": 90, "b": 10}


@pytest.mark.parametrize(
    "given_", [["1"], ["1", "2", "3"], ["a=1"], ["a=1", "c=1"], ["0", "1"], ["x", "1"], ["-1", "1"]]
)
def test_weights_that_do_not_fit_are_refused(given_: list[str]) -> None:
    with pytest.raises(BadExperiment):
        planned(["a", "b"], given_)
