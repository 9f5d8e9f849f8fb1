"""The page of recommendations, its file, and the panels of a customer and a product."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.catalog.models import Product
from guanxi.customers.models import Customer
from guanxi.guard.fileout import Cell
from guanxi.insight.explanation import age_of
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation import offers, quality
from guanxi.pages import list_file
from guanxi.warehouse.reading import snapshot

COLUMNS = ("product", "other_product", "relation", "place", "score", "customers", "buyers")
ROWS = "select * from product_neighbours order by product_id, relation, place"


@require_GET
@needs("insight.view")
def recommendations(request: StaffRequest) -> HttpResponse:
    """Show how good recommendations are, examples, and what goes with a product."""
    page = quality.Quality.read(request.GET.get("product", ""))
    told = {"page": page, "age": page.run and age_of(page.run), "may_see": request.user.may("catalog.view")}
    return render(request, "insight/recommendations.html", told)


@require_GET
@needs("insight.view")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send what goes with every product as CSV."""
    AuditEntry.write("chart.exported", by=request.user, on="chart:recommendations", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("recommendations"), COLUMNS, _rows())


@require_GET
@needs("customers.view")
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show what to offer a customer next."""
    found = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    may_see = request.user.may("catalog.view")
    told = {
        "offers": offers.for_customer(found, most=5) if may_see else [],
        "may_open": request.user.may("insight.view"),
    }
    return render(request, "insight/next_panel.html", told)


@require_GET
@needs("catalog.view")
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    """Show what is like a product, and what goes with it."""
    found = get_object_or_404(Product.objects.visible_to(request.user), pk=product_id)
    groups = [(title, some) for title, some in quality.groups(found) if some[0].relation != offers.TOGETHER]
    return render(request, "insight/alike_panel.html", {"groups": groups, "may_open": request.user.may("insight.view")})


def _rows() -> Iterator[tuple[Cell, ...]]:
    if RecommendationRun.latest() is None:
        return
    names = dict(Product.objects.values_list("pk", "name"))
    with snapshot() as lake:
        for batch in lake.batches(ROWS):
            for row in batch.to_pylist():
                both = (names.get(row["product_id"], ""), names.get(row["other_product_id"], ""))
                yield (*both, *(row[name] for name in COLUMNS[2:]))
