"""The pages of imports: the list, the wizard, its progress and its files."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.accounts.shelf import listed, part
from guanxi.core.errors import BadInput, Failed
from guanxi.guard.uploads import Upload
from guanxi.ingest import corrections, logbook, outcome, picture, preview, stages, wizard
from guanxi.ingest.begin import discard, take
from guanxi.ingest.choice import Choice
from guanxi.ingest.columns import title_of
from guanxi.ingest.forms import UploadForm
from guanxi.ingest.models import Import
from guanxi.ingest.presets import known
from guanxi.ingest.stages import Stage
from guanxi.pages import toasts
from guanxi.pages.navigation import allowed

State = Import.State
FORM_BYTES = 1024**2  # what a form needs beside its files
SHOWN_AT_MOST = 50
View = Callable[..., HttpResponseBase]


def may(permission: str) -> Callable[[View], View]:
    """Let only those in whose role allows it."""

    def guarded(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return asked

    return guarded


def _fetched(request: HttpRequest, import_id: int) -> Import:
    mine = Import.objects.visible_to(cast(Staff, request.user)).select_related("store", "by")
    return get_object_or_404(mine, pk=import_id)


@require_GET
@may("imports.view")
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports, newest first."""
    mine = Import.objects.visible_to(cast(Staff, request.user)).defer("sealed_report", "cursor")
    table = logbook.table(mine)
    if asked := part(request, table, mine):
        return asked
    rows = mine.select_related("store", "by")
    context = listed(request, table, rows, lambda listing: logbook.tabs(request, mine, listing))
    entries = logbook.entries(context["listing"])
    return render(
        request, "ingest/imports.html", {**context, "rows": entries, "may_run": allowed(request.user, "imports.run")}
    )


@csrf_exempt  # the size is looked at before the body is read; `_new` is protected
@require_http_methods(["GET", "POST"])
@may("imports.run")
def new(request: HttpRequest) -> HttpResponseBase:
    """Take files in, or say what is wrong with them; too much is refused before it is read."""
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.method == "POST" and size > settings.IMPORT_MAX_BYTES + FORM_BYTES:
        form = UploadForm({"subject": request.GET.get("subject", "orders")})
        form.errors["upload"] = form.error_class([_too_much(size)])
        return _asked_for_files(request, form, status=413)
    return _new(request)


@csrf_protect
def _new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _asked_for_files(request, UploadForm(initial={"subject": request.GET.get("subject", "orders")}))
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            batch = _taken(form, by=cast(Staff, request.user))
        except (BadInput, Failed) as error:
            form.add_error("upload", str(error))
        else:
            return redirect("import-columns", batch.pk)
    return _asked_for_files(request, form, status=422)


