"""The pages of notebooks: all of them, one to read or to write in, what it was before, and what is done with it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.errors import GuanxiError
from guanxi.insight.notebook import asking, cells, faults, sources
from guanxi.insight.notebook.cells import Cell, Drawn
from guanxi.insight.notebook.examples import EXAMPLES
from guanxi.insight.notebook.models import Notebook, NotebookMoved
from guanxi.insight.notebook.page import Editor
from guanxi.pages import toasts

SEE, QUERY = "insight.view", "insight.query"
REMOVED_SHOWN = 20


@require_GET
@needs(SEE)
def notebooks(request: StaffRequest) -> HttpResponse:
    """List the notebooks, and queries to begin with."""
    told = {
        "rows": Notebook.objects.shown(),
        "removed": Notebook.objects.exclude(removed_at=None).order_by("-removed_at")[:REMOVED_SHOWN],
        "examples": EXAMPLES.values(),
        "may_query": request.user.may(QUERY),
    }
    return render(request, "insight/notebooks.html", told)


@require_http_methods(["GET", "POST"])
@needs(QUERY)
def new(request: StaffRequest) -> HttpResponse:
    """Begin a notebook: empty, with an example, or with a first query of a mart."""
    if request.method == "POST":
        return _written(request, None)
    return _shown(request, _begun(request.GET.get("example", ""), request.GET.get("of", "")))


@require_http_methods(["GET", "POST"])
@needs(SEE)
def notebook(request: StaffRequest, notebook_id: int) -> HttpResponse:
    """Show a notebook; who may ask the lake may change it."""
    found = _found(notebook_id)
    if request.method == "POST":
        return _changed(request, notebook_id=notebook_id)
    return _shown(request, Editor(found.title, found.parts, found))


@needs(QUERY)
def _changed(request: StaffRequest, *, notebook_id: int) -> HttpResponse:
    return _written(request, _found(notebook_id))


@require_POST
@needs(QUERY)
def copies(request: StaffRequest, notebook_id: int) -> HttpResponse:
    """Make a copy of a notebook."""
    found = _found(notebook_id)
    title = (_("Copy of %(title)s") % {"title": found.title})[:100]
    try:
        made = Notebook.begin(title, found.parts, by=request.user)
    except GuanxiError as error:
        toasts.say(request, str(error))
        return redirect("insight:notebook", notebook_id)
    return redirect("insight:notebook", made.pk)


@require_POST
@needs(QUERY)
def removal(request: StaffRequest, notebook_id: int) -> HttpResponse:
    """Take a notebook away, until somebody brings it back."""
    _found(notebook_id).remove(by=request.user)
    toasts.say(request, _("Removed."), undo_url=reverse("insight:notebook-return", args=[notebook_id]))
    return redirect("insight:notebooks")


@require_POST
@needs(QUERY)
def comeback(request: StaffRequest, notebook_id: int) -> HttpResponse:
    """Undo that a notebook was taken away."""
    get_object_or_404(Notebook, pk=notebook_id).bring_back(by=request.user)
    return redirect("insight:notebook", notebook_id)


@require_GET
@needs(SEE)
def versions(request: StaffRequest, notebook_id: int) -> HttpResponse:
    """Show what a notebook was before."""
    found = _found(notebook_id)
    rows = found.versions.select_related("by").order_by("-version")
    told = {"notebook": found, "rows": rows, "may_query": request.user.may(QUERY)}
    return render(request, "insight/notebook_versions.html", told)


@require_POST
@needs(QUERY)
def version_return(request: StaffRequest, notebook_id: int, version: int) -> HttpResponse:
    """Put an earlier version back, as a new one."""
    found = _found(notebook_id)
    old = found.versions.filter(version=version).first()
    if old is None:
        raise Http404
    found.save_as(old.title, [Cell.of(each) for each in old.cells], by=request.user, over=found.version)
    return redirect("insight:notebook", notebook_id)


def _found(notebook_id: int) -> Notebook:
    return get_object_or_404(Notebook.objects.shown(), pk=notebook_id)


def _begun(example: str, of: str) -> Editor:
    if found := EXAMPLES.get(example):
        return Editor(str(found.title), found.cells)
    if source := sources.source(of):
        return Editor(source.title if source.is_mart else source.name, [Cell(1, "sql", source.sample)])
    return Editor("", [Cell(1, "sql")])


def _shown(request: StaffRequest, editor: Editor, *, status: int = 200) -> HttpResponse:
    told: dict[str, Any] = {
        "editor": editor, "notebook": editor.notebook, "may_query": request.user.may(QUERY),
        "empty_chart": Drawn(),
    }  # fmt: skip
    return render(request, "insight/notebook.html", told, status=status)


def _written(request: StaffRequest, found: Notebook | None) -> HttpResponse:
    """Do what a button asks: add, move or take a cell, then keep the notebook, and run a cell where that is asked."""
    title = " ".join(request.POST.get("title", "").replace("\0", "").split())[:100]
    verb, _dash, word = request.POST.get("do", "save").partition("-")
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 0
    parts = _altered(cells.told(request.POST), verb, word, number)
    title = title or (_("Untitled") if verb != "save" else "")
    problems = cells.faults(title, parts)
    if problems:
        return _shown(request, Editor(title, parts, found, problems), status=422)
    try:
        kept = _keep(request, found, title, parts)
    except GuanxiError as error:
        status = 409 if isinstance(error, NotebookMoved) else 422
        return _shown(request, Editor(title, parts, found, [str(error)]), status=status)
    if verb == "run":
        return _run(request, kept, number)
    if verb == "save":
        toasts.say(request, _("Saved."))
    return _back(kept, parts[-1].number if verb == "add" else number)


def _altered(parts: list[Cell], verb: str, word: str, number: int) -> list[Cell]:
    if verb == "add" and word in {"sql", "text"}:
        return cells.added(parts, "sql" if word == "sql" else "text")
    if verb == "up":
        return cells.raised(parts, number)
    return cells.removed(parts, number) if verb == "remove" else parts


def _keep(request: StaffRequest, found: Notebook | None, title: str, parts: list[Cell]) -> Notebook:
    if found is None:
        return Notebook.begin(title, parts, by=request.user)
    word = request.POST.get("over", "")
    over = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1
    found.save_as(title, parts, by=request.user, over=over)
    return found


def _run(request: StaffRequest, kept: Notebook, number: int) -> HttpResponse:
    cell = next((each for each in kept.parts if each.number == number and each.kind == "sql"), None)
    if cell is None:
        return _back(kept, number)
    try:
        if not cell.text.strip():
            raise asking.BadQuery(_("This cell is empty. Choose a table on the side, or an example."))
        asking.ask(cell.text, by=request.user, on=kept)
    except GuanxiError as error:
        said = str(error)
        if isinstance(error, asking.BadQuery) and error.said:
            fault = {"said": error.said, "text": said, "line": error.line, "column": error.column}
            said = faults.whole(fault)
        editor = Editor(kept.title, kept.parts, kept, fault_in=number, fault=said)
        return _shown(request, editor, status=422)
    return _back(kept, number)


def _back(kept: Notebook, number: int) -> HttpResponse:
    return redirect(reverse("insight:notebook", args=[kept.pk]) + (f"#cell-{number}" if number else ""))
