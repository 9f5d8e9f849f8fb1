"""Who will come back, in the API: of all together with how that was tried, of those most at risk, and of one."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.models import Staff
from guanxi.accounts.wire import Asked, Told, page
from guanxi.customers.api import visible
from guanxi.customers.models import Customer, Score
from guanxi.customers.shown import CustomerId
from guanxi.insight.api import READ, Standing, answer, router, standing
from guanxi.insight.churn.drift import moved
from guanxi.insight.churn.page import ChurnPage
from guanxi.insight.churn.reasons import half_days, reasons, silent_now
from guanxi.insight.churn.return_panel import Return
from guanxi.insight.churn.run import AT_RISK, CHURN
from guanxi.insight.models import SCORE, ChurnRun, RfmRun
from guanxi.pages.paging import ByFields


class TenthTold(Told):
    """A tenth of the customers: what was said of it on average, and what came."""

    said: float
    came: float
    customers: int


class DatesTold(Told):
    """The days by which half should have bought, held against the days on which they did."""

    due: int = Field(description="Customers whose day lay in the window.")
    by_then: float = Field(description="The share of them that had bought by it; half would be right.")
    days_off: float | None = Field(description="The median days between it and the purchase of those who came.")


class TrialTold(Told):
    """A model that knew only what was known a window ago, held against who came since."""

    as_of: dt.date
    customers: int
    said: float = Field(description="The share that was said to come.")
    came: float
    auc: float = Field(description="The chance that who came was said to be likelier than who did not.")
    brier: float = Field(description="The mean squared error; 0 is best.")
    brier_base: float = Field(description="The same of saying one share of everybody.")
    dates: DatesTold | None = Field(description="Null where few were due, and before they were held against.")


class AtRiskTold(Told):
    """How many of a class are at risk."""

    key: str
    name: str
    at_risk: int


class ChurnTold(Standing):
    """How many probably come back within the window, who is at risk, and whether that held on the past."""

    customers: int
    window_days: int | None = Field(description="The days looked ahead: half of the shop's gaps are no longer.")
    expected: float | None = Field(description="How many buy within them.")
    at_risk: int
    at_stake_minor: int = Field(description="Sales of 12 months times the chance to stay away, of those at risk.")
    classes: list[AtRiskTold] = Field(description="Whoever is at risk and may be seen, by their class, highest first.")
    trial: TrialTold | None
    untried: str = Field(description="Why there is no trial: short or few; else empty.")
    calibration: list[TenthTold] = Field(description="Least likely first.")
    drift: str = Field(description="more or fewer came than said, or ranks got worse; empty where it still holds.")
    earlier_trials: list[TrialTold] = Field(description="Newest first.")


class BackTold(Told):
    """How probably one customer buys within the window, with the ends in eight cases of ten, and why."""

    customer: CustomerId
    window_days: int
    probability: float
    low: float
    high: float
    next_on: dt.date | None = Field(description="By then half of such customers have bought; null after two years.")
    silent_days: int
    days: int = Field(description="On which they bought.")
    at_stake_minor: int | None
    is_at_risk: bool
    reasons: list[str] = Field(description="What tells them from the middle customer, the strongest first.")


class RisksTold(Standing):
    """Customers, those with most at stake first. `next` leads to what follows; where nothing does it is null."""

    data: list[BackTold]
    next: str | None


class RisksAsked(Asked):
    """Which customers: all, or those at risk."""

    label: Literal["at-risk"] | None = None


class AgainTold(Told):
    """When a customer will need something of a category again."""

    category: str
    gap_days: float
    next_on: dt.date
    late_days: int = Field(description="Days since then; 0 where it is still to come.")


class ReturnTold(Standing):
    """Whether one customer comes back, and what they will need again; null before they bought."""

    churn: BackTold | None
    categories: list[AgainTold]


@router.offers("GET /insight/churn", gettext_lazy("Read who will come back"), READ, {200: ChurnTold})
def read_churn(request: ApiRequest, response: HttpResponse) -> Any:
    """Read how many customers will come back and what is at stake, and how well that held on the past."""
    found = ChurnPage.now()
    told, trial = found.told, found.trial
    return answer(request, response, {
        **standing(found.run, found.finding),
        **{name: told.get(name) or 0 for name in ("customers", "at_risk", "at_stake_minor")},
        **{name: told.get(name) for name in ("window_days", "expected")},
        "classes": list(_classes(request.user)) if told.get("at_risk") else [],
        "trial": _trial(found.history[0]) if trial else None,
        "untried": told.get("untried") or "",
        "calibration": [
            dict(zip(TenthTold.model_fields, each, strict=True)) for each in (trial["tenths"] if trial else ())
        ],
        "drift": moved(trial, found.run.trials_before()) if trial and found.run else "",
        "earlier_trials": [_trial(each) for each in found.history[1:]],
    })  # fmt: skip


@router.offers(
    "GET /insight/churn/customers", gettext_lazy("List customers by what is at stake"), READ, {200: RisksTold}
)
def list_risks(request: ApiRequest, response: HttpResponse, asked: Query[RisksAsked]) -> Any:
    """List customers with how probably they come back, when and why, those with most at stake first."""
    found = ChurnPage.now()
    scores = Score.objects.filter(name=CHURN, customer__in=Customer.objects.visible_to(request.user))
    chosen = scores.filter(label=asked.label) if asked.label else scores
    line = ByFields(chosen, ("value", "weight", "customer_id"), falls=True, whole=scores)
    listed = page(line, asked, Customer.PREFIX, lambda rows: _drawn(rows, found.run), key="customer_id")
    return answer(request, response, {**standing(found.run, found.finding), **listed})


@router.offers(
    "GET /insight/customers/{customer_id}/churn", gettext_lazy("Read whether a customer comes back"), READ,
    {200: ReturnTold},
)  # fmt: skip
def read_return(request: ApiRequest, response: HttpResponse, customer_id: CustomerId) -> Any:
    """Read whether a customer comes back, and what they need again; the id of one merged leads to the survivor."""
    found = Return.of(visible(request.user, customer_id))
    if found is None:
        none = standing(ChurnRun.latest(), _("They have not bought yet."))
        return answer(request, response, none | {"churn": None, "categories": []})
    again = [{**each, "late_days": each["late"]} for each in found.again]
    told = {"churn": _told(found.score, found.run), "categories": again}
    return answer(request, response, {**standing(found.run, found.sentence), **told})


def _classes(viewer: Staff) -> Iterator[dict[str, Any]]:
    """Count those at risk by class, as the last scores say it."""
    run, seen = RfmRun.latest(), Customer.objects.visible_to(viewer)
    risky = Score.objects.filter(name=CHURN, label=AT_RISK, customer__in=seen).values("customer_id")
    rows = (
        Score.objects.filter(name=SCORE, customer_id__in=risky).order_by().values("label").annotate(count=Count("pk"))
    )
    counts = {row["label"]: row["count"] for row in rows}
    for each in run.scheme.scheme.classes if run else ():
        yield {"key": each.key, "name": each.name, "at_risk": counts.get(each.key, 0)}


def _trial(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told.get(name) for name in TrialTold.model_fields}


def _drawn(scores: Sequence[Score], run: ChurnRun | None) -> list[dict[str, Any]]:
    return [_told(score, run) for score in scores]


def _told(score: Score, run: ChurnRun | None) -> dict[str, Any]:
    parts, as_of = score.parts, run.as_of if run else score.as_of
    silent, half = silent_now(parts, score.as_of, as_of), half_days(parts["probability"], parts["window_days"])
    risky = score.label == AT_RISK
    return {
        "customer": Customer(pk=score.customer_id).public_id,
        **{name: parts[name] for name in ("window_days", "probability", "low", "high", "days")},
        "next_on": as_of + dt.timedelta(half) if half else None,
        "silent_days": silent,
        "at_stake_minor": parts["monetary_minor"],
        "is_at_risk": risky,
        "reasons": reasons(parts, silent, against=risky),
    }  # fmt: skip
