"""Notebooks in the API: which there are, what stands in them, and the answers of their cells.

A program runs what an analyst saved and writes no SQL of its own. An answer of the lake as it is now is given at once;
where there is none yet the cell is asked, and the program comes again. One that may only read is given the newest
answer that is there.
"""

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.problems import NotValid, ScopeMissing
from guanxi.accounts.wire import Asked, Limit, Page, Sent, Told, id_of, key_in, page
from guanxi.insight.api import READ, router
from guanxi.insight.notebook import asking, faults
from guanxi.insight.notebook.cells import Cell
from guanxi.insight.notebook.models import Notebook, Question
from guanxi.insight.notebook.rows import Rows
from guanxi.pages import list_file
from guanxi.pages.paging import ByFields

NotebookId = Annotated[str, id_of(Notebook.PREFIX)]
COSTS, QUERY = "catalog.cost.see", "insight.query"


class NotebookTold(Told):
    """One notebook."""

    id: NotebookId
    title: str
    version: int
    changed_at: dt.datetime
    changed_by: str


class CellTold(Told):
    """One cell: a text, or SQL with the chart that is drawn of its answer."""

    number: int
    kind: str = Field(description="sql or text.")
    text: str
    chart: str = Field(description="line, bars, stacked or horizontal; empty without one.")


class BookTold(NotebookTold):
    """A notebook with its cells, in their order."""

    cells: list[CellTold]


class ColumnTold(Told):
    """A column of an answer; two of them may be called the same."""

    name: str
    type: str


class AnswerTold(Told):
    """What a cell comes to. While `state` is waiting, ask again after a second."""

    state: str = Field(description="waiting, done, failed or stopped.")
    as_of: dt.datetime | None = Field(description="When the lake was last brought up to date before.")
    seconds: float | None
    rows: int | None = Field(description="How many there are, 100,000 at most.")
    stale: bool = Field(description="Whether the lake has changed since; a key with insight:query has it run anew.")
    truncated: bool = Field(description="Whether the answer has more than is kept.")
    problem: str = Field(description="Why it could not be answered; empty where it was.")
    columns: list[ColumnTold]
    data: list[list[Any]] = Field(
        description="In the order of the columns: exact numbers and whole ones past 2^53 as texts, no NaN."
    )
    next: int | None = Field(description="What to send as `offset` for more.")


class RowsAsked(Sent):
    """Which rows of an answer."""

    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Limit = 50


@router.offers("GET /insight/notebooks", _("List notebooks"), READ, {200: Page[NotebookTold]})
def list_notebooks(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List the notebooks, the newest first."""
    line = ByFields(Notebook.objects.filter(removed_at=None).select_related("changed_by"), ("pk",), falls=True)
    return page(line, asked, Notebook.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("GET /insight/notebooks/{notebook_id}", _("Read a notebook"), READ, {200: BookTold})
def read_notebook(request: ApiRequest, notebook_id: NotebookId) -> Any:
    """Read the cells of a notebook, in their order."""
    found = _found(notebook_id)
    cells = [
        {"number": each.number, "kind": each.kind, "text": each.text, "chart": each.chart.kind} for each in found.parts
    ]
    return {**_told(found), "cells": cells}


@router.offers(
    "GET /insight/notebooks/{notebook_id}/cells/{number}.csv", _("Read a cell's answer as CSV"), READ, {200: None}
)
def read_cell_file(request: ApiRequest, notebook_id: NotebookId, number: int) -> Any:
    """Read all rows of the newest answer of a cell, 100,000 at most, as CSV in UTF-8; 404 where nobody asked it."""
    found = _found(notebook_id)
    question = asking.answered(_cell(found, number).text)
    if question is None or not request.user.may(COSTS):
        raise Http404
    rows = Rows(question)
    changes = {"form": (None, "CSV"), "rows": (None, rows.count)}
    AuditEntry.write("sql.exported", by=request.user, on=found, changes=changes)
    return list_file.as_csv(f"notebook-{found.pk}-{number}", [each.name for each in rows.fields], rows.cells())


@router.offers(
    "GET /insight/notebooks/{notebook_id}/cells/{number}", _("Run a cell of a notebook"), READ, {200: AnswerTold}
)
def read_cell(request: ApiRequest, notebook_id: NotebookId, number: int, asked: Query[RowsAsked]) -> Any:
    """Read what a cell comes to of the lake as it is; asks it where nobody did since the lake changed.

    Asking takes a key with insight:query too, of somebody who may ask. Another is given the newest answer that is
    there, and 403 where none is.
    """
    found = _found(notebook_id)
    cell = _cell(found, number)
    question = _asked(request, found, cell)
    rows = Rows(question) if question.is_done else None
    last = asked.offset + asked.limit
    return {
        "state": question.state, "as_of": question.as_of, "truncated": question.truncated,
        "stale": question.is_done and question.state_key != asking.state_key(cell.text),
        "seconds": rows and round(question.seconds, 3), "rows": rows and rows.count,
        "problem": faults.sentence(question.fault) if question.state == Question.State.FAILED else "",
        "columns": [{"name": each.name, "type": each.type} for each in rows.fields] if rows else [],
        "data": rows.plain(asked.offset, asked.limit) if rows else [],
        "next": last if rows and last < rows.count else None,
    }  # fmt: skip


def _asked(request: ApiRequest, found: Notebook, cell: Cell) -> Question:
    """Find the answer of the lake as it is, or ask; one who may not is given the newest, who sees no costs none."""
    if not request.user.may(COSTS):
        raise Http404
    last = asking.latest(cell.text)
    if last and last.state == Question.State.FAILED and last.state_key == asking.state_key(cell.text):
        return last
    if known := asking.known(cell.text, recent=asking.RECENT):
        return known
    if not request.user.may(QUERY):
        return _old(cell)
    try:
        return asking.ask(cell.text, by=request.user, on=found)
    except asking.BadQuery as error:
        raise NotValid({"number": str(error)}) from error


def _old(cell: Cell) -> Question:
    if found := asking.answered(cell.text):
        return found
    raise ScopeMissing(
        _("Nobody has run this cell yet. A key with insight:query, made by somebody who may ask the lake, runs it.")
    )


def _found(notebook_id: str) -> Notebook:
    key = key_in(Notebook.PREFIX, notebook_id)
    found = Notebook.objects.shown().filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _cell(found: Notebook, number: int) -> Cell:
    for cell in found.parts:
        if cell.number == number and cell.kind == "sql" and cell.text.strip():
            return cell
    raise Http404


def _told(found: Notebook) -> dict[str, Any]:
    return {
        "id": found.public_id, "title": found.title, "version": found.version, "changed_at": found.changed_at,
        "changed_by": found.changed_by.display_name,
    }  # fmt: skip
