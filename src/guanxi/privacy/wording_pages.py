"""The pages of the words by which people are asked for consents."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.models import Wording
from guanxi.pages import toasts
from guanxi.pages.components import Tab
from guanxi.privacy.forms import WordingForm

CHANGE = "rules.change"


def tabs(active: str) -> list[Tab]:
    """Draw the pages of privacy as tabs."""
    pages = (("wordings", _("Wordings")), ("retention", _("Retention periods")), ("erasures", _("Erasures")))
    return [Tab(title, reverse(f"privacy:{name}"), active=name == active) for name, title in pages]


@require_GET
@needs(CHANGE)
def wordings(request: StaffRequest) -> HttpResponse:
    """List the words in force, then the earlier ones, each with how many people agreed to it."""
    kept = list(Wording.objects.annotate(people=Count("consents")).order_by("channel", "purpose", "language", "-pk"))
    told = {
        "in_force": [each for each in kept if each.retired_at is None],
        "retired": [each for each in kept if each.retired_at],
        "tabs": tabs("wordings"),
    }
    return render(request, "privacy/wordings.html", told)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def wording_new(request: StaffRequest) -> HttpResponse:
    """Write words for a channel and purpose, in place of those in force."""
    known = Wording.objects.keyed(request.GET.get("from", ""))
    names = ("channel", "purpose", "language", "text")
    form = WordingForm(request.POST or None, initial={n: getattr(known, n) for n in names} if known else {})
    if request.method == "POST" and form.is_valid():
        made = Wording.write(**form.told, by=request.user)
        toasts.say(request, _("From now on people are asked by version %(number)s.") % {"number": made.version})
        return redirect("privacy:wordings")
    told = {"form": form, "known": known}
    return render(request, "privacy/wording_form.html", told, status=422 if form.errors else 200)


@require_POST
@needs(CHANGE)
def wording_retirement(request: StaffRequest, wording_id: int) -> HttpResponse:
    """Have nobody be asked by it any more."""
    found = get_object_or_404(Wording, pk=wording_id)
    found.retire(by=request.user)
    undo = reverse("privacy:wording-return", args=[found.pk])
    toasts.say(request, _("Nobody is asked by it any more; who agreed to it did."), undo_url=undo)
    return redirect("privacy:wordings")


@require_POST
@needs(CHANGE)
def wording_restoration(request: StaffRequest, wording_id: int) -> HttpResponse:
    """Have people be asked by it again."""
    get_object_or_404(Wording, pk=wording_id).restore(by=request.user)
    toasts.say(request, _("People are asked by it again."))
    return redirect("privacy:wordings")
