"""What stands below a cell: its answer page by page, as a file, and the way to stop it; and what can be asked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.insight.notebook import asking, sources
from guanxi.insight.notebook.cells import Cell
from guanxi.insight.notebook.models import Notebook
from guanxi.insight.notebook.page import Answered
from guanxi.pages import list_file, toasts

SEE, QUERY, COSTS = "insight.view", "insight.query", "catalog.cost.see"


@require_GET
@needs(SEE)
def answer(request: StaffRequest, notebook_id: int, number: int) -> HttpResponse:
    """Show what the newest question with a cell's text says."""
    found, cell = _cell(notebook_id, number)
    word = request.GET.get("from", "0")
    first = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 0
    sees = request.user.may(COSTS)
    shown = Answered(cell, asking.latest(cell.text) if sees else None)
    first = min(first, max(shown.rows.reach - 1, 0)) if shown.rows else 0
    told = {
        "answer": Answered(cell, shown.question, first), "notebook": found, "sees": sees,
        "may_query": request.user.may(QUERY),
    }  # fmt: skip
    return render(request, "insight/notebook_answer.html", told)


@require_GET
@needs(SEE)
def file(request: StaffRequest, notebook_id: int, number: int, form: str) -> HttpResponseBase:
    """Send all rows that were kept as CSV or XLSX."""
    found, cell = _cell(notebook_id, number)
    rows = Answered(cell, asking.latest(cell.text)).rows
    if rows is None or form not in {"csv", "xlsx"} or not request.user.may(COSTS):
        raise Http404
    changes = {"form": (None, form.upper()), "rows": (None, rows.count)}
    AuditEntry.write("sql.exported", by=request.user, on=found, changes=changes)
    name, columns = f"notebook-{found.pk}-{number}", [each.name for each in rows.fields]
    if form == "csv":
        return list_file.as_csv(name, columns, rows.cells())
    return list_file.as_xlsx(name, columns, rows.cells(), sheet=found.title)


@require_POST
@needs(QUERY)
def stop(request: StaffRequest, notebook_id: int, number: int) -> HttpResponse:
    """Stop the question of a cell."""
    found, cell = _cell(notebook_id, number)
    question = asking.latest(cell.text)
    if question and asking.stop(question, by=request.user, on=found):
        toasts.say(request, _("The query was stopped."))
    return redirect(reverse("insight:notebook", args=[notebook_id]) + f"#{cell.name}")


@require_GET
@needs(QUERY)
def shelf(request: HttpRequest) -> HttpResponse:
    """List the tables and marts that can be asked."""
    return render(request, "insight/notebook_shelf.html", {"sources": sources.sources()})


@require_GET
@needs(QUERY)
def source(request: HttpRequest, source: str) -> HttpResponse:
    """Show the columns of one."""
    found = sources.source(source)
    if found is None:
        raise Http404
    return render(request, "insight/notebook_source.html", {"source": found})


def _cell(notebook_id: int, number: int) -> tuple[Notebook, Cell]:
    found = get_object_or_404(Notebook.objects.shown(), pk=notebook_id)
    for cell in found.parts:
        if cell.number == number and cell.kind == "sql":
            return found, cell
    raise Http404
