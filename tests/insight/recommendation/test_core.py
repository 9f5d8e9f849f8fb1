"""The core of recommendations equals slow twins in plain Python, on random small shops."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.insight.recommendation.accessories import WITHIN_DAYS, accessories
from guanxi.insight.recommendation.neighbours import similar
from guanxi.insight.recommendation.purchases import Purchases
from guanxi.insight.recommendation.ranking import Shelf, rank
from guanxi.insight.recommendation.trial import marks

Rows = list[tuple[int, int, int]]
ROWS = st.lists(st.tuples(st.integers(1, 8), st.integers(10, 16), st.integers(-60, 0)), max_size=60)
SLOW = settings(deadline=None, max_examples=60)


def bought(rows: Rows) -> Purchases:
    columns = [np.array(each, np.int64) for each in zip(*rows, strict=True)] or [np.empty(0, np.int64)] * 3
    return Purchases.of(columns[0], columns[1], columns[2].astype(np.int32))


def by_hand(rows: Rows, shrinkage: float, least: int) -> dict[tuple[int, int], float]:
    buyers: dict[int, set[int]] = defaultdict(set)
    for customer, good, _day in rows:
        buyers[good].add(customer)
    return {
        (one, other): len(both) / ((len(buyers[one]) * len(buyers[other])) ** 0.5 + shrinkage)
        for one in buyers
        for other in buyers
        if one != other and len(both := buyers[one] & buyers[other]) >= least
    }


@SLOW
@given(ROWS, st.sampled_from([0.0, 10.0]), st.integers(1, 3))
def test_similar_goods_are_those_of_a_plain_twin(rows: Rows, shrinkage: float, least: int) -> None:
    known = bought(rows)
    found = similar(known.owned[0], len(known.goods), most=4, shrinkage=shrinkage, least=least)
    wanted = by_hand(rows, shrinkage, least)
    for place, good in enumerate(known.goods):
        best = sorted((-score, other) for (one, other), score in wanted.items() if one == good)[:4]
        got = [int(known.goods[at]) for at in found.goods[place] if at >= 0]
        np.testing.assert_allclose(found.scores[place][: len(best)], [-score for score, _other in best], rtol=1e-6)
        assert len(got) == len(best)
        assert all(
            abs(wanted[good, other] - score) < 1e-6 for other, score in zip(got, found.scores[place], strict=False)
        )


@SLOW
@given(ROWS)
def test_accessories_are_cheaper_and_bought_with_or_after(rows: Rows) -> None:
    known = bought(rows)
    category, price = known.goods % 2, known.goods * 100
    found = accessories(known, category, price, most=6, least=1)
    followed: dict[int, Counter[int]] = defaultdict(Counter)
    buyers = Counter(good for _customer, good in {row[:2] for row in rows})
    pairs = {
        (customer, good, other)
        for customer, good, day in rows
        for who, other, later in rows
        if who == customer and other != good and 0 <= later - day <= WITHIN_DAYS
    }
    for _customer, good, other in pairs:
        followed[good][other] += 1
    for place, good in enumerate(known.goods):
        wanted = {
            other: count
            for other, count in followed[good].items()
            if other < good and other % 2 != good % 2 and count > buyers[good] * (buyers[other] / len(known.customers))
        }
        got = {
            int(known.goods[at]): int(n) for at, n in zip(found.goods[place], found.both[place], strict=True) if at >= 0
        }
        assert got == dict(sorted(wanted.items(), key=lambda each: (-each[1], each[0]))[:6])


@SLOW
@given(ROWS, st.integers(0, 2**7 - 1))
def test_a_customer_is_offered_the_nearest_then_what_most_buy(rows: Rows, bits: int) -> None:
    known = bought(rows)
    size = len(known.goods)
    near = similar(known.owned[0], size, most=3, shrinkage=0.0, least=1)
    offered = np.array([bool(bits >> place & 1) for place in range(size)], bool)
    owned, last = known.owned
    popular = np.arange(size, dtype=np.int32)[::-1].copy()
    found = rank(owned, last > -20, near, Shelf(offered, popular), most=4)
    for customer in range(len(known.customers)):
        places = range(owned.ends[customer], owned.ends[customer + 1])
        just = {int(owned.columns[at]) for at in places if last[at] > -20}
        total: Counter[int] = Counter()
        for at in places:
            for other, score in zip(near.goods[owned.columns[at]], near.scores[owned.columns[at]], strict=True):
                if other >= 0:
                    total[int(other)] += float(score)
        allowed = {other: score for other, score in total.items() if offered[other] and other not in just}
        got = [int(each) for each in found.goods[customer] if each >= 0]
        personal = [each for each in got if each in allowed]
        assert got[: len(personal)] == personal
        assert sorted(round(-allowed[each], 4) for each in personal) == sorted(
            round(-score, 4) for score in sorted(allowed.values(), reverse=True)[:4]
        )
        assert not just.intersection(got)
        assert all(offered[each] for each in got)
        rest = [int(each) for each in popular if offered[each] and each not in just and each not in personal]
        assert got[len(personal) :] == rest[: 4 - len(personal)]
        for good, why in zip(found.goods[customer], found.because[customer], strict=True):
            assert (why >= 0) == (int(good) in allowed)
            assert why < 0 or good in near.goods[why]


def test_recall_is_the_share_of_what_was_bought_that_was_shown() -> None:
    later = bought([(1, 10, 0), (1, 11, 0), (2, 12, 0)])
    offers = np.array([[2, 0], [2, -1]], np.int32)
    found = marks(offers, later, np.array([0, 1], np.int32), sold=3)
    assert found.recall == {1: 0.5, 3: 0.75, 5: 0.75, 10: 0.75}
    assert found.coverage == 2 / 3


def test_nothing_at_all_gives_nothing() -> None:
    known = bought([])
    near = similar(known.owned[0], 0)
    assert near.goods.shape == (0, 50)
    found = rank(known.owned[0], np.empty(0, bool), near, Shelf(np.empty(0, bool), np.empty(0, np.int32)))
    assert found.goods.shape == (0, 10)
