"""The panels of customers, products and home, the page of classes, and the pages of their rules."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.catalog.models import Product
from guanxi.customers.models import Customer
from guanxi.insight import amendment, recomputation, worth_file
from guanxi.insight.away import SHOWN, who_stays_away
from guanxi.insight.consequence import Consequence
from guanxi.insight.daily import overdue
from guanxi.insight.explanation import Explanation
from guanxi.insight.forms import SchemeForm
from guanxi.insight.matrix import Matrix
from guanxi.insight.models import GoodsRun, RfmScheme, RulesMoved, ShopRun
from guanxi.insight.movers import Movers
from guanxi.insight.moving import Moving
from guanxi.insight.overview import Overview
from guanxi.insight.prospect import Prospect
from guanxi.insight.recomputation import Recomputation
from guanxi.insight.sales import SalesByDay
from guanxi.insight.selling import Buyers, History, Pair, Prices
from guanxi.insight.span import Span
from guanxi.insight.trading import Trade
from guanxi.insight.trust import Trust
from guanxi.insight.versions import Versions
from guanxi.insight.whatif import what_if
from guanxi.insight.worth import Worth
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Company
from guanxi.pages import list_file, toasts
from guanxi.pages.period import Period

CHANGE = "rules.change"


@require_GET
@needs("catalog.view")
def product_sales(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show what a product sold over the chosen days."""
    history = History.of(_product(request, product_id), Period.of(request))
    return render(request, "insight/product_sales_panel.html", {"history": history})


