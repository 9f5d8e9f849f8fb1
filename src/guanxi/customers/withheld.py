"""The pages of files in the clear that wait for a second person."""

from copy import copy
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import Staff
from guanxi.accounts.own import confirmed
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import exported
from guanxi.accounts.trail import reason
from guanxi.customers import export, roster
from guanxi.customers.models import Customer, PlainExport
from guanxi.customers.models.plain_export import ALONE, RIGHT, NeedsAnother, NotAgreed, others
from guanxi.customers.reveal import revealable
from guanxi.pages import formats, home, toasts
from guanxi.pages.components import Tone
from guanxi.pages.list_file import as_csv

SHOWN = 50


@require_GET
@needs(RIGHT)
def withheld(request: StaffRequest) -> HttpResponse:
    """Show which files were asked for, and what became of them."""
    asked = PlainExport.objects.visible_to(request.user).select_related("by", "decided_by").order_by("-pk")[:SHOWN]
    alone, now, titles = not others(request.user), timezone.now(), revealable(request)
    for each in asked:
        each.titles, each.reason = [titles.get(name, name) for name in each.fields], reason(each.why)
    rows = [
        (each, each.by_id == request.user.pk, each.by_id != request.user.pk or (alone and now >= each.asked_at + ALONE))
        for each in asked
    ]
    return render(request, "customers/withheld.html", {"rows": rows, "alone": alone})


@require_POST
@needs(RIGHT)
@confirmed
def agreement(request: StaffRequest, export_id: int) -> HttpResponse:
    """Let a file leave, as the second person."""
    try:
        _found(request, export_id).agree(by=request.user)
        toasts.say(request, _("The file may leave: whoever asked for it has a day to take it."))
    except NeedsAnother as error:
        toasts.say(request, str(error))
    return redirect("customers:withheld")


@require_POST
@needs(RIGHT)
def refusal(request: StaffRequest, export_id: int) -> HttpResponse:
    """Keep a file from leaving."""
    _found(request, export_id).refuse(by=request.user)
    toasts.say(request, _("The file stays here."))
    return redirect("customers:withheld")


@require_POST
@needs(RIGHT)
def file(request: StaffRequest, export_id: int) -> HttpResponseBase:
    """Send the file that was agreed to, once."""
    found = _found(request, export_id)
    asked: Any = copy(request)
    asked.GET = QueryDict(found.told["query"])
    table = roster.table(asked)
    names = [name for name in found.fields if name in revealable(request)]
    changes = {"fields": (None, names), "rows": (None, found.count)}
    try:
        with transaction.atomic():
            found.take(by=request.user)
            exported(asked, table, "CSV", act="customers.plainly.exported", why=found.why, changes=changes)
    except NotAgreed as error:
        toasts.say(request, str(error))
        return redirect("customers:withheld")
    known = Customer.objects.visible_to(request.user).filter(pk__lte=found.newest)
    rows = export.rows(table.narrowed(asked, known), reader=request.user, plainly=names)
    return as_csv("customers", export.columns(request.user), rows)


def _found(request: StaffRequest, export_id: int) -> PlainExport:
    return get_object_or_404(PlainExport.objects.visible_to(request.user), pk=export_id)


def look(request: HttpRequest) -> home.Waiting | None:
    """Say how many files wait for whoever looks to agree."""
    count = PlainExport.objects.waiting().exclude(by=cast(Staff, request.user)).count()
    if not count:
        return None
    title = ngettext("%(count)s file in the clear to agree to", "%(count)s files in the clear to agree to", count)
    return home.Waiting(
        title=title % {"count": formats.count(count)},
        reason=_("Personal fields in the clear leave only after a second person agreed."),
        verb=_("Decide"),
        href=reverse("customers:withheld"),
        icon="lock",
        tone=Tone.WARN,
    )


QUEUE = home.Queue(name="withheld", look=look, permission=RIGHT)
