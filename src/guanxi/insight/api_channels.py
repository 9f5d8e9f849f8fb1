"""Channels in the API: what each way brought and cost, by a rule or by all of them, and the costs themselves."""

from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Status
from pydantic import Field, StrictInt

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Asked, Day, Page, Sent, Told, Word, id_of, key_in, page
from guanxi.core.ids import public_id
from guanxi.insight.api import READ, Standing, answer, days_of, router, standing
from guanxi.insight.attribution.contacts import Credit
from guanxi.insight.channels import Line
from guanxi.insight.economics import ChannelsPage, name_of
from guanxi.insight.models import MarketingCost, ShopRun
from guanxi.pages.paging import ByFields

WRITE = "insight:write"
PREFIX = "cst"
MOST = 1_000
CostId = Annotated[str, id_of(PREFIX)]
Rule = Literal["last", "first", "linear", "position", "data"]


class WaysAsked(Sent):
    """Which days, and by what ways are told apart; the last 30 days where nothing is said."""

    day_from: Day | None = None
    day_to: Day | None = None
    by: Literal["source", "campaign"] = "source"


class ChannelsAsked(WaysAsked):
    """The rule by which orders are parted among the ways as well."""

    rule: Rule = "last"


class CreditTold(Told):
    """What is put down to a way: orders, in parts of one too, and net sales."""

    orders: float
    net_minor: float


class ChannelTold(Told):
    """What one way brought and cost; nulls where nothing was spent, or nobody came."""

    way: str = Field(description="As visits tell it; empty where people came directly.")
    name: str
    visits: int
    people: int
    orders: float
    net_minor: float
    new_customers: float
    conversion: float | None = Field(description="Orders of one visit.")
    cost_minor: float | None
    acquisition_minor: float | None = Field(description="What one new customer cost.")
    return_on_cost: float | None = Field(description="What came in above the cost, of the cost.")
    paid_back_days: int | None
    paid_back: float | None = Field(description="The part of the cost that those first met by it brought in so far.")


class ChannelsTold(Standing):
    """All ways of some days, those that brought most first."""

    data: list[ChannelTold]


class AttributedTold(Told):
    """One way, and what every rule puts down to it."""

    way: str
    name: str
    rules: dict[str, CreditTold]


class AttributionTold(Standing):
    """All ways of some days by all rules; each rule parts the same orders."""

    data: list[AttributedTold]


class CostTold(Told):
    """What a way cost over some days, the same on each of them."""

    id: CostId
    source: str
    campaign: str
    starts_on: str
    ends_on: str
    amount_minor: int


class CostSent(Sent):
    """What a way cost, both days among them; without a campaign it is of the source as a whole."""

    source: Word = Field(min_length=1, max_length=100)
    campaign: Word = Field("", max_length=100)
    starts_on: Day
    ends_on: Day
    amount_minor: Annotated[StrictInt, Field(description="Whole minor units of the currency.", ge=1, le=10**15)]


class CostsSent(Sent):
    """Costs, all of them or none; one of the same way and days replaces what was entered before."""

    costs: list[CostSent] = Field(min_length=1, max_length=MOST)


class CostsTold(Told):
    """The costs as they stand now."""

    data: list[CostTold]


@router.offers("GET /insight/channels", gettext_lazy("Read what ways bring and cost"), READ, {200: ChannelsTold})
def read_channels(request: ApiRequest, response: HttpResponse, asked: Query[ChannelsAsked]) -> Any:
    """Read visits, orders, new customers, costs and what came back of them, by one rule of attribution."""
    found = _read(asked, asked.rule)
    lines = found.ranked
    said = _standing(found)
    return answer(request, response, {**said, "data": [_line(line, asked.by) for line in lines]})


