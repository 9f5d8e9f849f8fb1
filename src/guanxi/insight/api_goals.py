"""Goals in the API: what is to be reached by when, how it stands, and where it will end."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.wire import Told
from guanxi.insight.api import READ, Standing, answer, router, standing
from guanxi.insight.goals import page
from guanxi.insight.goals.page import Row
from guanxi.insight.goals.views import known_day
from guanxi.insight.models import ShopRun

Status = Literal["reached", "on_track", "at_risk", "behind", "missed", "early", "unknown"]


class GoalTold(Told):
    """One goal; its values are in the figure's unit: whole minor units of the currency, a count, or a share of one."""

    figure: str
    channel: str | None = Field(description="null: of all channels together.")
    title: str
    owner: str
    starts_on: dt.date
    ends_on: dt.date
    baseline: float | None = Field(description="Read when the goal was set; null where it was not known.")
    target: float
    now: float | None = Field(description="null before the first day that is measured.")
    path: float | None = Field(description="What the way to the target asks for by the last day observed.")
    forecast: float | None = Field(description="Where it will end; null where fewer than 7 days are known.")
    forecast_low: float | None = Field(description="Of 100 futures 80 end between this and `forecast_high`.")
    forecast_high: float | None
    chance: float | None = Field(description="How likely the target is reached, 0 to 1.")
    status: Status = Field(description="`early`: too few days to say; `unknown`: nothing is measured.")


class GoalsTold(Standing):
    """The goals that are neither archived nor removed, the soonest first, 50 at most."""

    data: list[GoalTold]


@router.offers("GET /insight/goals", _("Read how the goals stand"), READ, {200: GoalsTold})
def read_goals(request: ApiRequest, response: HttpResponse) -> Any:
    """Read each goal with its target, what is done, where it will end, and how likely that is enough."""
    rows = page.read(known_day())
    finding = page.finding(rows) if rows else _("No goal is set.")
    return answer(request, response, {**standing(ShopRun.latest(), str(finding)), "data": [_told(row) for row in rows]})


def _told(row: Row) -> dict[str, Any]:
    goal, now = row.goal, row.standing
    ends = (now.forecast.point, *now.forecast.interval) if now.forecast else (None, None, None)
    return {
        "figure": goal.figure, "channel": goal.channel or None, "title": row.title, "owner": goal.owner.display_name,
        "starts_on": goal.starts_on, "ends_on": goal.ends_on, "baseline": goal.baseline, "target": goal.target,
        "now": now.now, "path": now.expected, "chance": now.chance, "status": now.status,
        **dict(zip(("forecast", "forecast_low", "forecast_high"), ends, strict=True)),
    }  # fmt: skip
