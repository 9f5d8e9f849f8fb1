"""Lifetime value in the API: of all customers together, of those worth most, and of one."""

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.wire import Asked, Told, page
from guanxi.customers.api import visible
from guanxi.customers.models import Customer, Score
from guanxi.customers.shown import CustomerId
from guanxi.insight.api import READ, Standing, answer, router, standing
from guanxi.insight.models import VALUE, ValueRun
from guanxi.insight.prospect import Prospect
from guanxi.insight.worth import Worth
from guanxi.pages.paging import ByFields


class Expected(Told):
    """An expected number with the ends between which it lies in eight futures of ten."""

    expected: float
    low: float
    high: float


class YearTold(Told):
    """What all customers will do within twelve months; revenue is null where no amounts are known."""

    orders: Expected
    alive: Expected
    alive_again: Expected
    revenue_minor: Expected | None


class ForecastTold(Told):
    """One forecast of the hold-out beside what was seen in it."""

    name: str
    expected: float
    seen: float
    error: float
    bias: float


class ValueTold(Standing):
    """What customers will probably bring, by which model, and how it did on the past."""

    model: str | None
    chosen_by: str | None
    unit: str | None
    parameters: dict[str, float]
    log_likelihood: float | None
    customers: int
    repeat_customers: int
    next_year: YearTold | None
    margin_minor: int | None = Field(description="Null where costs are unknown, or hidden from the key.")
    best_tenth: float | None = Field(description="The share of expected revenue that the best tenth brings.")
    hold_out: list[ForecastTold]


class WorthTold(Told):
    """What one customer will probably buy within twelve months, with the ends in eight futures of ten."""

    customer: CustomerId
    orders: float
    orders_low: int
    orders_high: int
    revenue_minor: int | None
    revenue_low_minor: int | None
    revenue_high_minor: int | None
    alive: float
    alive_low: float
    alive_high: float
    label: str = Field(description="`slipping` where they are probably leaving, else empty.")


class ProspectTold(Standing):
    """One customer's value, and why it is that; null before they bought."""

    value: WorthTold | None


class PeopleTold(Standing):
    """Customers, those worth most first. `next` leads to what follows; where nothing does it is null."""

    data: list[WorthTold]
    next: str | None


class PeopleAsked(Asked):
    """Which customers: all, or those who are probably leaving."""

    label: Literal["slipping"] | None = None


@router.offers("GET /insight/value", gettext_lazy("Read what customers will bring"), READ, {200: ValueTold})
def read_value(request: ApiRequest, response: HttpResponse) -> Any:
    """Read what customers will bring within twelve months, all together, and how well that is known."""
    worth = Worth.now(request.user)
    told = worth.told
    return answer(request, response, {
        **standing(worth.run, worth.finding),
        **{name: told.get(name) for name in ("model", "chosen_by", "unit", "log_likelihood")},
        "parameters": told.get("parameters") or {},
        **{name: told.get(name) or 0 for name in ("customers", "repeat_customers")},
        "next_year": worth.ahead or None,
        "margin_minor": told.get("margin_minor") if worth.may_see_costs else None,
        "best_tenth": (told.get("bands") or {}).get("best_tenth"),
        "hold_out": (told.get("hold_out") or {}).get("forecasts") or [],
    })  # fmt: skip


@router.offers(
    "GET /insight/value/customers", gettext_lazy("List customers by what they will bring"), READ, {200: PeopleTold}
)
def list_valuable(request: ApiRequest, response: HttpResponse, asked: Query[PeopleAsked]) -> Any:
    """List customers by what they will bring within twelve months, the most first."""
    worth, people = Worth.now(request.user), Customer.objects.visible_to(request.user)
    scores = Score.objects.filter(name=VALUE, customer__in=people)
    chosen = scores.filter(label=asked.label) if asked.label else scores
    line = ByFields(chosen, ("value", "weight", "customer_id"), falls=True, whole=scores)
    listed = page(line, asked, Customer.PREFIX, _drawn, key="customer_id")
    return answer(request, response, {**standing(worth.run, worth.finding), **listed})


@router.offers(
    "GET /insight/customers/{customer_id}/value", gettext_lazy("Read what a customer will bring"), READ,
    {200: ProspectTold},
)  # fmt: skip
def read_prospect(request: ApiRequest, response: HttpResponse, customer_id: CustomerId) -> Any:
    """Read what a customer will probably buy within a year; the id of one who was merged leads to the survivor."""
    found = Prospect.of(visible(request.user, customer_id))
    told = standing(found.run, found.sentence) if found else standing(ValueRun.latest(), _("They have not bought yet."))
    return answer(request, response, {**told, "value": _told(found.score) if found else None})


def _drawn(scores: Sequence[Score]) -> list[dict[str, Any]]:
    return [_told(score) for score in scores]


def _told(score: Score) -> dict[str, Any]:
    parts = score.parts
    return {
        "customer": Customer(pk=score.customer_id).public_id,
        "orders": parts["orders"], "orders_low": parts["least"], "orders_high": parts["most"],
        "revenue_minor": parts["monetary_minor"],
        "revenue_low_minor": parts["low_minor"], "revenue_high_minor": parts["high_minor"],
        **{name: parts[name] for name in ("alive", "alive_low", "alive_high")},
        "label": score.label,
    }  # fmt: skip
