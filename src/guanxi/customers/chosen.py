"""The pages of an act upon many customers: what to do, how many it will reach, the act itself, the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from guanxi.accounts.models import SentForm
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers import roster
from guanxi.customers.models import BulkAct, Channel, Customer, Tag
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.together import MOST, Verb, act, reached, take_back
from guanxi.pages import formats, toasts
from guanxi.pages.listing import PAGE_ROWS

Kind = BulkAct.Kind
FIELDS: dict[str, Any] = {
    Kind.TAG: lambda: forms.CharField(label=gettext_lazy("Tag"), max_length=60),
    Kind.NOTE: lambda: forms.CharField(
        label=gettext_lazy("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    ),
    Kind.CONSENT: lambda: forms.ChoiceField(label=gettext_lazy("Marketing by"), choices=Channel.choices),
}


class WordForm(forms.Form):
    """The one word of an act: a tag, a note, a message channel."""

    def __init__(self, kind: str, data: Any = None) -> None:
        super().__init__(data)
        self.fields["word"] = FIELDS[kind]()


@dataclass(frozen=True)
class Selection:
    """Whom the reader chose: the rows of a page, or all that the address asks for."""

    customers: CustomerQuerySet
    picks: Sequence[str]
    everybody: bool

    @classmethod
    def of(cls, request: StaffRequest) -> "Selection":
        """Read it; whoever the reader may not see is not in it."""
        visible = Customer.objects.visible_to(request.user)
        if request.POST.get("all") == "1":
            return cls(roster.table(request).narrowed(request, visible), (), everybody=True)
        picks = request.POST.getlist("pick")[:PAGE_ROWS]
        keys = [key for key in map(_key, picks) if key]
        return cls(visible.filter(pk__in=keys), picks, everybody=False)


@require_POST
@needs("customers.change")
def chosen(request: StaffRequest) -> HttpResponse:
    """Ask what to do with those chosen, say how many it reaches, and do it once the reader agreed to that number."""
    kind = request.POST.get("verb", "")
    if kind not in Kind.values:
        raise Http404
    selection = Selection.of(request)
    count = selection.customers.count()
    if not count or count > MOST:
        toasts.say(request, _nobody() if not count else _too_many(count))
        return redirect(_list(request))
    form = WordForm(kind, request.POST if "word" in request.POST else None)
    if not form.is_valid():
        return _page(request, selection, count, form)
    verb = Verb(Kind(kind), form.cleaned_data["word"])
    reach = reached(selection.customers, verb).count()
    if reach and request.POST.get("sure") == str(reach):
        key = request.POST.get("once", "")
        return redirect(SentForm.once(key, partial(_done, request, selection, verb), by=request.user))
    return _page(request, selection, count, form, reach=reach)


@require_POST
@needs("customers.change")
def undo(request: StaffRequest, act_id: int) -> HttpResponse:
    """Take back an act of one's own."""
    count = take_back(get_object_or_404(BulkAct, pk=act_id, by=request.user))
    if count:
        words = ngettext("As before for %(count)s customer.", "As before for %(count)s customers.", count)
        toasts.say(request, words % {"count": formats.count(count)})
    return redirect(_list(request))


def _page(
    request: StaffRequest, selection: Selection, count: int, form: WordForm, reach: int | None = None
) -> HttpResponse:
    kind = request.POST["verb"]
    context = {
        "form": form,
        "kind": kind,
        "selection": selection,
        "count": count,
        "reach": reach,
        "back": _list(request),
        "channel": Channel(form.cleaned_data["word"]).label if kind == Kind.CONSENT and form.is_valid() else "",
        "words": Tag.objects.in_use().order_by("name")[:200] if kind == Kind.TAG else (),
    }
    return render(request, "customers/chosen.html", context, status=422 if form.errors else 200)


def _done(request: StaffRequest, selection: Selection, verb: Verb) -> str:
    done = act(selection.customers, verb, by=request.user)
    query = request.GET.urlencode()
    back = reverse("customers:chosen-undo", args=[done.pk]) + (f"?{query}" if query else "")
    toasts.say(request, _told(done), undo_url=back)
    return _list(request)


def _told(done: BulkAct) -> str:
    """Say what was done to how many."""
    many = {"count": formats.count(done.reached), "tag": done.tag, "channel": done.get_channel_display()}
    words = {
        Kind.TAG: ngettext(
            "Tagged %(count)s customer “%(tag)s”.", "Tagged %(count)s customers “%(tag)s”.", done.reached
        ),
        Kind.NOTE: ngettext(
            "The note is kept for %(count)s customer.", "The note is kept for %(count)s customers.", done.reached
        ),
        Kind.CONSENT: ngettext(
            "%(count)s customer gets no more marketing by %(channel)s.",
            "%(count)s customers get no more marketing by %(channel)s.",
            done.reached,
        ),
    }
    return words[Kind(done.kind)] % many


def _nobody() -> str:
    return _("Nobody was chosen. Tick the customers first.")


def _too_many(count: int) -> str:
    numbers = {"count": formats.count(count), "most": formats.count(MOST)}
    return _("%(count)s customers are too many at once. Narrow the list to %(most)s or fewer.") % numbers


def _key(word: str) -> int | None:
    return Customer.key_of(word) if word.startswith(Customer.PREFIX) else None


def _list(request: StaffRequest) -> str:
    query = request.GET.urlencode()
    return reverse("customers:list") + (f"?{query}" if query else "")
