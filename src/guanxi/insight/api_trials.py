"""Experiments in the API: what was read of them."""

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Query

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.wire import Asked, Page, Told, id_of, key_in, page
from guanxi.insight.api import READ, router
from guanxi.insight.models import ExperimentReading
from guanxi.insight.trials.page import Page as Reading
from guanxi.pages.paging import ByFields

ExperimentId = Annotated[str, id_of(ExperimentReading.PREFIX)]


class ExperimentTold(Told):
    """One reading of an experiment's file, and what it said."""

    id: ExperimentId
    name: str
    read_at: dt.datetime
    by: str
    rows: int
    finding: str


class ReadingTold(ExperimentTold):
    """The reading with its figures, as `guanxi insight experiment --json` gives them, and all its sentences."""

    figures: dict[str, Any]
    sentences: list[str]


@router.offers("GET /insight/experiments", _("List experiments that were read"), READ, {200: Page[ExperimentTold]})
def list_experiments(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List what was read, the newest first."""
    line = ByFields(ExperimentReading.objects.select_related("by"), ("pk",), falls=True)
    return page(line, asked, ExperimentReading.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("GET /insight/experiments/{experiment_id}", _("Read what an experiment said"), READ, {200: ReadingTold})
def read_experiment(request: ApiRequest, experiment_id: ExperimentId) -> Any:
    """Read the figures of an experiment: arms, sample ratio, and each metric with its intervals."""
    key = key_in(ExperimentReading.PREFIX, experiment_id)
    found = ExperimentReading.objects.select_related("by").filter(pk=key).first()
    if found is None:
        raise Http404
    return {**_told(found), "figures": found.figures, "sentences": Reading(found).sentences}


def _told(found: ExperimentReading) -> dict[str, Any]:
    return {
        "id": found.public_id, "name": found.name, "read_at": found.read_at, "by": found.by.display_name,
        "rows": found.figures["rows"], "finding": Reading(found).finding,
    }  # fmt: skip
