"""Data quality in the API: the figures of the last count."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Told
from guanxi.identity.quality.report import Report

router = Resource(tags=["quality"])


class FigureTold(Told):
    """One figure of data quality: how many customers, and which share of all."""

    figure: str
    title: str
    customers: int
    share: float = Field(ge=0, le=1)
    share_a_month_ago: float | None = Field(description="None where nothing was counted a month before.")


class QualityTold(Told):
    """The figures of the last count; none, and no time, before the first."""

    counted_at: dt.datetime | None
    customers: int
    data: list[FigureTold]


@router.offers("GET /quality", _("Read how good the data is"), "quality:read", {200: QualityTold})
def read_quality(request: ApiRequest) -> Any:
    """Read the figures of data quality as they were counted last."""
    report = Report.now(request.user)
    rows = report.rows.values() if report.total else ()
    figures = [
        {
            "figure": row.figure.code,
            "title": str(row.figure.title),
            "customers": row.people,
            "share": row.share,
            "share_a_month_ago": row.was,
        }
        for row in rows
    ]
    return {"counted_at": report.age and report.age.at, "customers": report.total, "data": figures}
