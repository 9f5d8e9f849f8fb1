"""With which parameters the marts are computed when nobody gives others: nightly, on demand, and by the daily figures.

A mart that uses only the parameters of SHOP needs no line here; what is its own stands in OWN.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from guanxi.core.money import exponent
from guanxi.insight.census import MART
from guanxi.insight.cohorts import GROUPS, later
from guanxi.insight.models import RfmScheme
from guanxi.insight.scheme import DEFAULT
from guanxi.insight.scoring import present_day
from guanxi.orders.models import Company
from guanxi.warehouse import runs
from guanxi.warehouse.marts import Given
from guanxi.warehouse.registry import marts

STEP_DAYS = NEW_DAYS = 30
DORMANT_DAYS, LOST_DAYS = 90, 180
TOP_PERCENT, FEWEST_GAPS, PRIOR_GAPS = 5, 30, 2
BY_RULES = (MART, "customer_classes")  # what reads the rules of RFM


def months_before(day: dt.date, months: int) -> dt.date:
    """Find the day of the same number so many months before, or that month's last.

    >>> months_before(dt.date(2024, 5, 31), 3), months_before(dt.date(2024, 2, 29), 12)
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    first = later(day, -months)
    return min(first + dt.timedelta(days=day.day - 1), later(day, 1 - months) - dt.timedelta(days=1))


SHOP: Mapping[str, Callable[[Company, dt.date], Any]] = {
    "as_of": lambda _company, day: day,
    "cut": lambda _company, day: day,  # nothing is held out where nobody asks for it
    "time_zone": lambda company, _day: company.time_zone,
    "base_currency": lambda company, _day: company.base_currency,
    "month_ago": lambda _company, day: months_before(day, 1),
    "quarter_ago": lambda _company, day: months_before(day, 3),
    "year_ago": lambda _company, day: months_before(day, 12),
    "major_minor": lambda company, _day: 10 ** exponent(company.base_currency),
}
OWN: Mapping[str, Mapping[str, Any]] = {
    "repurchase_by_day": {"window_days": 90},
    "product_pairs": {"window_days": 365},
    "basket_rules": {"fewest_orders": 5},
    "goods_sales": {"most_percent": 80, "next_percent": 95},
    "price_bands": {"window_days": 365},
    "cohort_months": {"groups": GROUPS},
    "repurchase_rates": {"groups": GROUPS},
    "repurchase_gaps": {"groups": GROUPS},
    "sales_by_part": {"most_categories": 12, "most_products": 20},
    "visits": {"keep_days": 400, "window_days": 30},
    "customer_lifecycle": {
        "new_days": NEW_DAYS, "dormant_days": DORMANT_DAYS, "lost_days": LOST_DAYS, "step_days": STEP_DAYS,
    },
    "customer_category_next": {"prior_gaps": PRIOR_GAPS},
    "customer_churn_features": {
        "fewest_gaps": FEWEST_GAPS, "usual_days": 30, "prior_gaps": PRIOR_GAPS, "least_days": 7, "most_days": 90,
    },
    "customer_layers": {
        "top_percent": TOP_PERCENT, "fewest_gaps": FEWEST_GAPS, "dormant_days": DORMANT_DAYS, "lost_days": LOST_DAYS,
    },
}  # fmt: skip


def given(mart: str) -> Given:
    """Say how the parameters of a mart are given; for its registration."""
    names = {*SHOP, *OWN.get(mart, {}), *(DEFAULT.parameters(dt.date.max) if mart in BY_RULES else ())}
    return Given(names, partial(parameters, mart))


def parameters(mart: str, as_of: dt.date | None = None) -> dict[str, Any]:
    """Give the parameters of a mart as of a day, the present one unless told."""
    as_of, company = as_of or present_day(), Company.current() or Company(base_currency="CNY")
    found: dict[str, Any] = {name: value(company, as_of) for name, value in SHOP.items()} | dict(OWN.get(mart, {}))
    if mart in BY_RULES:
        found |= RfmScheme.current().scheme.parameters(as_of)
    return {each.name: found[each.name] for each in marts()[mart].asked}


def compute(names: Collection[str], as_of: dt.date, check: Callable[[], None] = lambda: None, **others: Any) -> None:
    """Compute marts as of a day, and those they read; what would come out the same is left as it is.

    `others` are values of parameters that stand in place of the usual ones.
    """

    def told(mart: str) -> dict[str, Any]:
        usual = parameters(mart, as_of)
        return usual | {name: value for name, value in others.items() if name in usual}

    runs.refresh(names, told, check)