def _asked_for_files(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    presets = [title_of(preset) for subject in ("orders", "events") for preset in known(subject)]
    return render(
        request, "ingest/new.html", {"form": form, "steps": stages.steps(), "presets": presets}, status=status
    )


def _too_much(size: int) -> str:
    told = {"size": size // 1024**2, "most": settings.IMPORT_MAX_BYTES // 1024**2}
    return _("This is %(size)d MB; at most %(most)d MB are read at once. Split it, or pack it with gzip.") % told


def _taken(form: UploadForm, *, by: Staff) -> Import:
    """Keep what arrived and look into it; where that cannot be done nothing is left behind."""
    with ExitStack() as arrived:
        uploads = []
        for file in form.cleaned_data["upload"]:
            uploads.append(Upload.keep(file.chunks(), name=file.name or "", size_bytes=file.size))
            arrived.callback(uploads[-1].discard)
        paths, names = [upload.path for upload in uploads], [upload.name for upload in uploads]
        batch = take(paths, names=names, subject=form.cleaned_data["subject"], by=by)
    try:
        preview.look_into(batch)
    except Exception:
        discard(batch)
        raise
    return batch


@require_http_methods(["GET", "POST"])
@may("imports.run")
def columns(request: HttpRequest, import_id: int) -> HttpResponse:
    """Settle how the files are read, and try the import out."""
    batch = _fetched(request, import_id)
    if not wizard.is_open(batch):
        return redirect("import", batch.pk)
    choice = Choice(request, batch)
    if request.method == "POST" and choice.settle(by=cast(Staff, request.user)):
        wizard.check(batch)
        return redirect("import", batch.pk)
    told = {"batch": batch, "title": stages.title(batch), "steps": stages.steps(), "choice": choice}
    return render(request, "ingest/columns.html", told, status=422 if choice.form.errors else 200)


@require_GET
@may("imports.view")
def show(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show an import at the step where it stands."""
    batch = _fetched(request, import_id)
    stage = Stage.of(batch)
    may_run = allowed(request.user, "imports.run")
    if stage.state == State.DRAFT and may_run:
        return redirect("import-columns", batch.pk)
    told = {
        "batch": batch, "stage": stage, "title": stages.title(batch), "steps": stage.steps(),
        "note": stages.note(batch), "may_run": may_run, "figures": picture.Figures(batch),
        "reasons": picture.reasons(batch),
    }  # fmt: skip
    more = {State.CHECKED: _of_dry_run, State.DONE: _of_result, State.UNDONE: _of_undo}.get(State(stage.state))
    return render(request, stage.template, told | (more(request, batch) if more else {}))


def _of_dry_run(request: HttpRequest, batch: Import) -> dict[str, Any]:
    kind = picture.kind_to_show(batch, request.GET.get("show", ""))
    whole = request.GET.get("all") == "1"
    return {
        "finding": picture.finding(batch), "parts": picture.parts(batch), "counts": picture.counts(batch, kind),
        "tabs": picture.tabs(batch, kind), "kind": kind, "people": picture.people(batch),
        "documents": picture.documents(batch, kind, most=SHOWN_AT_MOST if whole else picture.SHOWN_AT_FIRST),
        "verb": picture.verb(batch), "outlook": picture.outlook(batch), "whole": whole,
        "of_kind": picture.Figures(batch).count(f"documents_{kind}"), "lasts": picture.lasts(batch),
    }  # fmt: skip


def _of_result(request: HttpRequest, batch: Import) -> dict[str, Any]:
    return {
        "finding": outcome.finding(batch), "counts": outcome.counts(batch), "pace": outcome.pace(batch),
        "undo_words": outcome.undo_words(batch), "undo_verb": outcome.undo_verb(batch), "customers_url": _customers(),
    }  # fmt: skip


def _customers() -> str:
    """Find the list of customers, or the home page while nothing lists them."""
    with suppress(NoReverseMatch):
        return reverse("customers:list")
    return reverse("home")


def _of_undo(request: HttpRequest, batch: Import) -> dict[str, Any]:
    return {"finding": outcome.finding(batch), "counts": outcome.removed(batch), "kept": outcome.kept(batch)}


@require_GET
@may("imports.view")
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Answer how far an import is; once it is not at work any more, the page is loaded anew."""
    stage = Stage.of(_fetched(request, import_id))
    if not stage.at_work:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("import", args=[import_id])})
    told = request.GET.get("told", "")
    return render(request, "ingest/progress.html", {"stage": stage, "told": told, "batch": stage.batch})


def _act(verb: Callable[[Import], object]) -> View:
    """Make the view of one thing people ask of an import; asked twice it happens once."""

    @require_POST
    @may("imports.run")
    def acted(request: HttpRequest, import_id: int) -> HttpResponse:
        batch = _fetched(request, import_id)
        verb(batch)
        return redirect("import", batch.pk)

    return acted


dry_run = _act(wizard.check)
run = _act(wizard.start)
stop = _act(wizard.stop)
resume = _act(wizard.resume)
undo = _act(wizard.take_back)


@require_POST
@may("imports.run")
def removal(request: HttpRequest, import_id: int) -> HttpResponse:
    """Throw a draft away."""
    batch = _fetched(request, import_id)
    name = stages.title(batch)
    if not wizard.forget(batch):
        return redirect("import", batch.pk)
    toasts.say(request, _("%(name)s was thrown away; nothing had been written.") % {"name": name})
    return redirect("imports")


@require_GET
@may("imports.run")
def rejected_csv(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """Give the rejected rows with their reasons as CSV."""
    batch = _fetched(request, import_id)
    name = f"rejected-{batch.public_id}.csv"
    AuditEntry.write("import.exported", by=request.user, on=batch, changes={"file": (None, "CSV")})
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(corrections.as_csv(batch), content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
@may("imports.run")
def rejected_xlsx(request: HttpRequest, import_id: int) -> FileResponse:
    """Give the rejected rows with their reasons as a workbook."""
    batch = _fetched(request, import_id)
    AuditEntry.write("import.exported", by=request.user, on=batch, changes={"file": (None, "XLSX")})
    path = corrections.as_xlsx(batch)
    file = path.open("rb")
    with suppress(OSError):
        path.unlink()
    return FileResponse(file, as_attachment=True, filename=f"rejected-{batch.public_id}.xlsx")
