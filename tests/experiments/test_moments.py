import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.experiments.moments import Moments, Pairs

NUMBERS = st.lists(st.floats(-1e6, 1e6), max_size=30)


def exact(numbers: list[float]) -> tuple[float, float]:
    mean = math.fsum(numbers) / len(numbers)
    return mean, math.fsum((number - mean) ** 2 for number in numbers)


@given(first=NUMBERS, second=NUMBERS)
def test_parts_joined_are_the_whole(first: list[float], second: list[float]) -> None:
    found, numbers = Moments.of(first) + Moments.of(second), first + second
    assert found.n == len(numbers)
    if numbers:
        mean, squares = exact(numbers)
        assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-6)
        assert found.squares == pytest.approx(squares, rel=1e-9, abs=1e-3)
        assert (found.least, found.greatest) == (min(numbers), max(numbers))


@given(number=st.floats(-1e12, 1e12), times=st.integers(2, 50))
def test_numbers_all_the_same_have_no_spread_at_all(number: float, times: int) -> None:
    assert Moments.of([number] * times).variance == 0


def test_one_number_has_no_variance() -> None:
    assert Moments.of([3]).variance is Moments.of([3]).error is None


@given(first=st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), max_size=15), cut=st.integers(0, 15))
def test_pairs_joined_are_the_whole(first: list[tuple[int, int]], cut: int) -> None:
    found = one_by_one(first[:cut]) + one_by_one(first[cut:])
    assert found.n == len(first)
    if first:
        x, y = (sum(column) / len(first) for column in zip(*first, strict=True))
        assert found.xy == pytest.approx(sum((a - x) * (b - y) for a, b in first), abs=1e-6)
        assert found.xx == pytest.approx(sum((a - x) ** 2 for a, _ in first), abs=1e-6)
        assert found.yy == pytest.approx(sum((b - y) ** 2 for _, b in first), abs=1e-6)


def one_by_one(pairs: list[tuple[int, int]]) -> Pairs:
    return sum((Pairs(1, float(x), float(y)) for x, y in pairs), Pairs())
