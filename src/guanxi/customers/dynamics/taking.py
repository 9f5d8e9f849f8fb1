"""What a summary takes of an event: presence, tastes, products looked at, acts upon the cart.

Orders that the book keeps are left out: what they tell is read where they stand, so that an import taken back is too.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from guanxi.core.money import CURRENCIES
from guanxi.customers.dynamics.cart import ADDED, EMPTIED, ONLY, TAKEN
from guanxi.customers.dynamics.summary import Act, Summary, Viewed
from guanxi.customers.dynamics.tastes import band_of, unit_of

OURS = "guanxi"
ORDERS = frozenset({"Order Placed", "Order Completed", "Order Paid"})
NOT_THEIRS = frozenset(
    ("Order Updated", "Order Cancelled", "Order Refunded", "Item Refunded", "Order Shipped", "Order Delivered",
     "Points Earned", "Message Delivered", "Message Opened")
)  # fmt: skip
LIST = "Product List Viewed"  # its goods were shown, not looked at
WEIGHTS = {
    LIST: 1, "Product Clicked": 1, "Product Viewed": 1, "Product Added to Wishlist": 2,
    "Product Added": 3, "Wishlist Product Added to Cart": 3, "Order Completed": 5, "Order Paid": 5,
}  # fmt: skip
ADDS = frozenset({"Product Added", "Wishlist Product Added to Cart"})
WHOLE = frozenset({"Cart Viewed", "Checkout Started"})
CHOOSES = {"payment_method": "payment", "shipping_method": "delivery"}
DEVICES = ("phone", "tablet", "desktop")
MOST_PRODUCTS = 50  # of one event
LONGEST, MOST_PRICE, MOST_QUANTITY = 80, 10**10, 10**6
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds
Told = Mapping[str, Any]


class Happening(Protocol):
    """An event of the stream, from the book or from the lake; its instant knows its zone."""

    @property
    def pk(self) -> int:
        """Its id."""

    @property
    def profile_id(self) -> int | None:
        """Whose it is."""

    @property
    def name(self) -> str:
        """What happened."""

    @property
    def occurred_at(self) -> dt.datetime:
        """When."""

    @property
    def source(self) -> str:
        """Who told of it."""

    @property
    def properties(self) -> Any:
        """What it says."""


def take(summary: Summary, event: Happening) -> None:
    """Have a summary be that of one event more; `cut` it after the last one."""
    told = event.properties if isinstance(event.properties, dict) else {}
    if not _is_theirs(event, told):
        return
    at = (event.occurred_at - EPOCH) // MICROSECOND
    device = told.get("device")
    where = f"{event.source}|{device}" if device in DEVICES else f"{event.source}|"
    summary.be_there(at // 1_000_000, where)
    _like(summary, event.name, told, at // DAY)
    if event.name == "Product Viewed" and (key := key_of(told)):
        summary.view(key, Viewed(at, text(told.get("name")), *priced(told, told)))
    if event.name in _CARTS:
        summary.acts += (Act(at, *act, event.pk) for act in _acts(event.name, told, event.source))


def _is_theirs(event: Happening, told: Told) -> bool:
    """Tell whether the person did it, and the book does not keep it as an order."""
    kept = event.name in ORDERS and isinstance(told.get("order"), int)
    return not kept and event.source != OURS and event.name not in NOT_THEIRS


_CARTS = ADDS | WHOLE | ORDERS | {"Product Removed"}


def _like(summary: Summary, name: str, told: Told, day: int) -> None:
    for word, kind in CHOOSES.items():
        if word in told and (chosen := text(told[word])):
            summary.like(kind, chosen, day, 1)
    if (weight := WEIGHTS.get(name)) is None:
        return
    goods = [told] if name == LIST else products(told)
    for each in goods:
        if category := text(each.get("category")):
            summary.like("category", category, day, weight)
        minor, currency = priced(each, told)
        if minor and name != LIST:
            summary.like("price", band_of(minor, currency), day, weight)


def _acts(name: str, told: Told, source: str) -> Iterator[tuple[int, str, int, str, str, int, str]]:
    single = name not in WHOLE | ORDERS
    goods = [told] if single else list(products(told))
    if not single and bool(goods) == (name in WHOLE):
        yield ONLY if goods else EMPTIED, "", 0, source, "", 0, ""
    kind = ADDED if name in ADDS | WHOLE else TAKEN
    for each in goods:
        if key := key_of(each):
            minor, currency = priced(each, told)
            quantity = 0 if name in ORDERS else _quantity(each, 1_000 if kind == ADDED else 0)
            yield kind, key, quantity, source, text(each.get("name")), minor or 0, currency


def products(told: Told) -> Iterator[Told]:
    """Give the products an event tells of: those of its list, or the one it is itself about."""
    listed = told.get("products")
    if isinstance(listed, list):
        yield from (each for each in listed[:MOST_PRODUCTS] if isinstance(each, dict))
    elif key_of(told):
        yield told


def key_of(told: Told) -> str:
    """Give the word by which a product is known: its sku, else its number."""
    return text(told.get("sku")) or text(told.get("product_id"))


def text(value: Any) -> str:
    """Read a short text; anything else is none."""
    return " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""


def priced(told: Told, around: Told) -> tuple[int | None, str]:
    """Read a price in minor units and its currency; no price, or no sane one, is None."""
    currency = told.get("currency") or around.get("currency")
    currency = currency if isinstance(currency, str) and currency in CURRENCIES else ""
    price = told.get("price")
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not 0 < price < MOST_PRICE:
        return None, currency
    return round(price * unit_of(currency)) or None, currency


def _quantity(told: Told, otherwise: int) -> int:
    """Read a quantity in thousandths."""
    many = told.get("quantity")
    if isinstance(many, bool) or not isinstance(many, (int, float)) or not 0 < many < MOST_QUANTITY:
        return otherwise
    return max(1, round(many * 1_000))
