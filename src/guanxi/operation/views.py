"""The page of the background work, and the pause of all sending upon it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.jobs.models import Job
from guanxi.operation import keeping, passphrases, queue, sending
from guanxi.operation.models import Pause
from guanxi.pages import toasts
from guanxi.pages.components import Tab


@require_GET
@needs("operation.view")
def jobs(request: StaffRequest) -> HttpResponse:
    """List the jobs: what is at work, what was given up, what is done."""
    view = request.GET.get("view", "work")
    view = view if view in queue.VIEWS else "work"
    before = request.GET.get("before", "")
    rows, older = queue.of(view, before=int(before[:18]) if before.isdecimal() else None)
    counted = {"work": queue.count("work"), "dead": queue.count("dead")}
    address = reverse("operation:jobs")
    tabs = [
        Tab(title, f"{address}?view={name}", counted.get(name), active=name == view)
        for name, (title, _states) in queue.VIEWS.items()
    ]
    context = {
        "tabs": tabs,
        "view": view,
        "rows": rows,
        "older": older,
        "finding": queue.finding(),
        "pause": Pause.objects.open().select_related("by").first(),
        "here": request.get_full_path(),
    }
    return render(request, "operation/jobs.html", context)


@require_GET
@needs("operation.view")
def backups(request: StaffRequest) -> HttpResponse:
    """List the backups taken from here, and say how the one goes that is being taken."""
    taken, job = keeping.taken(), keeping.at_work()
    context = {
        "taken": taken,
        "job": job,
        "progress": keeping.progress_of(job) if job else None,
        "finding": keeping.finding(taken[0] if taken else None, job),
        "folder": keeping.folder(),
        "sealed": bool(passphrases.given(None)),
        "here": request.get_full_path(),
    }
    return render(request, "operation/backups.html", context)


@require_POST
@needs("operation.change")
def backup_new(request: StaffRequest) -> HttpResponse:
    """Have a backup taken; while one is on its way it is that one."""
    if keeping.ask_for(by=request.user):
        toasts.say(request, _("A backup is being taken. You may leave this page."))
    return redirect("operation:backups")


@require_POST
@needs("operation.change")
def retry(request: StaffRequest, job_id: int) -> HttpResponse:
    """Have a job that was given up tried again."""
    job = get_object_or_404(Job, pk=job_id)
    if queue.retry(job, by=request.user):
        toasts.say(request, _("It is tried again: %(what)s.") % {"what": queue.title_of(job.task)})
    return redirect(toasts.way_back(request) or "operation:jobs")


@require_POST
@needs("operation.change")
def cancellation(request: StaffRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop."""
    job = get_object_or_404(Job, pk=job_id)
    queue.cancel(job, by=request.user)
    toasts.say(request, _("Asked to stop: %(what)s.") % {"what": queue.title_of(job.task)})
    return redirect(toasts.way_back(request) or "operation:jobs")


@require_POST
@needs("operation.change")
def pause(request: StaffRequest) -> HttpResponse:
    """Pause all sending."""
    sending.pause(Pause.Reason.BY_HAND, by=request.user)
    toasts.say(request, _("Nothing is sent any more."), undo_url=reverse("operation:pause-end"))
    return redirect("operation:jobs")


@require_POST
@needs("operation.change")
def pause_end(request: StaffRequest) -> HttpResponse:
    """Let everything be sent again."""
    sending.resume(by=request.user)
    toasts.say(request, _("Messages are sent again, from here."))
    return redirect("operation:jobs")
