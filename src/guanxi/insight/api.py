"""Insight in the API: classes, the lifecycle and the days of the shop, as the last computations found them.

Every answer says as of which day it holds, when it was computed, and what it comes to in a sentence; its ETag is that
of what is told, so that a program that has it already is told 304.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Day, Sent, Told, Word
from guanxi.customers.api import visible
from guanxi.customers.shown import CustomerId
from guanxi.insight.explanation import Explanation
from guanxi.insight.given import STEP_DAYS
from guanxi.insight.models import ShopRun, TradingDay
from guanxi.insight.moving import STAGES, Moving
from guanxi.insight.overview import Overview
from guanxi.insight.sales import SalesByDay
from guanxi.insight.span import Span
from guanxi.insight.trading import Trade
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.pages.period import Period

router = Resource(tags=["insight"])
READ = "insight:read"
NOTHING = gettext_lazy("Nothing was computed yet")
MOST_DAYS = 3_660


class Run(Protocol):
    """A computation that an answer comes from."""

    as_of: dt.date
    finished_at: dt.datetime


class Standing(Told):
    """What every answer of insight begins with; no day and no time before the first computation."""

    as_of: dt.date | None = Field(description="The last day observed.")
    computed_at: dt.datetime | None
    currency: str = Field(description="Of all amounts, which are whole minor units of it.")
    finding: str = Field(description="What it comes to, in the language of Accept-Language.")


class ClassTold(Told):
    """One class: how many customers are in it, and what they bought in the window of the rules."""

    key: str
    name: str
    from_score: str
    customers: int
    share: float | None
    net_minor: int
    net_share: float | None
    moved: int | None = Field(description="Customers more than 30 days before; null where that is not known.")


class CellTold(Told):
    """Customers who are in the same bands of recency, frequency and monetary value, 1 to 5 each."""

    r: int
    f: int
    m: int
    customers: int
    net_minor: int


class ClassesTold(Standing):
    """The classes from the highest down, the cells somebody is in, and the version of the rules."""

    version: int
    customers: int
    classes: list[ClassTold]
    cells: list[CellTold]


class ScoreTold(Standing):
    """A customer's class, the figures and bands it comes from, and why; nulls where they never bought."""

    customer: CustomerId
    key: str | None
    score: float | None = Field(description="1 to 5.")
    r: int | None
    f: int | None
    m: int | None
    recency_days: int | None
    frequency: int | None
    monetary_minor: int | None
    why: list[str] = Field(description="The score, and what would change it, in sentences.")


class MoveTold(Told):
    """How many customers stood in one place some days before and stand in another now; null: had not bought yet."""

    before: str | None
    after: str
    customers: int


class StageTold(Told):
    """How many customers stand in a place, and how many stood there before."""

    stage: str
    customers: int
    customers_before: int


class LifecycleTold(Standing):
    """Where customers stand, where they stood `step_days` earlier, and who moved from where to where."""

    step_days: int
    stages: list[StageTold]
    moves: list[MoveTold]


class SalesAsked(Sent):
    """Which days, of one store or channel; the last 30 up to the last day observed where nothing is said."""

    day_from: Day | None = None
    day_to: Day | None = None
    store: Word | None = Field(None, max_length=40)
    channel: Word | None = Field(None, max_length=20)


class SalesTold(Told):
    """One day of the company: paid orders, new customers, and net sales by who bought."""

    day: dt.date
    orders: int
    new_customers: int
    net_minor: int
    new_net_minor: int
    returning_net_minor: int
    guest_net_minor: int
    unpriced: int = Field(description="Orders and refunds without an exchange rate, in no sum.")


class DaysTold(Standing):
    """The days on which something was sold or given back, the earliest first."""

    day_from: dt.date
    day_to: dt.date
    data: list[SalesTold]


@router.offers("GET /insight/rfm", gettext_lazy("Read the classes of customers"), READ, {200: ClassesTold})
def read_classes(request: ApiRequest, response: HttpResponse) -> Any:
    """Read the classes of recency, frequency and monetary value, and the cells they are made of."""
    overview = Overview.now()
    run = overview.run
    names = ("key", "name", "from_score", "customers", "share", "net_minor", "net_share", "moved")
    return answer(request, response, {
        **standing(run, overview.finding),
        "version": run.scheme.version if run else overview.version.version,
        "customers": run.customers if run else 0,
        "classes": [{name: getattr(each, name) for name in names} for each in overview.classes],
        "cells": [dict(zip(CellTold.model_fields, cell, strict=True)) for cell in (run.cells if run else ())],
    })  # fmt: skip


