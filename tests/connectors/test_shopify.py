import datetime as dt
from pathlib import Path

import pytest

from guanxi.customers.models import Customer
from guanxi.ingest.presets import detect
from guanxi.orders.models import Order
from tests.ingest.shop import imported, write

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,"
    "Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing City,Billing Zip,Billing Province,Billing Country,"
    "Billing Phone,Shipping Name,Notes,Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Tags,Source,Phone"
)
COLUMNS = HEADER.split(",")


def row(**cells: str) -> str:
    """A row of the export: what is not named is empty."""
    named = {key.replace("_", " "): value for key, value in cells.items()}
    assert named.keys() <= set(COLUMNS)
    return ",".join(named.get(column, "") for column in COLUMNS)


def order(number: str, state: str = "paid", **cells: str) -> str:
    """The first row of an order: one Da Hong Pao."""
    told = {
        "Name": number, "Email": "ada@example.com", "Financial_Status": state, "Paid_at": "2026-07-01 09:13:23 -0400",
        "Currency": "USD", "Shipping": "7.90", "Taxes": "0.00", "Total": "41.90", "Discount_Amount": "0.00",
        "Created_at": "2026-07-01 09:13:22 -0400", "Lineitem_quantity": "1", "Lineitem_name": "Da Hong Pao",
        "Lineitem_price": "34.00", "Lineitem_sku": "OL-DH-080", "Billing_Name": "Ada Holm", "Billing_City": "Boston",
        "Billing_Country": "US", "Refunded_Amount": "0.00",
    }  # fmt: skip
    return row(**told | cells)


def line(number: str, **cells: str) -> str:
    """A further row of an order, on which the order's own cells are empty."""
    return row(Name=number, Email="ada@example.com", Created_at="2026-07-01 09:13:22 -0400", **cells)


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shopify_export_is_known_by_its_headers() -> None:
    found = detect(COLUMNS)
    assert found is not None
    assert found[0].name == "shopify-orders"


def test_an_order_of_two_items_stands_on_two_rows(tmp_path: Path) -> None:
    gaiwan = line("#1001", Lineitem_quantity="2", Lineitem_name="Gaiwan", Lineitem_price="19.00", Lineitem_sku="TW-1")
    batch = imported(write(tmp_path, order("#1001", Total="79.90"), gaiwan, header=HEADER), preset="shopify-orders")
    assert (batch.counts["orders_new"], batch.counts["rejected"]) == (1, 0)
    found = Order.objects.get(number="#1001")
    assert (found.goods_minor, found.shipping_minor, found.total_minor) == (72_00, 7_90, 79_90)
    assert [(str(each.sku), each.quantity) for each in found.lines.all()] == [("OL-DH-080", 1), ("TW-1", 2)]
    assert Customer.objects.get().name == "Ada Holm"


def test_times_are_the_shops_clock_in_summer_and_in_winter(tmp_path: Path) -> None:
    winter = order("#2", Created_at="2026-12-01 09:13:22 -0500", Paid_at="2026-12-01 09:13:23 -0500")
    imported(write(tmp_path, order("#1"), winter, header=HEADER), preset="shopify-orders")
    placed = dict(Order.objects.values_list("number", "placed_at"))
    assert placed["#1"] == dt.datetime(2026, 7, 1, 13, 13, 22, tzinfo=dt.UTC)
    assert placed["#2"] == dt.datetime(2026, 12, 1, 14, 13, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("state", "cells", "payment", "fulfilment", "closed"),
    [
        ("paid", {"Fulfilled_at": "2026-07-02 10:00:00 -0400"}, "paid", "shipped", "completed"),
        ("pending", {"Paid_at": ""}, "unpaid", "unfulfilled", "open"),
        ("voided", {"Paid_at": ""}, "unpaid", "unfulfilled", "cancelled"),
        ("partially_refunded", {"Refunded_Amount": "10.00"}, "part_refunded", "unfulfilled", "completed"),
        ("refunded", {"Refunded_Amount": "41.90"}, "refunded", "unfulfilled", "completed"),
    ],
)
def test_shopifys_words_for_states_are_understood(
    tmp_path: Path, state: str, cells: dict[str, str], payment: str, fulfilment: str, closed: str
) -> None:
    imported(write(tmp_path, order("#1", state, **cells), header=HEADER), preset="shopify-orders")
    found = Order.objects.get()
    assert (found.payment_state, found.fulfilment_state, found.order_state) == (payment, fulfilment, closed)
