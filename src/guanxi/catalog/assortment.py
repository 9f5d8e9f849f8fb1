"""The list of products: its columns, what it is narrowed by, and the order by what sold."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.catalog.models import Category, Product, ProductQuerySet, Variant, VariantCost
from guanxi.catalog.offers import COST, Offer, margins, offers_of, prices
from guanxi.catalog.selling import NOTHING, Sales, Sold
from guanxi.core.money import to_major
from guanxi.guard.fileout import Cell
from guanxi.pages import formats
from guanxi.pages.filters import Filter
from guanxi.pages.listing import Column, Found, Table
from guanxi.pages.navigation import allowed
from guanxi.pages.paging import ByFields, ByKeys, Joined, Line

FILE = ("product", "brand", "category", "skus", "price", "units_90_days", "net_sales_90_days", "currency", "last_sold")
AT_ONCE = 500
MOST_CHOICES = 20
LONGEST_ID = 19
SOLD = {"yes": _("sold"), "no": _("not sold")}
Rank = Callable[[Sold], Any]


@dataclass(frozen=True)
class Entry:
    """One row of the list; `sold` is None where there are no figures of sales."""

    product: Product
    offers: Sequence[Offer]
    sold: Sold | None

    @property
    def prices(self) -> str:
        """From which to which price it is offered."""
        return prices(self.offers)

    @property
    def margins(self) -> str:
        """Which share of the price is left."""
        return margins(self.offers)


def by_sales(sales: Sales, rank: Rank, found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Put products in the order of what they sold, the newest first among equals.

    The figures are not in the book, so the ids of the whole selection are sorted here: two queries for any page.
    """
    ids = found.rows.order_by("-pk").values_list("pk", flat=True)
    return ByKeys(found.rows, sorted(ids, key=lambda pk: rank(sales.of(pk)), reverse=falls))


def table(request: HttpRequest, sales: Sales | None) -> Table:
    """Declare the list, with what is known of sales, and of costs where the role sees them."""
    costs = allowed(request.user, COST) and VariantCost.objects.exists()
    return Table(
        name="products",
        columns=(
            Column("name", _("Product"), order_by="sort_name"),
            Column("variants", _("Variants"), numeric=True),
            Column("price", _("Price"), order_by=_by_price, numeric=True),
            *(_columns(sales) if sales else ()),
            *([Column("margin", _("Margin"), numeric=True)] if costs else []),
            Column("since", _("Known since"), order_by="created_at", falls=True),
        ),
        sort="-net" if sales else "-since",
        search=lambda rows, query: rows.matching(query),
        filters=tuple(_filters(request, sales)),
    )


def entries(products: Sequence[Product], sales: Sales | None) -> list[Entry]:
    """Draw the rows of a page; what it costs does not grow with them."""
    offers = offers_of(products)
    return [Entry(each, offers.get(each.pk, []), sales.of(each.pk) if sales else None) for each in products]


def file_rows(products: ProductQuerySet, sales: Sales | None) -> Iterator[tuple[Cell, ...]]:
    """Read products by age in the book, some hundreds at a time, each with what it sold in the days looked at."""
    after = 0
    while some := list(products.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = some[-1].pk
        yield from map(_file_row, entries(some, sales))


def _file_row(entry: Entry) -> tuple[Cell, ...]:
    sold, product = entry.sold or NOTHING, entry.product
    skus = ", ".join(offer.variant.sku for offer in entry.offers)
    category = product.category.name if product.category else ""
    net = to_major(sold.net_minor, sold.currency) if sold.currency else None
    return (product.name, product.brand, category, skus, entry.prices, sold.units, net, sold.currency, sold.last_on)


def total(sales: Sales, products: ProductQuerySet | None) -> str:
    """Say the net sales of a whole selection, of all where it is None."""
    sums = sales.total(None if products is None else products.order_by().values_list("pk", flat=True))
    leading = [str(formats.money_large(minor, currency)) for currency, minor in sums.items() if minor]
    return gettext("Net sales %(amount)s") % {"amount": " + ".join(leading)} if leading else ""


def _columns(sales: Sales) -> Iterable[Column]:
    """Declare what is known of sales."""
    return (
        Column("units", _("Units"), order_by=partial(by_sales, sales, attrgetter("units")), numeric=True),
        Column("net", _("Net sales"), order_by=partial(by_sales, sales, _worth(sales)), numeric=True),
        Column("last", _("Last sold"), order_by=partial(by_sales, sales, _last_day), falls=True),
    )


def _last_day(sold: Sold) -> dt.date:
    return sold.last_on or dt.date.min


def _worth(sales: Sales) -> Rank:
    """Rank by net sales: amounts of two currencies are not compared, all those of the larger one rank higher."""
    currencies = list(reversed(sales.total()))
    leading = len(currencies) - 1
    return lambda sold: (currencies.index(sold.currency) if sold.currency else leading, sold.net_minor)


def _by_price(found: Found, falls: bool) -> Line:  # noqa: FBT001
    """Order by the lowest price of the variants, those without one last."""
    priced = Variant.objects.filter(product=OuterRef("pk"), price_minor__isnull=False).order_by("price_minor")
    lowest = Subquery(priced.values("price_minor")[:1])
    rows, whole = (each.annotate(lowest=lowest) for each in (found.rows, Product.objects.all()))
    with_price = ByFields(rows.exclude(lowest=None), ("lowest", "pk"), falls, whole.exclude(lowest=None))
    without = ByFields(rows.filter(lowest=None), ("pk",), falls=True, whole=whole.filter(lowest=None))
    return Joined(with_price, without)


def _filters(request: HttpRequest, sales: Sales | None) -> Iterator[Filter]:
    """Declare what the list is narrowed by; a filter without a choice is left out."""
    if categories := _categories(request.GET.get("category", "")):
        yield Filter("category", _("Category"), categories, lambda rows, value: rows.filter(category=value))
    if brands := _brands(request.GET.get("brand", "").replace("\0", "")):
        yield Filter("brand", _("Brand"), brands, lambda rows, value: rows.filter(brand=value))
    if sales:
        yield Filter("sold", _("Last 90 days"), SOLD, partial(_sold, sales.sold))


def _sold(sold: Sequence[int], products: ProductQuerySet, value: str) -> ProductQuerySet:
    """Keep the products that sold, or the others."""
    chosen = Product.objects.among(sold)
    return products.filter(pk__in=chosen) if value == "yes" else products.exclude(pk__in=chosen)


def _categories(asked: str) -> dict[str, str]:
    """Name the categories with the most products, and the one that is asked for."""
    used = Category.objects.annotate(size=Count("products")).filter(size__gt=0)
    rows = list(used.order_by("-size", "name").values_list("pk", "name", "parent__name")[:MOST_CHOICES])
    if asked.isascii() and asked.isdecimal() and len(asked) < LONGEST_ID and int(asked) not in {row[0] for row in rows}:
        rows += Category.objects.filter(pk=int(asked)).values_list("pk", "name", "parent__name")
    return {str(pk): f"{parent} / {name}" if parent else name for pk, name, parent in rows}


def _brands(asked: str) -> dict[str, str]:
    """Name the brands with the most products, and the one that is asked for."""
    used = Product.objects.exclude(brand="").values_list("brand")
    brands = [brand for brand, _size in used.annotate(size=Count("pk")).order_by("-size", "brand")[:MOST_CHOICES]]
    if asked and asked not in brands and Product.objects.filter(brand=asked).exists():
        brands.append(asked)
    return {brand: brand for brand in brands}