@require_GET
@needs("catalog.view")
def product_prices(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show at which price a product went, month by month, and what it cost us."""
    prices = Prices.of(
        _product(request, product_id), Period.of(request).end, with_costs=request.user.may("catalog.cost.see")
    )
    return render(request, "insight/product_prices_panel.html", {"prices": prices})


@require_GET
@needs("catalog.view")
def product_together(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show what lies in the same orders as a product more often than by chance."""
    pairs = Pair.all_of(_product(request, product_id))
    return render(request, "insight/product_together_panel.html", {"pairs": pairs, "run": GoodsRun.latest()})


@require_GET
@needs("catalog.view")
def product_buyers(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show who buys a product most often."""
    found = Buyers.of(_product(request, product_id), request.user)
    return render(request, "insight/product_buyers_panel.html", {"found": found})


@require_GET
@needs("customers.view")
def customer_rfm(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Say why a customer is in their class, and what would change it."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    may_open = request.user.may("insight.view")
    return render(request, "insight/rfm_panel.html", {"why": Explanation.of(customer), "may_open_rules": may_open})


@require_GET
@needs("customers.view")
def customer_value(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Say what a customer will probably buy within a year, and how sure that is."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    told = {"prospect": Prospect.of(customer), "may_open": request.user.may("insight.view")}
    return render(request, "insight/value_panel.html", told)


@require_GET
@needs("insight.view")
def value(request: StaffRequest) -> HttpResponse:
    """Show what customers will bring within a year, who will bring most, who is leaving, and how well that is known."""
    worth, may_see = Worth.now(request.user), request.user.may("customers.view")
    shown: dict[str, Any] = {"worth": worth, "may_export": request.user.may("customers.export")}
    if worth.ahead:
        shown |= {"trust": Trust(worth.told)}
        shown |= {"best": worth.people(request.user), "slipping": worth.slipping(request.user)} if may_see else {}
    return render(request, "insight/value.html", shown)


@require_GET
@needs("insight.view")
@needs("customers.export")
def value_table(request: StaffRequest) -> HttpResponseBase:
    """Send what everybody is worth as CSV, with the ends, masked."""
    currency = base_currency()
    AuditEntry.write("list.exported", by=request.user, on="list:value", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("lifetime value"), worth_file.columns(currency), worth_file.rows(request.user, currency))


@require_GET
@needs("insight.view")
def rfm(request: StaffRequest) -> HttpResponse:
    """Show the classes with what they bring, where their people stand, and the rules by which they are in them."""
    overview = Overview.now()
    matrix = Matrix.asked(request, overview.run, overview.currency) if overview.run and overview.run.cells else None
    shown = {
        "overview": overview,
        "matrix": matrix,
        "work": Recomputation.last() if overview.is_behind else None,
        "may_change": request.user.may(CHANGE),
    }
    return render(request, "insight/rfm.html", shown)


@require_GET
@needs("insight.view")
def rfm_progress(request: StaffRequest) -> HttpResponse:
    """Show how far the scoring by new rules is; once it is over, the page loads anew."""
    work = Recomputation.last()
    answer = render(request, "insight/rfm_progress.html", {"work": work})
    if work is None or work.is_over:
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def rules(request: StaffRequest) -> HttpResponse:
    """Show the rules to be changed, or those of an older version to be restored; take a change in."""
    if request.method == "POST":
        return _changed(request)
    current = RfmScheme.current()
    asked = request.GET.get("from", "")
    older = RfmScheme.objects.filter(version=int(asked)).first() if asked.isdecimal() and len(asked) < 9 else None
    form = SchemeForm.of((older or current).scheme, base=current.version, currency=_currency())
    shown = _what_would_be(older) if older and older != current else None
    return _rules_page(request, form, current=current, older=older, outcome=shown)


def _changed(request: StaffRequest) -> HttpResponse:
    """Do what the button says: another class, one less, a look at the outcome, or save."""
    act = request.POST.get("act", "save")
    if act.partition("-")[0] in {"add", "remove"}:
        return _rules_page(request, SchemeForm.rearranged(request.POST.dict(), act, currency=_currency()))
    form = SchemeForm.typed(request.POST.dict(), currency=_currency())
    if not form.is_valid() or form.proposed is None:
        return _rules_page(request, form, status=422)
    if act == "preview":
        return _rules_page(request, form, outcome=_outcome(form))
    return _saved(request, form)


def _saved(request: StaffRequest, form: SchemeForm) -> HttpResponse:
    base, proposed = form.cleaned_data["base"], form.proposed
    if proposed is None:  # a form that is valid has rules
        return _rules_page(request, form, status=422)
    try:
        with transaction.atomic():
            before = RfmScheme.current()
            adopted = RfmScheme.objects.adopt(proposed, by=request.user, over=base)
            if adopted != before:
                recomputation.begin()
    except RulesMoved:
        return _rules_page(request, form, moved=True, status=409)
    said = {"version": adopted.version}
    if adopted == before:
        toasts.say(request, _("Nothing was changed: these are the rules in force."))
    else:
        toasts.say(request, _("Saved as version %(version)s. Every customer is scored anew now.") % said)
    return redirect("insight:rfm")


@require_POST
@needs(CHANGE)
def outcome(request: StaffRequest) -> HttpResponse:
    """Show what the rules as typed would do; nothing is written."""
    form = SchemeForm.typed(request.POST.dict(), currency=_currency())
    found = _outcome(form) if form.is_valid() else None
    return render(request, "insight/outcome.html", {"form": form, "outcome": found})


@require_GET
@needs("insight.view")
def versions(request: StaffRequest) -> HttpResponse:
    """Show what the rules were, who changed them and when, and what each change said."""
    told = {"versions": Versions.read(_currency()), "may_change": request.user.may(CHANGE)}
    return render(request, "insight/versions.html", told)


def _rules_page(request: HttpRequest, form: SchemeForm, *, status: int = 200, **told: Any) -> HttpResponse:
    current = told.pop("current", None) or RfmScheme.current()
    shown = {"form": form, "current": current, "outcome_url": reverse("insight:rules-outcome"), **told}
    if told.get("moved") and form.proposed:
        shown |= _both(form, current)
    return render(request, "insight/rules.html", shown, status=status)


def _both(form: SchemeForm, current: RfmScheme) -> dict[str, Any]:
    """What the other one changed and what this one would, since both began from the same rules."""
    began = RfmScheme.objects.filter(version=form.cleaned_data["base"]).first() or current
    form.data = {**form.data, "base": str(current.version)}  # saving once more is saving over what was just read
    return {
        "theirs": amendment.changes(began.scheme, current.scheme, form.currency),
        "mine": amendment.changes(current.scheme, form.proposed, form.currency) if form.proposed else [],
    }


def _outcome(form: SchemeForm) -> Consequence | None:
    return Consequence(what_if(form.proposed), form.currency) if form.proposed else None


def _what_would_be(older: RfmScheme) -> Consequence:
    return Consequence(what_if(older.scheme), _currency())


def _currency() -> str:
    company = Company.current()
    return company.base_currency if company else "CNY"


@require_GET
@needs("insight.view")
def home_sales(request: StaffRequest) -> HttpResponse:
    """Show net sales by day beside last year's."""
    run = ShopRun.latest()
    sales = SalesByDay(Trade.read(Span.asked(request, run)), base_currency()) if run else None
    return render(request, "insight/home_sales.html", {"sales": sales, "overdue": run and overdue(run)})


@require_GET
@needs("insight.view")
def home_moving(request: StaffRequest) -> HttpResponse:
    """Show where customers stand and which way they go."""
    run = ShopRun.latest()
    told = {"moving": Moving(run) if run else None, "overdue": run and overdue(run)}
    return render(request, "insight/home_moving.html", told)


@require_GET
@needs("customers.view")
def cooling(request: StaffRequest) -> HttpResponse:
    """List the high-value customers who stay away."""
    run, rows = ShopRun.latest(), who_stays_away(request.user)
    told = {"rows": rows, "run": run, "currency": base_currency(), "cut": len(rows) == SHOWN}
    return render(request, "insight/cooling.html", told)


@require_GET
@needs("customers.view")
def movers(request: StaffRequest) -> HttpResponse:
    """List who stands in a place of the lifecycle, or moved from one to another."""
    found = Movers.asked(request.GET.get("before", ""), request.GET.get("after", ""))
    if found is None:
        raise Http404
    told = {"movers": found, "rows": found.seen_by(request.user), "currency": base_currency()}
    return render(request, "insight/movers.html", told)


def _product(request: StaffRequest, product_id: int) -> Product:
    return get_object_or_404(Product.objects.visible_to(request.user).prefetch_related("variants"), pk=product_id)
