"""Retention in the API: cohorts month by month, how soon customers buy again, and after how many days."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Sent, Told, Word
from guanxi.catalog.models import Product
from guanxi.core.ids import key_of, public_id
from guanxi.insight import first_groups
from guanxi.insight.api import NOTHING, READ, Standing, answer, router, standing
from guanxi.insight.asked_cohorts import ALL, DIMENSIONS, LENGTHS, PRODUCT, AskedCohorts
from guanxi.insight.cohorts import Cohort, Cohorts, months_between
from guanxi.insight.models import ShopRun
from guanxi.insight.repurchase import Repurchase
from guanxi.insight.repurchase_charts import Soon
from guanxi.insight.retention import RetentionPage
from guanxi.warehouse.reading import snapshot

GROUP = gettext_lazy("There is no such group. Send one as “channel:own”, or leave it out for everybody.")
UNIT = Field(description="0 is the month they began in.")


class CohortsAsked(Sent):
    """Which customers, and what counts as coming back."""

    basis: Literal["purchases", "documents"] = "purchases"
    group: Word = Field("", max_length=200, description="What they began with: channel:own, category:…, product:prd_….")


class RepurchaseAsked(Sent):
    """Which customers."""

    group: Word = Field("", max_length=200, description="What they began with: channel:own, category:…, product:prd_….")


class MonthTold(Told):
    """What a cohort did in one month; an unfinished one is still running."""

    months_since: int = UNIT
    customers: int
    share: float
    orders: int
    sold_minor: int
    net_minor: int
    is_finished: bool


class CohortTold(Told):
    """The customers who began in a month, and what they did in each month since, up to the last day observed."""

    month: dt.date
    members: int
    months: list[MonthTold]


class AverageTold(Told):
    """The share that came back in one month, over the cohorts for which that month is over."""

    months_since: int = UNIT
    share: float | None


class CohortsTold(Standing):
    """All cohorts, the oldest first, and their averages."""

    data: list[CohortTold]
    average: list[AverageTold]


class RateTold(Told):
    """How many customers bought again within so many days; 0 days: ever. The ends hold in 95 of 100 cases."""

    within_days: int
    customers: int = Field(description="Those observed for that long.")
    returned: int
    share: float | None
    low: float | None
    high: float | None


class GapsTold(Told):
    """The days between one buying day and the next: quartiles and median."""

    gaps: int
    lower_days: int
    median_days: int
    upper_days: int


class GroupTold(Told):
    """Customers who began with the same: how many buy again, and how soon."""

    group: str
    name: str
    rates: list[RateTold]
    gaps: GapsTold | None


class RepurchaseTold(Standing):
    """The rates of the chosen customers, and of every group that may be chosen."""

    rates: list[RateTold]
    gaps: GapsTold | None
    groups: list[GroupTold]


@router.offers("GET /insight/retention", gettext_lazy("Read who came back, month by month"), READ, {200: CohortsTold})
def read_cohorts(request: ApiRequest, response: HttpResponse, asked: Query[CohortsAsked]) -> Any:
    """Read of the customers who began in each month how many came back in each month since, and what they brought."""
    page = RetentionPage.read(_chosen(asked.group, asked.basis))
    if page is None or not page.cohorts.all:
        return answer(
            request, response, {**standing(page.run if page else None, str(NOTHING)), "data": [], "average": []}
        )
    longest = months_between(page.cohorts.all[0].month, page.cohorts.as_of)
    return answer(request, response, {
        **standing(page.run, page.finding),
        "data": [
            {"month": each.month, "members": each.members, "months": list(_months(each, page.cohorts))}
            for each in page.cohorts.all
        ],
        "average": [
            {"months_since": since, "share": page.cohorts.average(since)} for since in range(longest + 1)
        ],
    })  # fmt: skip


@router.offers(
    "GET /insight/repurchase", gettext_lazy("Read how soon customers buy again"), READ, {200: RepurchaseTold}
)
def read_repurchase(request: ApiRequest, response: HttpResponse, asked: Query[RepurchaseAsked]) -> Any:
    """Read how many customers buy again within so many days, and how many days lie between their orders."""
    chosen, run = _chosen(asked.group), ShopRun.latest()
    if run is None:
        return answer(request, response, {**standing(None, ""), "rates": [], "gaps": None, "groups": []})
    with snapshot() as lake:
        found = Repurchase.read(lake, dimension=chosen.dimension, segment=chosen.segment)
    soon = Soon(chosen, found)
    own = _rates(found, chosen.dimension, chosen.segment)
    return answer(request, response, {
        **standing(run, soon.finding if soon.rows else str(NOTHING)), **own, "groups": list(_groups(found)),
    })  # fmt: skip


def _chosen(group: str, basis: str = "purchases") -> AskedCohorts:
    dimension, _colon, segment = group.partition(":")
    if group and dimension not in DIMENSIONS:
        raise NotValid({"group": GROUP})
    if dimension == PRODUCT and (key := key_of(Product.PREFIX, segment)):
        group = f"{PRODUCT}:{key}"
    return AskedCohorts.of({"basis": basis, "group": group})


def _months(cohort: Cohort, cohorts: Cohorts) -> Iterator[dict[str, Any]]:
    for since in range(months_between(cohort.month, cohorts.as_of) + 1):
        came = cohort.at(since)
        yield {
            "months_since": since, **vars(came), "share": came.customers / max(cohort.members, 1),
            "is_finished": cohorts.is_finished(cohort, since),
        }  # fmt: skip


def _rates(found: Repurchase, dimension: str, segment: str) -> dict[str, Any]:
    rates = []
    for days in LENGTHS:
        rate = found.within(days, dimension=dimension, segment=segment)
        low, high = rate.interval or (None, None)
        rates.append({"within_days": days, **vars(rate), "share": rate.share, "low": low, "high": high})
    gaps = found.gaps.get((dimension, segment))
    return {"rates": rates, "gaps": gaps and vars(gaps)}


def _groups(found: Repurchase) -> Iterator[dict[str, Any]]:
    known = [(dimension, segment) for dimension in DIMENSIONS for segment in found.segments(dimension)]
    names = first_groups.names(known)
    for dimension, segment in known:
        if dimension != ALL:
            yield {
                "group": f"{dimension}:{public_segment(dimension, segment)}",
                "name": names[dimension, segment],
                **_rates(found, dimension, segment),
            }


def public_segment(dimension: str, segment: str) -> str:
    """Give a segment as programs know it: a product by its public id."""
    return public_id(Product.PREFIX, int(segment)) if dimension == PRODUCT and segment.isdigit() else segment
