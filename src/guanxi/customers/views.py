"""The pages of people: the list, its file, one customer, and the forms that write about them."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.models import SentForm
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import exported, listed, part
from guanxi.customers import by_hand, export, meanwhile, neighbours, roster
from guanxi.customers.entries import entries
from guanxi.customers.faces import face_of
from guanxi.customers.forms import CustomerForm
from guanxi.customers.head import head_of
from guanxi.customers.live import happenings, is_live
from guanxi.customers.meanwhile import ChangedMeanwhile, Clash
from guanxi.customers.models import Customer
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.reveal import may_plainly
from guanxi.customers.stories import FIELDS
from guanxi.customers.trade import trade
from guanxi.guard.fileout import Cell
from guanxi.pages import toasts
from guanxi.pages.commands import Subject
from guanxi.pages.components import Tab
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.list_file import as_csv, as_xlsx
from guanxi.pages.listing import Listing, counted_as
from guanxi.pages.panels import Panel, panels_for

PLACES = ("facts", "main", "side")
TABS = {
    "overview": gettext_lazy("Overview"),
    "orders": gettext_lazy("Orders"),
    "about": gettext_lazy("About"),
    "notes": gettext_lazy("Notes"),
}


@require_GET
@needs("customers.view")
def customers(request: StaffRequest) -> HttpResponse:
    """List customers, the best first."""
    everyone, table = Customer.objects.visible_to(request.user), roster.table(request)
    if asked := part(request, table, everyone):
        return asked
    context = listed(request, table, everyone, partial(_views, request, everyone))
    listing = context["listing"]
    told = {
        **context,
        "entries": entries(listing, request.user),
        "bulk_url": _bulk_url(request),
        "totals_url": f"{reverse('customers:total')}?{request.GET.urlencode()}",
        "may_change": request.user.may("customers.change"),
        "may_import": request.user.may("imports.run"),
        "may_export": request.user.may("customers.export"),
        "plain_url": f"{reverse('customers:export-plainly')}?{request.GET.urlencode()}" if may_plainly(request) else "",
    }
    return render(request, "customers/list.html", told)


def _views(request: StaffRequest, everyone: CustomerQuerySet, listing: Listing[Customer]) -> list[Tab]:
    return roster.tabs(request, counted_as("customers", everyone) if listing.narrowed else listing.total)


@require_GET
@needs("customers.view")
def total(request: StaffRequest) -> HttpResponse:
    """Sum up the whole selection, after the page is there; one too large to be counted is not summed up either."""
    everyone, table = Customer.objects.visible_to(request.user), roster.table(request)
    found = table.selected(request, everyone)
    summed = found if table.is_narrowed(request) else None
    figures = None if found.total > MOST_COUNTED else trade().total(summed)
    return render(request, "customers/total.html", {"figures": figures})


@require_GET
@needs("customers.export")
def export_csv(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as CSV, row by row."""
    return as_csv("customers", export.columns(request.user), _rows(request, "CSV"))


