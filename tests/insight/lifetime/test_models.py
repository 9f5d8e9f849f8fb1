"""The models against what their authors printed, and against plain sums over what they say of customers."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from guanxi.insight.lifetime.bg_nbd import BgNbd
from guanxi.insight.lifetime.gamma_gamma import GammaGamma
from guanxi.insight.lifetime.histories import Histories
from guanxi.insight.lifetime.pareto_nbd import ParetoNbd, _height
from guanxi.insight.lifetime.spread import likely
from tests.insight.lifetime.conftest import Cdnow


def one(repeats: int, recency: int, age: int) -> Histories:
    return Histories.of(np.array([repeats]), np.array([recency]), np.array([age]), unit_days=1)


def rounded(*numbers: float, digits: int = 3) -> tuple[float, ...]:
    return tuple(round(number, digits) for number in numbers)


@pytest.mark.realdata
class TestCdnow:
    def test_bg_nbd_has_the_printed_parameters(self, cdnow: Cdnow) -> None:
        found = BgNbd.fit(cdnow.known.histories)
        assert rounded(found.r, found.alpha, found.a, found.b) == (0.243, 4.414, 0.793, 2.426)
        assert round(found.log_likelihood, 1) == -9582.4
        assert found.is_flat

    def test_pareto_nbd_has_the_printed_parameters(self, cdnow: Cdnow) -> None:
        found = ParetoNbd.fit(cdnow.known.histories)
        assert rounded(found.r, found.alpha, found.s, found.beta) == (0.553, 10.578, 0.606, 11.669)
        assert round(found.log_likelihood, 1) == -9595.0
        assert found.is_flat

    def test_gamma_gamma_has_the_printed_parameters(self, cdnow: Cdnow) -> None:
        known = cdnow.known
        again = known.repeats > 0
        found = GammaGamma.fit(known.repeats[again], known.mean[again])
        assert again.sum() == 946
        assert rounded(found.p, found.q, found.v, digits=2) == (6.25, 3.74, 15.44)

    def test_the_currency_changes_the_scale_and_nothing_else(self, cdnow: Cdnow) -> None:
        known = cdnow.known
        repeats, mean = (each[known.repeats > 0] for each in (known.repeats, known.mean))
        dollars, yen = GammaGamma.fit(repeats, mean), GammaGamma.fit(repeats, mean * 150)
        assert yen.p == pytest.approx(dollars.p, rel=1e-4)
        assert yen.v == pytest.approx(dollars.v * 150, rel=1e-4)


def test_customers_alike_are_grouped_and_found_again() -> None:
    known = Histories.of(np.array([2, 0, 2, 1]), np.array([14, 0, 14, 7]), np.array([70, 35, 70, 70]))
    assert known.counts.tolist() == [1, 1, 2]
    assert known.repeats[known.group].tolist() == [2, 0, 2, 1]
    assert known.recency[known.group].tolist() == [2, 0, 2, 1]
    assert known.age[known.group].tolist() == [10, 5, 10, 10]


@pytest.mark.parametrize(
    ("told", "said"), [((1, 9, 8), "after the last day"), ((0, 3, 8), "recency of zero"), ((-1, 0, 0), "zero or more")]
)
def test_histories_that_cannot_be_are_refused(told: tuple[int, int, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        one(*told)


@pytest.mark.parametrize("history", [(0, 0, 30), (3, 20, 30), (3, 29, 30), (40, 29, 30), (400, 350, 360)])
@pytest.mark.parametrize("parameters", [(0.55, 10.6, 0.61, 11.7), (1.4, 6.0, 0.9, 60.0), (2.0, 9.0, 1.5, 9.0)])
def test_pareto_nbd_is_the_integral_over_all_customers_there_may_be(
    history: tuple[int, int, int], parameters: tuple[float, float, float, float]
) -> None:
    r, alpha, s, beta = parameters
    x, recency, age = history

    def left_at(t: float) -> float:  # the rate of leaving at t, and x purchases until then
        return math.exp(
            math.log(s) + s * math.log(beta) - (s + 1) * math.log(beta + t) + math.lgamma(r + x) - math.lgamma(r)
            + r * math.log(alpha) - (r + x) * math.log(alpha + t) - scale
        )  # fmt: skip

    stays = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha) - (r + x) * math.log(alpha + age)
    stays += s * (math.log(beta) - math.log(beta + age))
    scale = stays
    slow = scale + math.log(1 + quad(left_at, recency, age, epsabs=0, epsrel=1e-10)[0])
    assert _height(one(*history), np.array(parameters)) == pytest.approx(slow, rel=1e-8)
    assert ParetoNbd(*parameters, 0.0).alive(one(*history))[0] == pytest.approx(math.exp(stays - slow), rel=1e-6)


def test_who_never_bought_again_is_worth_what_all_are_worth() -> None:
    model = GammaGamma(p=6.25, q=3.74, v=15.44, log_likelihood=0)
    expected = model.expected(np.array([0.0, 0.0, 5.0]), np.array([0.0, 900.0, 100.0]))
    assert expected[0] == expected[1] == pytest.approx(6.25 * 15.44 / 2.74)
    assert expected[0] < expected[2] < 100


def test_who_never_bought_again_cannot_have_left_by_bg_nbd() -> None:
    model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=0)
    assert model.alive(one(0, 0, 300)).tolist() == [1.0]
    assert model.alive(one(5, 10, 300))[0] < 0.05
    assert model.alive(one(5, 290, 300))[0] > 0.8


@pytest.mark.parametrize(
    "model",
    [
        BgNbd(r=0.9, alpha=14.0, a=0.8, b=2.4, log_likelihood=0),
        ParetoNbd(r=0.9, alpha=14.0, s=0.6, beta=40.0, log_likelihood=0),
    ],
)
class TestFutures:
    @pytest.fixture
    def known(self) -> Histories:
        return Histories.of(np.array([0, 2, 9]), np.array([0, 30, 250]), np.array([100, 200, 260]), unit_days=1)

    def test_are_on_average_what_is_expected(self, model: BgNbd | ParetoNbd, known: Histories) -> None:
        chance = np.random.default_rng(7)
        drawn = np.array([model.draw(known, 180, chance) for _nth in range(20_000)])
        error = drawn.std(axis=0) / math.sqrt(20_000)
        assert (np.abs(drawn.mean(axis=0) - model.expected(known, 180)) < 4 * error).all()

    def test_lie_between_two_ends_that_are_the_same_each_time(self, model: BgNbd | ParetoNbd, known: Histories) -> None:
        least, most = likely([model], known, 180)
        assert (least <= model.expected(known, 180)).all()
        assert most[2] > model.expected(known, 180)[2] > most[1]
        assert [each.tolist() for each in likely([model], known, 180)] == [least.tolist(), most.tolist()]

    def test_expected_grow_with_the_span_and_are_none_at_once(self, model: BgNbd | ParetoNbd, known: Histories) -> None:
        spans = [model.expected(known, span) for span in (0, 30, 180, 360)]
        assert spans[0] == pytest.approx([0, 0, 0], abs=1e-9)
        assert all((less < more).all() for less, more in itertools.pairwise(spans))
