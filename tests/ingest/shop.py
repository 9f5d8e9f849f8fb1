"""Short files of a gift shop, and how a test imports them."""

import gzip
from pathlib import Path
from typing import Any

from django.db.models import Q

from guanxi.ingest.begin import begin
from guanxi.ingest.models import Import
from guanxi.ingest.tasks import VERBS
from guanxi.orders.models import Order, Refund

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINES = (
    "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    "536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom",
    "536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,17850,United Kingdom",
    "536367,84879,BIRD ORNAMENT,32,2010-12-01 08:34:00,1.69,13047,United Kingdom",
    "536368,22960,JAM SET,6,2010-12-01 08:34:00,4.25,,United Kingdom",
    "C536379,85123A,WHITE HEART,-2,2010-12-02 09:41:00,2.55,17850,United Kingdom",
    "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
)
RETAIL = "online-retail"
MAPPING = """
order_number = "no"
placed_at = "day"
total = "sum"
customer_external_id = "who"
currency = "CNY"
[store]
code = "tea"
time_zone = "Asia/Shanghai"
"""


def write(folder: Path, *lines: str, header: str = HEADER, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    """Write a file of these lines."""
    path = folder / name
    content = "\n".join([header, *lines]).encode(encoding)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def imported(*files: Path, preset: str = RETAIL, **options: Any) -> Import:
    """Import files and return the import, with its counts fresh from the book."""
    batch = begin(list(files), preset=preset, **options)
    VERBS[options.get("subject", "orders")](batch)
    batch.refresh_from_db()
    return batch


def mapped(folder: Path, text: str = MAPPING) -> Path:
    """Write a mapping."""
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return path


def book() -> dict[str, Any]:
    """What the book holds of trade and people, without ids and times of writing, to compare two ways to it."""
    from guanxi.catalog.models import Variant
    from guanxi.customers.models import Customer, Event, Identifier, SourceProfile
    from guanxi.orders.models import OrderLine, Payment, Purchases, RefundLine

    order = (
        "number", "kind", "placed_at", "paid_at", "payment_state", "fulfilment_state", "order_state", "goods_minor",
        "discount_minor", "total_minor", "refunded_minor", "net_minor", "profile__key", "version",
    )  # fmt: skip
    line = ("line_number", "sku", "product_name", "quantity", "unit_price", "amount_minor", "variant__sku")
    return {
        "orders": sorted(Order.objects.values_list(*order), key=str),
        "lines": sorted(OrderLine.objects.values_list("order__number", *line), key=str),
        "payments": sorted(Payment.objects.values_list("order__number", "sequence", "amount_minor"), key=str),
        "refunds": sorted(
            Refund.objects.values_list("number", "order__number", "amount_minor", "refunded_on", "profile__key"),
            key=str,
        ),
        "refund lines": sorted(
            RefundLine.objects.values_list("refund__number", "line_number", "sku", "quantity", "unit_price"), key=str
        ),
        "people": sorted(
            SourceProfile.objects.annotate(founded=Q(home__isnull=False)).values_list(
                "source", "store", "key", "founded"
            ),
            key=str,
        ),
        "identifiers": sorted(Identifier.objects.values_list("kind", "value", "profile__key"), key=str),
        "customers": Customer.objects.count(),
        "purchases": sorted(
            Purchases.objects.values_list(
                "customer__profiles__key", "orders", "net_minor", "priced", "first_on", "last_on"
            ),
            key=str,
        ),
        "goods": sorted(Variant.objects.values_list("sku", "product__name"), key=str),
        "events": sorted(Event.objects.values_list("name", "occurred_at", "profile__key"), key=str),
    }
