"""The pages of quarantine: what could not be taken and why, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.forms import RevealForm
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import listed, part
from guanxi.core.ids import key_of
from guanxi.ingest import tasks
from guanxi.ingest.collection import again, waiting
from guanxi.ingest.collection.again import Tried
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.collection.masking import masked, plainly
from guanxi.ingest.collection.told import advice
from guanxi.ingest.models import Quarantined
from guanxi.ingest.models.quarantine import QuarantinedQuerySet
from guanxi.pages import formats, toasts
from guanxi.pages.components import Tab
from guanxi.pages.listing import PAGE_ROWS, Listing

AT_ONCE = 200  # calls that a page waits for; more are worked on in the background
REASONS_SHOWN = 5


@require_GET
@needs("events.view")
def quarantine(request: StaffRequest) -> HttpResponse:
    """List what could not be taken, the newest first."""
    every, declared = Quarantined.objects.visible_to(request.user), waiting.table()
    if asked := part(request, declared, every):
        return asked
    rows = every.select_related("source").defer("sealed")
    context = listed(request, declared, rows, lambda listing: _tabs(request, every, listing))
    may_change = request.user.may("events.change")
    bulk_url = f"{reverse('quarantine-chosen')}?{request.GET.urlencode()}" if may_change else ""
    return render(request, "ingest/quarantine.html", {**context, "bulk_url": bulk_url})


def _tabs(request: StaffRequest, every: Any, listing: Listing[Quarantined]) -> list[Tab]:
    """Draw the most frequent reasons as views of the list, each with its count."""
    counts = every.values_list("reason").annotate(count=Count("pk")).order_by("-count", "reason")
    told = list(counts)
    tabs = [Tab(_("All of quarantine"), "?", sum(count for _word, count in told), active=not listing.chips)]
    for word, count in told[:REASONS_SHOWN]:
        active = request.GET.get("reason") == word
        tabs.append(Tab(waiting.SHORT[Reason(word)], f"?reason={word}", count, active=active))
    return tabs


@require_GET
@needs("events.view")
def quarantined(request: StaffRequest, quarantined_id: int) -> HttpResponse:
    """Show one call that could not be taken, everything of people in it hidden."""
    found = _found(request, quarantined_id)
    return render(request, "ingest/quarantined.html", _page(request, found))


@never_cache
@require_http_methods(["GET", "POST"])
@needs("events.reveal")
def reveal(request: StaffRequest, quarantined_id: int) -> HttpResponse:
    """Ask why somebody needs to see what was sent; then show it, once, and write down that they saw it."""
    found = _found(request, quarantined_id)
    choices = {"sent": _("What was sent")}
    form = RevealForm(choices, {**request.POST.dict(), "fields_asked": ["sent"]} if request.method == "POST" else None)
    told = {**_page(request, found), "form": form, "asked": True}
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            AuditEntry.write("quarantined.revealed", by=request.user, on=found, why=form.why)
        told |= {"asked": False, "plain": plainly(found.sent)}
    return render(request, "ingest/quarantined.html", told, status=422 if form.errors else 200)


def _found(request: StaffRequest, quarantined_id: int) -> Quarantined:
    rows = Quarantined.objects.visible_to(request.user).select_related("source")
    return get_object_or_404(rows, pk=quarantined_id)


def _page(request: StaffRequest, found: Quarantined) -> dict[str, Any]:
    sent = found.sent
    return {
        "call": found, "masked": masked(sent), "size": len(sent), "advice": advice(found.reason),
        "may_change": request.user.may("events.change"), "may_reveal": request.user.may("events.reveal"),
    }  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """What the reader chose: the rows of a page, or all that the address asks for."""

    rows: QuarantinedQuerySet
    picks: Sequence[str]
    all: bool

    @classmethod
    def of(cls, request: StaffRequest) -> "Chosen":
        """Read it."""
        every = Quarantined.objects.visible_to(request.user)
        if request.POST.get("all") == "1":
            return cls(waiting.table().narrowed(request, every), (), all=True)
        picks = request.POST.getlist("pick")[:PAGE_ROWS]
        keys = [key for key in (key_of(Quarantined.PREFIX, pick) for pick in picks) if key]
        return cls(every.filter(pk__in=keys), picks, all=False)


@require_POST
@needs("events.change")
def chosen(request: StaffRequest) -> HttpResponse:
    """Try what was chosen again, or drop it once the reader agreed to how much that is."""
    selection = Chosen.of(request)
    count = selection.rows.count()
    back = redirect(f"{reverse('quarantine')}?{request.GET.urlencode()}")
    if not count:
        toasts.say(request, _("Nothing was chosen."))
        return back
    if request.POST.get("verb") == "drop":
        if request.POST.get("sure") != str(count):
            told = {"chosen": selection, "count": count, "query": request.GET.urlencode()}
            return render(request, "ingest/quarantine_drop.html", told)
        back = redirect("quarantine")
    toasts.say(request, _done(request, selection.rows, count))
    return back


def _done(request: StaffRequest, rows: QuarantinedQuerySet, count: int) -> str:
    """Do it, or have it done in the background where it would take long."""
    is_drop = request.POST.get("verb") == "drop"
    if count > AT_ONCE:
        last = rows.order_by("-pk").values_list("pk", flat=True)[0]
        task = tasks.drop_quarantined if is_drop else tasks.retry_quarantined
        task.enqueue(request.GET.urlencode(), last, request.user.pk)
        return _("%(count)s calls are worked on in the background. You may leave this page.") % {
            "count": formats.count(count)
        }
    if is_drop:
        again.drop(rows, by=request.user)
        return ngettext("%(count)s call was dropped.", "%(count)s calls were dropped.", count) % {"count": count}
    return outcome(again.retry(rows, by=request.user))


def outcome(tried: Tried) -> str:
    """Say what became of calls that were tried again."""
    if not tried.failed:
        return ngettext("%(count)s call is taken now.", "%(count)s calls are taken now.", tried.gone) % {
            "count": tried.gone
        }
    if not tried.gone:
        return ngettext(
            "%(count)s call was refused again and stays.", "%(count)s calls were refused again and stay.", tried.failed
        ) % {"count": tried.failed}
    return _("%(taken)s taken now, %(failed)s refused again: those stay.") % {
        "taken": tried.gone, "failed": tried.failed,
    }  # fmt: skip
