"""How long pages of insight take on the lake of `benchmarks.marts`, for two users who read at once.

Run with `python -m benchmarks.insight [orders] [customers] [events]`; a GUANXI_HOME that `benchmarks.marts` filled is
read as it is. The book holds no customers: pages that list people find nobody to name, their figures are there. A line
a page or panel, and the slowest against its promise: `name value unit ratio-to-what ratio`.
"""

import datetime as dt
import sys

from benchmarks import marts as _marts
from benchmarks import pages as _pages
from benchmarks._rows import say
from django.core.management import call_command

from guanxi.insight import daily, forecasting, given, goods
from guanxi.insight.churn import keeping
from guanxi.insight.models import ShopRun
from guanxi.insight.recommendation import keeping as recommending
from guanxi.orders.models import Company
from guanxi.warehouse import lake, runs

LIMIT_MS = 400
DAYS = f"from={_marts.LAST - dt.timedelta(days=29)}&to={_marts.LAST}"
YEAR = f"from={_marts.LAST - dt.timedelta(days=365)}&to={_marts.LAST}"
PAGES = {
    "home": f"/?{DAYS}",
    "rfm": "/insight/rfm/",
    "moves": "/insight/rfm/moves/",
    "layers": "/insight/layers/",
    "retention": "/insight/retention/",
    "repurchase": "/insight/retention/repurchase/",
    "beginnings": "/insight/retention/beginnings/",
    "intervals": "/insight/retention/intervals/",
    "products": "/insight/products/",
    "products_of_all_time": "/insight/products/?days=0&part=category",
    "seasons": "/insight/products/seasons/",
    "prices": "/insight/products/prices/",
    "baskets": "/insight/products/baskets/",
    "needs": "/insight/products/needs/",
    "places": "/insight/places/",
    "channels": f"/insight/channels/?{DAYS}",
    "channels_of_a_year": f"/insight/channels/?{YEAR}&by=campaign&model=linear",
    "channels_by_the_data": f"/insight/channels/?{YEAR}&model=data",
    "forecast": "/insight/forecast/",
    "churn": "/insight/churn/",
    "recommendations": "/insight/recommendations/",
    "goals": "/insight/goals/",
    "review": "/insight/goals/review/",
    "marts": "/insight/marts/",
    "mart": "/insight/marts/customer_layers/",
    "computations": "/insight/runs/",
}


def prepare(orders: int, customers: int, events: int) -> None:
    """Fill the lake where it is empty, and compute what the pages show, as the worker would at night."""
    call_command("migrate", verbosity=0, skip_checks=True)
    if Company.current() is None:
        Company.found("Bench", base_currency="CNY", time_zone="Asia/Shanghai")
    given.present_day = lambda: _marts.LAST
    if not lake.find("events"):
        _marts.made(orders, customers, events)
    if ShopRun.latest():
        return
    assert all(each.is_sound for each in runs.run())
    say("marts")
    for name, compute in COMPUTED.items():
        compute()
        say(name)


COMPUTED = {
    "figures of the shop": lambda: daily.compute(_marts.LAST),
    "figures of goods": goods.compute,
    "forecast": lambda: forecasting.compute(_marts.LAST - dt.timedelta(days=1)),
    "churn": lambda: keeping.compute(_marts.LAST),
    "recommendations": lambda: recommending.compute(_marts.LAST),
}


def main(orders: int = 10_000_000, customers: int = 1_000_000, events: int = 50_000_000) -> None:
    """Read every page again and again."""
    prepare(orders, customers, events)
    p95 = _pages.slowest_of_twenty(_pages.watch({name: lambda _draw, path=path: path for name, path in PAGES.items()}))
    for name, waited in p95.items():
        print(f"p95_insight_{name} {waited:.0f} ms limit_400_ms {waited / LIMIT_MS:.2f}", flush=True)
    slowest = max(p95.values())
    print(f"slowest_insight_p95 {slowest:.0f} ms limit_400_ms {slowest / LIMIT_MS:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
