"""The pages on which a shop sees what was done in it, and who looked at what of whom."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts import trail
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import listed, part
from guanxi.guard.fileout import Cell
from guanxi.pages.components import Tab
from guanxi.pages.list_file import as_csv

FILE = ("at", "who", "what", "to_what", "difference", "reason", "address")
AT_ONCE = 500
ACCESS = AuditEntry.Kind.ACCESS


@require_GET
@needs("audit.view")
def audit(request: StaffRequest) -> HttpResponse:
    """List everything that was done, newest first."""
    return _listed(request, of=None)


@require_GET
@needs("access.view")
def accesses(request: StaffRequest) -> HttpResponse:
    """List who saw what of whom, when and why, files that left included."""
    return _listed(request, of=ACCESS)


@require_GET
@needs("audit.view")
def audit_csv(request: StaffRequest) -> HttpResponseBase:
    """Send the selection of the trail as CSV."""
    return _file(request, of=None)


@require_GET
@needs("access.view")
def accesses_csv(request: StaffRequest) -> HttpResponseBase:
    """Send the selection of the access log as CSV."""
    return _file(request, of=ACCESS)


def note_chart(request: HttpRequest, name: str, form: str) -> None:
    """Write down that the figures of a chart left as a file."""
    told = {"form": (None, form.upper())}
    AuditEntry.write("chart.exported", by=request.user, on=f"chart:{name}"[:60], changes=told)


def _listed(request: StaffRequest, *, of: AuditEntry.Kind | None) -> HttpResponse:
    rows, table = _rows(of), trail.table(of=of)
    if asked := part(request, table, rows):
        return asked
    context = listed(request, table, rows, lambda _listing: _tabs(request, of))
    told = {
        "lines": trail.lines(context["listing"].rows),
        "of": of,
        "csv_url": reverse("accesses-csv" if of else "audit-csv"),
    }
    return render(request, "accounts/audit.html", {**context, **told})


def _file(request: StaffRequest, *, of: AuditEntry.Kind | None) -> HttpResponseBase:
    AuditEntry.write("audit.exported", by=request.user, on="audit:accesses" if of else "audit:all")
    rows = trail.table(of=of).narrowed(request, _rows(of)).order_by("-pk")
    return as_csv("access-log" if of else "audit-trail", FILE, _cells(rows))


def _cells(rows: Any) -> Iterator[tuple[Cell, ...]]:
    before = None
    while some := list((rows if before is None else rows.filter(pk__lt=before))[:AT_ONCE]):
        before = some[-1].pk
        for line in trail.lines(some):
            difference = "; ".join(f"{each.subject}: {each.was} → {each.now}" for each in line.changes)
            who = line.entry.by.display_name if line.entry.by else ""
            yield line.entry.at, who, str(line.act), str(line.on.text), difference, line.why, line.entry.address


def _rows(of: AuditEntry.Kind | None) -> Any:
    rows = AuditEntry.objects.select_related("by")
    return rows.filter(kind=of) if of else rows


def _tabs(request: StaffRequest, of: AuditEntry.Kind | None) -> list[Tab]:
    """Offer both logs to whoever may see both."""
    both = (("audit.view", _("Everything"), "audit", None), ("access.view", _("Who saw what"), "accesses", ACCESS))
    return [
        Tab(title, reverse(name), active=of == kind)
        for permission, title, name, kind in both
        if request.user.may(permission)
    ]