@require_GET
@needs("customers.export")
def export_xlsx(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as a workbook."""
    return as_xlsx("customers", export.columns(request.user), _rows(request, "XLSX"), sheet=_("Customers"))


@require_GET
@needs("customers.view")
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show one customer; a merged one's page is that of the survivor."""
    found = Customer.objects.visible_to(request.user).filter(pk=customer_id).first()
    if found is None:
        return _to_survivor(request, customer_id)
    context = {
        **head_of(found, request.user),
        "subject": Subject("customer", found.public_id),
        "way": neighbours.way_of(request, found),
        "places": _places(request),
        "tabs": _tabs(request),
        "tab": _tab(request),
    }
    return render(request, "customers/customer.html", context)


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def new(request: StaffRequest) -> HttpResponse:
    """Write down a customer whom no source has seen yet."""
    form = CustomerForm(_sent(request))
    form.reader, form.asks = request.user, True
    if request.method == "POST" and form.is_valid():
        return redirect(SentForm.once(request.POST.get("once", ""), partial(_added, request, form), by=request.user))
    return render(request, "customers/form.html", {"form": form}, status=422 if form.errors else 200)


def _added(request: StaffRequest, form: CustomerForm) -> str:
    added = by_hand.introduce(form.told, by=request.user)
    toasts.say(request, _("The customer is in the book."))
    return reverse("customers:customer", args=[added.pk])


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Correct what is known of a customer."""
    found = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    form = CustomerForm.of(found, face_of(found, request.user), _sent(request))
    form.reader, form.asks = request.user, True
    clashes: Sequence[Clash] = ()
    if request.method == "POST" and form.is_valid():
        try:
            return _corrected(request, found, form)
        except ChangedMeanwhile as error:
            clashes = error.clashes
    told = [(clash, FIELDS[clash.attribute]) for clash in clashes]
    context = {
        "form": form,
        "customer": found,
        "face": face_of(found, request.user),
        "seen": _seen(request, found, clashes),
        "clashes": told,
    }
    return render(request, "customers/form.html", context, status=409 if clashes else 422 if form.errors else 200)


def _corrected(request: StaffRequest, customer: Customer, form: CustomerForm) -> HttpResponse:
    """Write what is true, and lead back to the customer."""
    choices = {name: request.POST.get(f"choice_{name}", "") for name in by_hand.ATTRIBUTES}
    seen = meanwhile.read(request.POST["seen"]) if "seen" in request.POST else None
    changed = by_hand.correct(customer, form.told, by=request.user, seen=seen, choices=choices)
    toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("customers:customer", customer.pk)


def _seen(request: StaffRequest, customer: Customer, clashes: Sequence[Clash]) -> str:
    """Write down what the editor has seen: what they saw first, and now the values they are asked to choose between."""
    fresh = meanwhile.read(meanwhile.seen(customer, by_hand.ATTRIBUTES))
    kept = meanwhile.read(request.POST.get("seen", "")) or fresh
    named = {clash.attribute for clash in clashes}
    return " ".join(f"{name}:{fresh[name] if name in named else kept.get(name, fresh[name])}" for name in fresh)


def _bulk_url(request: StaffRequest) -> str:
    """Give the address that takes the chosen rows, for those who may change them."""
    return f"{reverse('customers:chosen')}?{request.GET.urlencode()}" if request.user.may("customers.change") else ""


def _rows(request: StaffRequest, form: str) -> Iterator[tuple[Cell, ...]]:
    """Read the selection for a file, as far as the reader may see it, and write down that it leaves."""
    table = roster.table(request)
    exported(request, table, form)
    return export.rows(table.narrowed(request, Customer.objects.visible_to(request.user)), reader=request.user)


def _sent(request: HttpRequest) -> QueryDict | None:
    """Give what a form sent, if one was: empty, it is still a form with mistakes."""
    return request.POST if request.method == "POST" else None


def _to_survivor(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Lead from a merged customer to the one who took their place."""
    survivor = Customer.objects.survivor_of(customer_id)
    visible = survivor and Customer.objects.visible_to(request.user).filter(pk=survivor.pk).exists()
    if survivor is None or not visible:
        raise Http404
    return redirect("customers:customer", survivor.pk)


def _places(request: StaffRequest) -> list[tuple[str, list[Panel]]]:
    """Sort the panels the reader may see into their columns."""
    panels = panels_for("customer", request.user)
    return [(place, [panel for panel in panels if panel.place == place]) for place in PLACES]


def _tab(request: HttpRequest) -> str:
    """Read which part a phone shows."""
    asked = request.GET.get("tab", "")
    return asked if asked in TABS else "overview"


def _tabs(request: HttpRequest) -> list[Tab]:
    """Draw the parts of the page, of which a phone shows one at a time."""
    chosen, query = _tab(request), request.GET.copy()
    tabs = []
    for name, title in TABS.items():
        query["tab"] = name
        tabs.append(Tab(title, f"?{query.urlencode()}", active=name == chosen))
    return tabs


@require_GET
@needs("customers.view")
def home_now(request: StaffRequest) -> HttpResponse:
    """Show what happens now; asked again and again by the card itself, unless it is paused."""
    found = happenings()
    paused = "paused" in request.GET
    told = {"happenings": found, "live": is_live(found), "paused": paused}
    return render(request, "customers/home_now.html", told)
