"""The lake of the large book and all that is computed from it, by the product's own hands."""

from benchmarks._rows import say

from guanxi.insight import daily, goods, past, scoring, valuing
from guanxi.insight.models import ShopRun
from guanxi.warehouse import sync


def compute() -> None:
    """Bring the lake up to date, score customers, and compute the shop's and the goods' figures; once for a book."""
    if ShopRun.latest():
        return
    sync.sync()
    say("lake")
    past.remember(scoring.score_customers())
    say("scores and classes")
    daily.compute()
    say("figures of the shop")
    goods.compute()
    say("figures of goods")
    valuing.compute()
    say("values of customers")
