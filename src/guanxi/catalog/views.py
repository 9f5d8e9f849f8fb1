"""The list of products, and the page of one; what it sold comes in panels of the contexts above."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import exported, listed, part
from guanxi.catalog import assortment
from guanxi.catalog.models import Product, ProductQuerySet
from guanxi.catalog.offers import COST, offers_of
from guanxi.catalog.selling import Sales, selling
from guanxi.guard.fileout import Cell
from guanxi.pages.commands import Subject
from guanxi.pages.list_file import as_csv, as_xlsx
from guanxi.pages.panels import panels_for
from guanxi.pages.period import Period
from guanxi.warehouse.lake import LakeBroken
from guanxi.warehouse.place import LakeAway

PLACES = ("main", "side")


@require_GET
@needs("catalog.view")
def products(request: StaffRequest) -> HttpResponse:
    """List products, those that sold best lately first."""
    sales, lost = _lately()
    rows, table = _rows(request), assortment.table(request, sales)
    if asked := part(request, table, rows):
        return asked
    context = listed(request, table, rows)
    listing = context["listing"]
    told = {
        **context,
        "entries": assortment.entries(listing.rows, sales),
        "sales": sales,
        "lost": lost,
        "mixed": sales is not None and any(sales.of(each.pk).mixed for each in listing.rows),
        "awaits_sales": selling() is not None and sales is None and not lost,
        "totals": assortment.total(sales, table.narrowed(request, rows) if listing.narrowed else None) if sales else "",
        "may_import": request.user.may("imports.run"),
    }
    return render(request, "catalog/list.html", told)


@require_GET
@needs("catalog.view")
def export_csv(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as CSV, row by row."""
    return as_csv("products", assortment.FILE, _file_rows(request, "CSV"))


@require_GET
@needs("catalog.view")
def export_xlsx(request: StaffRequest) -> HttpResponseBase:
    """Send the selection as a workbook."""
    return as_xlsx("products", assortment.FILE, _file_rows(request, "XLSX"), sheet=_("Products"))


def _lately() -> tuple[Sales | None, str]:
    """Ask what was sold lately; where that cannot be read, the sentence that says why."""
    known = selling()
    try:
        return (known.lately() if known else None), ""
    except (LakeAway, LakeBroken) as error:
        return None, str(error)


def _rows(request: StaffRequest) -> ProductQuerySet:
    return Product.objects.visible_to(request.user).select_related("category").defer("spelling", "brand_spelling")


def _file_rows(request: StaffRequest, form: str) -> Iterator[tuple[Cell, ...]]:
    known = selling()
    sales = known.lately() if known else None
    table = assortment.table(request, sales)
    exported(request, table, form)
    return assortment.file_rows(table.narrowed(request, _rows(request)), sales)


@require_GET
@needs("catalog.view")
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show a product: its variants with prices and costs, and what other contexts tell of it over the chosen days."""
    visible = Product.objects.visible_to(request.user).select_related("category")
    found = get_object_or_404(visible, pk=product_id)
    context = {
        "product": found,
        "subject": Subject("product", found.public_id),
        "offers": offers_of([found], with_costs=request.user.may(COST)).get(found.pk, []),
        "places": _places(request, found),
    }
    return render(request, "catalog/product.html", context)


def _places(request: StaffRequest, product: Product) -> dict[str, list[dict[str, Any]]]:
    """Sort the panels the reader may see into their columns; each is told the days in its address."""
    days = urlencode(Period.of(request).query)
    places: dict[str, list[dict[str, Any]]] = {place: [] for place in PLACES}
    for panel in panels_for("product", request.user):
        address = reverse(panel.url_name, kwargs={"product_id": product.pk})
        places[panel.place].append({"panel": panel, "address": f"{address}?{days}"})
    return places
