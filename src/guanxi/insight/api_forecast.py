"""The forecast in the API: every figure with its days, its ends and the trial of its models, as last computed."""

from typing import Annotated, Any

from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Asked, Told
from guanxi.insight.forecast_report import told
from guanxi.insight.forecasting import LONGEST
from guanxi.insight.models import ForecastRun

router = Resource(tags=["insight"])
Horizon = Annotated[int, Field(ge=1, le=LONGEST, description="How many days ahead.")]


class ForecastAsked(Asked):
    """How far ahead, and which part of the shop."""

    horizon: Horizon = 28
    part: str | None = Field(
        None, max_length=10, description="all, channel, category or product; every one if left out."
    )


class ForecastTold(Told):
    """What will probably be sold; `forecasts` is empty where `reason` says what is missing."""

    as_of: str | None = Field(description="The last whole day observed.")
    horizon_days: int
    currency: str | None
    reason: str = Field(description="nothing, short, few, silent or below, where a forecast cannot be made.")
    forecasts: list[dict[str, Any]]


@router.offers("GET /insight/forecast", gettext_lazy("Read the forecast of sales"), "insight:read", {200: ForecastTold})
def read_forecast(request: ApiRequest, asked: Query[ForecastAsked]) -> Any:
    """Read what will probably be sold, with the ends of 80 % and 95 % of futures."""
    run = ForecastRun.latest()
    if run is None:
        nothing: dict[str, Any] = {"as_of": None, "currency": None, "reason": "nothing", "forecasts": []}
        return nothing | {"horizon_days": asked.horizon}
    found = told(run, horizon=asked.horizon)
    wanted = [each for each in found["forecasts"] if asked.part in {None, each["part"]}]
    return {**found, "reason": found["known"]["reason"], "forecasts": wanted}
