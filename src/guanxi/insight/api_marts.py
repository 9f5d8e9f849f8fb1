"""Marts in the API: which there are, what their columns are, when they were computed, and their rows."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Limit, Sent, Told, Word
from guanxi.customers.api import visible
from guanxi.insight.api import READ, answer, router
from guanxi.insight.computations import TITLES
from guanxi.insight.mart_rows import MartRows, Place
from guanxi.pages import list_file
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.registry import marts

PLACE = gettext_lazy("Send the “next” of the page before, unchanged; after a day or more begin anew.")


class ColumnTold(Told):
    """A column: its SQL type, and what its numbers count."""

    name: str
    type: str
    words: str


class MartTold(Told):
    """A mart: an analytical result, computed by SQL that `guanxi sql` runs too."""

    name: str
    title: str
    sentence: str
    grain: str = Field(description="What one row is.")
    columns: list[ColumnTold]
    source: str
    computed_at: dt.datetime | None
    rows: int | None
    seconds: float | None
    problem: str = Field(description="Why the last computation failed; empty where it did not.")


class MartsTold(Told):
    """All marts."""

    data: list[MartTold]


class RowsAsked(Sent):
    """Which rows: what follows after a page, and how many; of one customer where the mart has `customer_id`."""

    after: Word | None = Field(None, description="The “next” of the page before.", max_length=40)
    limit: Limit = 50
    customer: Word | None = Field(None, max_length=40, description="The id of a customer.")


class RowsTold(Told):
    """Some rows of a mart, by its columns: keys are public ids, exact numbers texts, instants in UTC."""

    computed_at: dt.datetime | None
    data: list[dict[str, Any]]
    next: str | None


@router.offers("GET /insight/marts", gettext_lazy("List marts"), READ, {200: MartsTold})
def list_marts(request: ApiRequest, response: HttpResponse) -> Any:
    """List the marts with what one row is, their columns, and how their last computation went."""
    runs = MartRun.objects.newest()
    good = MartRun.objects.filter(state=MartRun.State.DONE).newest()
    found = [_told(MartRows.of(mart, request.user), runs.get(name), good.get(name)) for name, mart in _all().items()]
    return answer(request, response, {"data": found})


@router.offers("GET /insight/marts/{mart}.csv", gettext_lazy("Read a mart as CSV"), READ, {200: None})
def read_mart_file(request: ApiRequest, mart: str) -> Any:
    """Read all rows of a mart as CSV in UTF-8, however many they are."""
    found = _mart(mart)
    if Place.first(found) is None:
        raise Http404
    shown = MartRows.of(found, request.user)
    AuditEntry.write("chart.exported", by=request.user, on=f"chart:{mart}"[:60], changes={"form": (None, "CSV")})
    return list_file.as_csv(mart, shown.names, shown.cells())


@router.offers("GET /insight/marts/{mart}", gettext_lazy("Read rows of a mart"), READ, {200: RowsTold})
def read_mart(request: ApiRequest, response: HttpResponse, mart: str, asked: Query[RowsAsked]) -> Any:
    """Read rows of a mart in the order of its key; pages stay those of one computation. The whole is quicker as CSV."""
    found, run = _mart(mart), MartRun.objects.of(mart).filter(state=MartRun.State.DONE).first()
    shown = MartRows.of(found, request.user)
    customer = _customer(request, shown, asked.customer)
    place = Place.first(found) if asked.after is None else Place.read(asked.after, found)
    if place is None and asked.after is not None:
        raise NotValid({"after": PLACE})
    rows = shown.page(place, asked.limit + 1, customer=customer) if place else []
    more = place.after(asked.limit) if place and len(rows) > asked.limit else None
    told = {"computed_at": run and run.finished_at, "data": rows[: asked.limit], "next": more}
    return answer(request, response, told)


def _customer(request: ApiRequest, shown: MartRows, word: str | None) -> int | None:
    if word is None:
        return None
    if "customer_id" not in shown.names:
        raise NotValid({"customer": _("This mart has no column customer_id.")})
    return visible(request.user, word).pk


def _all() -> dict[str, Mart]:
    return {name: mart for name, mart in sorted(marts().items()) if isinstance(mart, Mart)}


def _mart(name: str) -> Mart:
    found = _all().get(name)
    if found is None:
        raise Http404
    return found


def _told(shown: MartRows, last: MartRun | None, good: MartRun | None) -> dict[str, Any]:
    header, name = shown.mart.header, shown.mart.name
    return {
        "name": name, "title": str(TITLES.get(name, name)), "sentence": header.sentence, "grain": header.grain,
        "source": header.source, "columns": [vars(each) for each in shown.columns],
        "computed_at": good and good.finished_at, "rows": good and good.rows, "seconds": good and good.seconds,
        "problem": last.problem if last and last.state != MartRun.State.DONE else "",
    }  # fmt: skip
