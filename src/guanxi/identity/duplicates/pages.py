"""The queue of probable duplicates: a list, one case, three decisions, and the way back."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import Staff
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.errors import Refused
from guanxi.core.jobs.models import Job, JobQuerySet
from guanxi.identity.duplicates.case import case_of, headline, named, sure
from guanxi.identity.duplicates.pair import DuplicatePair, DuplicateSearch
from guanxi.identity.rules import in_force
from guanxi.identity.tasks import search_duplicates
from guanxi.identity.telling import UNITS
from guanxi.pages import toasts
from guanxi.pages.work import UnderWay, under_way

SHOWN = 25
COUNTED = 1_000
CHANGE = "customers.change"


@require_GET
@needs("customers.view")
def queue(request: StaffRequest) -> HttpResponse:
    """Show the surest pairs and one of them (`?pair=`); without any, what this is for and how to begin."""
    waiting = DuplicatePair.objects.visible_to(request.user).waiting()
    pairs = list(waiting.surest_first().select_related("left", "right")[:SHOWN])
    chosen = next((each for each in pairs if str(each.pk) == request.GET.get("pair")), pairs[0] if pairs else None)
    place = pairs.index(chosen) if chosen else 0
    told: dict[str, Any] = {
        "rows": [(each, named(each), headline(each), sure(each)) for each in pairs],
        "case": case_of(chosen, request.user, _picks(request.GET)) if chosen else None,
        "before": pairs[place - 1] if place else None,
        "after": pairs[place + 1] if place + 1 < len(pairs) else None,
        "place": place + 1,
        "count": waiting[:COUNTED].count() if len(pairs) == SHOWN else len(pairs),
    }
    told |= {
        "last": DuplicateSearch.last(),
        "work": (work := _work()),
        "at_work": work and not work.is_over,
        "may_change": request.user.may(CHANGE),
    }
    told |= {"may_rule": request.user.may("rules.change")}
    told |= {"threshold": in_force().threshold, "decided": DuplicatePair.objects.decided_since(_midnight()).count()}
    told |= {"latest": _latest(request)}
    return render(request, "identity/duplicates.html", told)


@require_POST
@needs(CHANGE)
def decision(request: StaffRequest, pair_id: int) -> HttpResponse:
    """Merge both, keep them apart, or put it off; the next pair is shown."""
    pair = _pair(request, pair_id)
    following = _following(request, pair)
    unite = partial(pair.unite, chosen=pair.chosen(_picks(request.POST)))
    verbs: dict[str, Callable[..., object]] = {"merge": unite, "apart": pair.keep_apart, "later": pair.postpone}
    words = {"merge": _("Merged: %(names)s"), "apart": _("Not the same: %(names)s"), "later": _("Later: %(names)s")}
    verb = request.POST.get("decision", "")
    if verb not in verbs:
        return HttpResponse(status=422)
    names = named(pair)
    try:
        verbs[verb](by=request.user)
        toasts.say(request, words[verb] % {"names": names}, undo_url=reverse("identity:duplicate-undo", args=[pair.pk]))
    except Refused as error:
        toasts.say(request, str(error))
    return redirect(f"{reverse('identity:duplicates')}?pair={following}" if following else "identity:duplicates")


@require_POST
@needs(CHANGE)
def undo(request: StaffRequest, pair_id: int) -> HttpResponse:
    """Take a decision back: the pair waits again."""
    pair = _pair(request, pair_id)
    try:
        pair.reopen(by=request.user)
        toasts.say(request, _("Taken back: both are as they were before."))
    except Refused as error:
        toasts.say(request, str(error))
    return redirect(f"{reverse('identity:duplicates')}?pair={pair.pk}")


@require_POST
@needs(CHANGE)
def search(request: HttpRequest) -> HttpResponse:
    """Search the whole book now; one that is at work goes on."""
    if not _jobs().exists():
        search_duplicates.enqueue()
    return redirect("identity:duplicates")


@require_POST
@needs(CHANGE)
def stop(request: HttpRequest) -> HttpResponse:
    """Ask the search to stop; what it has kept by then stays."""
    if _jobs().update(cancel_requested_at=timezone.now()):
        toasts.say(request, _("The search stops as soon as it can."))
    return redirect("identity:duplicates")


@require_GET
@needs("customers.view")
def progress(request: HttpRequest) -> HttpResponse:
    """Show how far the search is; once it is over, the page loads anew."""
    return under_way(request, _work())


def _pair(request: HttpRequest, pair_id: int) -> DuplicatePair:
    mine = DuplicatePair.objects.visible_to(cast(Staff, request.user)).select_related("left", "right")
    return get_object_or_404(mine, pk=pair_id)


def _latest(request: StaffRequest) -> tuple[DuplicatePair, str] | None:
    """Find what this member of staff decided last today, which stays at hand to be taken back."""
    mine = DuplicatePair.objects.visible_to(request.user).decided_since(_midnight()).filter(decided_by=request.user)
    found = mine.order_by("-decided_at").select_related("left", "right").first()
    return (found, named(found)) if found else None


def _picks(sent: QueryDict) -> dict[str, str]:
    """Read whose values are to be shown: `pick_name=left` and the like."""
    return {unit: str(sent[f"pick_{unit}"]) for unit in UNITS if f"pick_{unit}" in sent}


def _midnight() -> dt.datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def _following(request: HttpRequest, pair: DuplicatePair) -> int | None:
    """Find the pair below this one in the list, else the one above."""
    waiting = DuplicatePair.objects.visible_to(cast(Staff, request.user)).waiting()
    keys = list(waiting.surest_first().values_list("pk", flat=True)[:SHOWN])
    others = [key for key in keys if key != pair.pk]
    at = keys.index(pair.pk) if pair.pk in keys else 0
    return others[min(at, len(others) - 1)] if others else None


def _work() -> UnderWay | None:
    urls = (reverse("identity:duplicates-progress"), reverse("identity:duplicates-stop"))
    return UnderWay.last(search_duplicates.module_path, _("Searching for probable duplicates"), *urls)


def _jobs() -> JobQuerySet:
    return Job.objects.unfinished().filter(task=search_duplicates.module_path)
