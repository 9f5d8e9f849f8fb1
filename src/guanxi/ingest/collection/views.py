"""The pages of sources: what sends, what arrives, and the keys by which it may."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.ingest.collection import arrivals
from guanxi.ingest.collection.forms import NewSourceForm, SourceForm
from guanxi.ingest.collection.names import NAMED
from guanxi.ingest.collection.schema import MOST_EVENTS, MOST_FIELDS
from guanxi.ingest.collection.snippet import recipes
from guanxi.ingest.models import EventSource
from guanxi.pages import toasts

MOST = 200
SCHEMA_AT_FIRST = 20


@require_GET
@needs("events.view")
def sources(request: StaffRequest) -> HttpResponse:
    """List the sources, those in use first."""
    found = list(EventSource.objects.visible_to(request.user).select_related("store").with_keys().standing()[:MOST])
    told = arrivals.arrivals(found)
    rows = [(each, told[each.pk]) for each in found]
    context = {
        "rows": rows, "finding": _finding(rows), "quarantined": sum(each.quarantined for each in told.values()),
        "may_change": request.user.may("events.change"),
    }  # fmt: skip
    return render(request, "ingest/sources.html", context)


def _finding(rows: list[tuple[EventSource, arrivals.Arrivals]]) -> str:
    """Say what arrives, as somebody would say it."""
    silent = [source.title for source, told in rows if source.is_in_use and source.has_keys and not told.day]
    if not rows:
        return _("Where do events come from?")
    if len(silent) == 1:
        return _("%(name)s sent nothing within a day.") % {"name": silent[0]}
    if silent:
        return _("%(count)s sources sent nothing within a day.") % {"count": len(silent)}
    return _("Every source in use has sent within a day.")


@never_cache
@require_http_methods(["GET", "POST"])
@needs("events.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a source, and show its key."""
    form = NewSourceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        secret, made = EventSource.make(**form.cleaned_data, by=request.user)
        return _key_page(request, made, secret, made=True)
    return render(request, "ingest/source_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@needs("events.view")
def source(request: StaffRequest, source_id: int) -> HttpResponse:
    """Show one source: what arrives, how it is told of, and what was left out of it."""
    found = _found(request, source_id)
    told = arrivals.arrivals([found])[found.pk]
    whole = request.GET.get("all") == "1"
    seen = arrivals.schema(found, most=MOST_EVENTS if whole else SCHEMA_AT_FIRST + 1)
    context = {
        "source": found, "told": told, "chart": arrivals.chart(told), "key": found.key if found.is_in_use else None,
        "seen": seen if whole else seen[:SCHEMA_AT_FIRST], "more": not whole and len(seen) > SCHEMA_AT_FIRST,
        "dropped": arrivals.dropped(found), "most_events": MOST_EVENTS, "most_fields": MOST_FIELDS,
        "may_change": request.user.may("events.change"), "catalogue": len(NAMED), **_live(request, found),
    }  # fmt: skip
    return render(request, "ingest/source.html", context)


@require_GET
@needs("events.view")
def live(request: StaffRequest, source_id: int) -> HttpResponse:
    """Show the newest events of a source alone."""
    found = _found(request, source_id)
    return render(request, "ingest/source_live.html", {"source": found, **_live(request, found)})


def _live(request: StaffRequest, found: EventSource) -> dict[str, Any]:
    paused = request.GET.get("paused") == "1" or not found.is_in_use
    return {"arrived": arrivals.newest(found, request.user), "paused": paused}


@require_http_methods(["GET", "POST"])
@needs("events.change")
def edit(request: StaffRequest, source_id: int) -> HttpResponse:
    """Change what a source is called, which pages may write for it, and how much."""
    found = _found(request, source_id)
    now = {"name": found.name, "store": found.store, "per_second": found.per_second}
    form = SourceForm(
        request.POST if request.method == "POST" else None,
        source=found, initial={**now, "origins": "\n".join(found.origins)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        found.change(**form.cleaned_data, by=request.user)
        toasts.say(request, _("Saved. It holds within seconds."))
        return redirect("event-source", found.pk)
    told = {"form": form, "source": found}
    return render(request, "ingest/source_form.html", told, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@needs("events.change")
def key(request: StaffRequest, source_id: int) -> HttpResponse:
    """Show the key of a source, and how it is sent with; that somebody looked is written down."""
    found = _found(request, source_id)
    if request.method == "GET":  # a bookmark, or the way back: nothing is shown without being asked for
        return redirect("event-source", found.pk)
    return _key_page(request, found, found.show_key(by=request.user))


@never_cache
@require_http_methods(["GET", "POST"])
@needs("events.change")
def rotation(request: StaffRequest, source_id: int) -> HttpResponse:
    """Make another key in place of one; the old one writes for a day more."""
    found = _found(request, source_id)
    if request.method == "GET" or not found.is_in_use:
        return redirect("event-source", found.pk)
    return _key_page(request, found, found.rotate(by=request.user), rotated=True)


@require_POST
@needs("events.change")
def retirement(request: StaffRequest, source_id: int) -> HttpResponse:
    """Take nothing from a source any more."""
    found = _found(request, source_id)
    found.retire(by=request.user)
    toasts.say(request, _("Nothing is taken from %(name)s any more. What it sent stays.") % {"name": found.name})
    return redirect("event-source", found.pk)


def _found(request: StaffRequest, source_id: int) -> EventSource:
    return get_object_or_404(EventSource.objects.visible_to(request.user).select_related("store"), pk=source_id)


def _key_page(request: StaffRequest, found: EventSource, secret: str, **more: Any) -> HttpResponse:
    if not secret:
        return redirect("event-source", found.pk)
    host = request.build_absolute_uri("/").rstrip("/")
    told = {"source": found, "secret": secret, "host": host, "recipes": recipes(host, secret)}
    return render(request, "ingest/source_key.html", {**told, **more})