@router.offers(
    "GET /insight/attribution", gettext_lazy("Read what each rule puts down to ways"), READ, {200: AttributionTold}
)
def read_attribution(request: ApiRequest, response: HttpResponse, asked: Query[WaysAsked]) -> Any:
    """Read the same orders parted among the ways by every rule: last, first, linear, position, data."""
    found = _read(asked, "last")
    told = found.channels.side_by_side() if found.channels else {}
    rows = [
        {
            "way": line.way,
            "name": name_of(line.way, asked.by),
            "rules": {rule: _credit(parted.get(line.way, Credit())) for rule, parted in told.items()},
        }
        for line in found.ranked
    ]
    return answer(request, response, {**_standing(found), "data": rows})


@router.offers("GET /insight/costs", gettext_lazy("List marketing costs"), READ, {200: Page[CostTold]})
def list_costs(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List what was entered, the newest first."""
    line = ByFields(MarketingCost.objects.all(), ("pk",), falls=True)
    return page(line, asked, PREFIX, lambda rows: [*map(_cost, rows)])


@router.offers("POST /insight/costs", gettext_lazy("Enter marketing costs"), WRITE, {201: CostsTold})
def enter_costs(request: ApiRequest, sent: CostsSent) -> Any:
    """Enter what ways cost; the page of channels and its answers count it from now on."""
    _check(sent.costs)
    MarketingCost.objects.enter([MarketingCost(**each.model_dump(), by=request.user) for each in sent.costs],
                                by=request.user)  # fmt: skip
    wanted = Q()
    for each in sent.costs:
        wanted |= Q(**each.model_dump(exclude={"amount_minor"}))
    return Status(201, {"data": [*map(_cost, MarketingCost.objects.filter(wanted).order_by("pk"))]})


@router.offers("DELETE /insight/costs/{cost_id}", gettext_lazy("Remove a marketing cost"), WRITE, {204: None})
def remove_cost(request: ApiRequest, cost_id: CostId) -> Any:
    """Remove a cost that was entered."""
    found = MarketingCost.objects.filter(pk=key_in(PREFIX, cost_id)).first()
    if found is None:
        raise Http404
    found.remove(by=request.user)
    return Status(204, None)


def _read(asked: WaysAsked, rule: str) -> ChannelsPage:
    period = days_of(asked.day_from, asked.day_to, ShopRun.latest())
    return ChannelsPage.read({"by": asked.by, "model": rule}, period)


def _standing(found: ChannelsPage) -> dict[str, Any]:
    return standing(found.run if found.channels else None, found.finding)


def _check(costs: list[CostSent]) -> None:
    """Refuse days that end before they begin, and the same way and days twice."""
    seen, wrong = set(), {}
    for nth, each in enumerate(costs):
        key = (each.source, each.campaign, each.starts_on, each.ends_on)
        if each.ends_on < each.starts_on:
            wrong[f"costs.{nth}.ends_on"] = _("The days end before they begin.")
        if key in seen:
            wrong[f"costs.{nth}"] = _("The same way and days are there twice. Send their sum once.")
        seen.add(key)
    if wrong:
        raise NotValid(wrong)


def _line(line: Line, by: str) -> dict[str, Any]:
    return {
        "way": line.way, "name": name_of(line.way, by), "visits": line.visits, "people": line.people,
        "orders": line.brought.orders, "net_minor": line.brought.value_minor, "new_customers": line.met.orders,
        "conversion": line.conversion, "cost_minor": line.cost_minor, "acquisition_minor": line.acquisition_minor,
        "return_on_cost": line.returned, "paid_back_days": line.paid_back_days, "paid_back": line.paid_back,
    }  # fmt: skip


def _credit(credit: Credit) -> dict[str, float]:
    return {"orders": credit.orders, "net_minor": credit.value_minor}


def _cost(cost: MarketingCost) -> dict[str, Any]:
    told = {name: getattr(cost, name) for name in ("source", "campaign", "amount_minor")}
    days = {"starts_on": cost.starts_on.isoformat(), "ends_on": cost.ends_on.isoformat()}
    return {"id": public_id(PREFIX, cost.pk), **told, **days}
