"""Figures read as a Chinese and as an English shop writes them."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.pages import drawing, formats, glossary, moments


@pytest.mark.parametrize("module", [formats, moments, drawing, glossary])
def test_the_examples_in_the_documentation_are_true(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (3_842_000, "CNY", "¥38,420.00"),
        (3_800, "USD", "US$38.00"),
        (3_800, "GBP", "£38.00"),
        (-190_000, "CNY", "−¥1,900.00"),
        (12_345, "JPY", "JP¥12,345"),
        (1_500, "KWD", "KWD1.500"),
        (0, "CNY", "¥0.00"),
    ],
)
def test_money_in_tables_shows_every_minor_unit(minor: int, currency: str, text: str) -> None:
    assert formats.money(minor, currency) == text


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (170_800_000, "¥170.8 万"),
        (12_800_000_000, "¥1.28 亿"),
        (9_999_999_900, "¥1 亿"),
        (9_999_900, "¥99,999"),
        (9_999_960, "¥10 万"),
        (-21_400_000, "−¥21.4 万"),
    ],
)
@pytest.mark.usefixtures("chinese")
def test_large_money_in_chinese_counts_in_ten_thousands(minor: int, text: str) -> None:
    assert str(formats.money_large(minor, "CNY")) == text


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (171_000_000, "¥1.71M"),
        (12_800_000_000, "¥128M"),
        (21_400_000, "¥214k"),
        (9_999_900, "¥99,999"),
        (99_999_999, "¥1M"),
        (150_000_000_000, "¥1.5B"),
    ],
)
def test_large_money_in_english_counts_in_millions(minor: int, text: str) -> None:
    assert str(formats.money_large(minor, "CNY")) == text


@pytest.mark.usefixtures("chinese")
def test_a_difference_of_shares_is_named_in_points() -> None:
    assert formats.points(0.029) == "+2.9 个百分点"


@pytest.mark.parametrize(("ratio", "direction"), [(0.086, "up"), (-0.206, "down"), (0.0, "flat"), (0.0004, "flat")])
def test_a_change_too_small_to_show_has_no_direction(ratio: float, direction: str) -> None:
    assert formats.change(ratio).direction == direction


def test_a_change_of_points_keeps_its_size_without_a_sign() -> None:
    assert formats.change_points(-0.029) == formats.Change("down", "2.9 pts")


def test_half_is_rounded_away_from_zero_as_shops_do() -> None:
    assert [formats.decimal(Decimal(text)) for text in ("0.5", "1.5", "-2.5")] == ["1", "2", "−3"]


def test_a_rounded_nothing_is_not_negative() -> None:
    assert formats.decimal(-0.001, 1) == "0.0"
    assert formats.signed(-0.001, 1) == "0.0"


@given(st.integers(-(10**15), 10**15))
def test_no_hyphen_ever_stands_for_a_minus(minor: int) -> None:
    assert "-" not in formats.money(minor, "CNY") + str(formats.money_large(minor, "CNY")) + formats.signed(minor)


@given(st.integers(0, 10**12))
def test_a_large_figure_is_short_whatever_its_size(value: int) -> None:
    assert len(formats.number_large(value).value) <= 9