@router.offers(
    "GET /insight/customers/{customer_id}/rfm", gettext_lazy("Read the class of a customer"), READ, {200: ScoreTold}
)
def read_class(request: ApiRequest, response: HttpResponse, customer_id: CustomerId) -> Any:
    """Read in which class a customer is, and why; the id of one who was merged leads to the survivor."""
    customer = visible(request.user, customer_id)
    found = Explanation.of(customer)
    told: dict[str, Any] = dict.fromkeys(ScoreTold.model_fields) | {"customer": customer.public_id, "why": []}
    if found is None:
        unscored = {"finding": _("They have not bought yet, or were not scored since.")}
        return answer(request, response, told | standing(None, "") | unscored)
    figures = {name: getattr(found.figures, name) for name in ("recency_days", "frequency", "monetary_minor")}
    told |= {"key": found.named.key, "score": found.scheme.points_of(found.bands) / 100, "why": found.sentences}
    return answer(request, response, {
        **told, **standing(found.run, found.sentences[0]), **dict(zip("rfm", found.bands, strict=True)), **figures,
    })  # fmt: skip


@router.offers("GET /insight/lifecycle", gettext_lazy("Read where customers are moving"), READ, {200: LifecycleTold})
def read_lifecycle(request: ApiRequest, response: HttpResponse) -> Any:
    """Read how many customers are new, active, dormant and lost, and who moved in the last thirty days."""
    run = ShopRun.latest()
    moves = [(*move.split(">"), count) for move, count in sorted(run.moves.items())] if run else []
    return answer(request, response, {
        **standing(run, Moving(run).finding if run else ""),
        "step_days": STEP_DAYS,
        "stages": [
            {
                "stage": stage,
                "customers": sum(count for _was, now, count in moves if now == stage),
                "customers_before": sum(count for was, _now, count in moves if was == stage),
            }
            for stage in STAGES
        ],
        "moves": [{"before": was or None, "after": now, "customers": count} for was, now, count in moves],
    })  # fmt: skip


@router.offers("GET /insight/sales", gettext_lazy("Read what was sold by day"), READ, {200: DaysTold})
def read_sales(request: ApiRequest, response: HttpResponse, asked: Query[SalesAsked]) -> Any:
    """Read orders, new customers and net sales of each day, of all stores together or of one store or channel."""
    run = ShopRun.latest()
    period = days_of(asked.day_from, asked.day_to, run)
    days = TradingDay.objects.between(period.start, period.end)
    for name in ("store", "channel"):
        if (value := getattr(asked, name)) is not None:
            days = days.filter(**{name: value.replace("\0", "")})
    rows = [_sold(day, sums) for day, sums in days.summed().items()]
    narrowed = asked.store is not None or asked.channel is not None
    return answer(request, response, {
        **standing(run, _sum_of(rows) if narrowed else SalesByDay(Trade.read(Span(period)), base_currency()).finding),
        "day_from": period.start, "day_to": period.end, "data": rows,
    })  # fmt: skip


def standing(run: Run | None, finding: str) -> dict[str, Any]:
    """Say what every answer begins with."""
    return {
        "as_of": run and run.as_of,
        "computed_at": run and run.finished_at,
        "currency": base_currency(),
        "finding": str(finding) if run else str(NOTHING),
    }


def answer(request: ApiRequest, response: HttpResponse, told: Mapping[str, Any]) -> Any:
    """Answer with an ETag of what is told; 304 where the program has the same already."""
    text = json.dumps(told, default=str, sort_keys=True)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response["ETag"] = tag
    known = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    return HttpResponse(status=304, headers={"ETag": tag}) if tag in known else told


def days_of(first: dt.date | None, last: dt.date | None, run: Run | None) -> Period:
    """Find the days that are asked for; raises NotValid where they are none, or too many."""
    last = last or max(first or dt.date.min, run.as_of if run else dt.date.today())  # noqa: DTZ011 - nothing is there
    first = first or last - dt.timedelta(days=29)
    if first > last:
        raise NotValid({"day_to": _("The days end before they begin.")})
    if (last - first).days >= MOST_DAYS:
        raise NotValid({"day_from": _("At most %(most)s days at once.") % {"most": MOST_DAYS}})
    return Period(first, last, "none")


def _sold(day: dt.date, sums: Mapping[str, int]) -> dict[str, Any]:
    net = sum(sums[name] for name in ("new_net_minor", "returning_net_minor", "guest_net_minor"))
    return {"day": day, **sums, "net_minor": net}


def _sum_of(rows: list[dict[str, Any]]) -> str:
    net, orders = (sum(row[name] for row in rows) for name in ("net_minor", "orders"))
    if not rows:
        return _("Nothing was sold in these days.")
    said = {"net": formats.money_whole(net, base_currency()), "count": formats.count(orders)}
    return ngettext("%(count)s order, %(net)s net sales", "%(count)s orders, %(net)s net sales", orders) % said
