"""The pages of experiments: what was read, a file to read, which of its columns, and a reading with its files."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.experiments.assignment import BadExperiment
from guanxi.guard.errors import BadFile, BadToken
from guanxi.insight.models import ExperimentReading
from guanxi.insight.trials.forms import ColumnsForm, TrialFileForm
from guanxi.insight.trials.page import COLUMNS, Page
from guanxi.insight.trials.reading import Waiting
from guanxi.pages import list_file, toasts

SEE = "insight.view"
SHOWN = 50


@require_http_methods(["GET", "POST"])
@needs(SEE)
def experiments(request: StaffRequest) -> HttpResponse:
    """List what was read, and take a file of another experiment."""
    form = TrialFileForm(request.POST or None, request.FILES or None) if request.method == "POST" else TrialFileForm()
    if request.method == "POST" and form.is_valid():
        try:
            waiting = Waiting.take(form.cleaned_data["file"], by=request.user)
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            return _choose(request, waiting, ColumnsForm(columns=waiting.columns, initial={"name": waiting.title}))
    return _listed(request, form)


@require_POST
@needs(SEE)
def columns(request: StaffRequest) -> HttpResponse:
    """Read the file by the columns that were chosen."""
    try:
        waiting = Waiting.of(request.POST.get("file", ""), by=request.user)
    except BadToken as error:
        toasts.say(request, str(error))
        return redirect("insight:experiments")
    form = ColumnsForm(request.POST, columns=waiting.columns)
    if form.is_valid():
        try:
            made = waiting.read(form.cleaned_data["name"], form.asked, by=request.user)
        except (BadExperiment, BadFile) as error:
            form.add_error(None, str(error))
        else:
            return redirect("insight:experiment", made.pk)
    return _choose(request, waiting, form, status=422)


@require_GET
@needs(SEE)
def experiment(request: StaffRequest, reading_id: int) -> HttpResponse:
    """Show what a reading said."""
    return render(request, "insight/experiment.html", {"page": Page(_found(reading_id))})


@require_GET
@needs(SEE)
def figures(request: StaffRequest, reading_id: int, form: str) -> HttpResponseBase:
    """Send the figures of a reading as CSV or JSON."""
    found = _found(reading_id)
    if form not in {"csv", "json"}:
        raise Http404
    AuditEntry.write("chart.exported", by=request.user, on=f"chart:{found.public_id}", changes={"form": (None, form)})
    name = f"experiment-{found.pk}"
    if form == "csv":
        return list_file.as_csv(name, COLUMNS, Page(found).cells)
    kept = {"name": found.name, "read_at": found.read_at, **found.figures, "sentences": found.sentences}
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return JsonResponse(kept, headers=headers, json_dumps_params={"ensure_ascii": False})


@require_POST
@needs(SEE)
def removal(request: StaffRequest, reading_id: int) -> HttpResponse:
    """Delete a reading."""
    _found(reading_id).remove(by=request.user)
    toasts.say(request, _("Removed. Read the file again if that was a mistake."))
    return redirect("insight:experiments")


def _found(reading_id: int) -> ExperimentReading:
    return get_object_or_404(ExperimentReading.objects.select_related("by"), pk=reading_id)


def _listed(request: StaffRequest, form: TrialFileForm) -> HttpResponse:
    rows = [Page(each) for each in ExperimentReading.objects.select_related("by").order_by("-read_at", "-pk")[:SHOWN]]
    status = 422 if form.errors else 200
    return render(request, "insight/experiments.html", {"rows": rows, "form": form}, status=status)


def _choose(request: StaffRequest, waiting: Waiting, form: ColumnsForm, *, status: int = 200) -> HttpResponse:
    told: dict[str, Any] = {"waiting": waiting, "form": form}
    return render(request, "insight/experiment_columns.html", told, status=status)
