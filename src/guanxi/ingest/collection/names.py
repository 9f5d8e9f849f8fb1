"""The event catalogue: which events mean what here, under which other names they come, and what they have to say.

Segment's e-commerce spec v2 with the names of its first version, and our own where it has none. An event that is not
named here is a custom one: it is kept as it comes, and nothing follows from it.
Source: https://segment.com/docs/connections/spec/ecommerce/v2/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PRODUCT = ("product_id or sku",)
OURS, EMAIL = "ours", "Segment e-mail"


@dataclass(frozen=True)
class Entry:
    """One event of the catalogue: `needs` are properties without which nothing follows from it, joined by " or ".

    One that `is_fact` tells of business; the others tell of behaviour, which leaves the book after a time.
    """

    name: str
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    origin: str = "Segment v2"
    is_fact: bool = False

    def lacks(self, properties: Mapping[str, Any]) -> str:
        """Name the first thing that it has to say and does not; empty where nothing is missing.

        >>> Entry("Product Viewed", PRODUCT).lacks({"sku": "T1"}), Entry("Product Viewed", PRODUCT).lacks({"sku": ""})
        ('', 'product_id or sku')
        """
        return next((each for each in self.needs if not any(_told(properties, one) for one in each.split(" or "))), "")


def _told(properties: Mapping[str, Any], name: str) -> bool:
    return properties.get(name) not in (None, "", [], {})


CATALOGUE = (
    Entry("Products Searched", ("query",)),
    Entry("Product List Viewed", ("list_id or category",), ("Viewed Product Category",)),
    Entry("Product List Filtered", ("list_id or category",)),
    Entry("Promotion Viewed", ("promotion_id or name",), ("Viewed Promotion",)),
    Entry("Promotion Clicked", ("promotion_id or name",), ("Clicked Promotion",)),
    Entry("Product Clicked", PRODUCT, ("Clicked Product",)),
    Entry("Product Viewed", PRODUCT, ("Viewed Product",)),
    Entry("Product Added", PRODUCT, ("Added Product",)),
    Entry("Product Removed", PRODUCT, ("Removed Product",)),
    Entry("Cart Viewed"),
    Entry("Checkout Started", ("products or value",), ("Started Order",)),
    Entry("Checkout Step Viewed", ("step",), ("Viewed Checkout Step",)),
    Entry("Checkout Step Completed", ("step",), ("Completed Checkout Step",)),
    Entry("Payment Info Entered"),
    Entry("Order Completed", ("order_id", "total or revenue"), ("Completed Order",), is_fact=True),
    Entry("Order Updated", ("order_id",), ("Updated Order",), is_fact=True),
    Entry("Order Cancelled", ("order_id",), is_fact=True),
    Entry("Order Refunded", ("order_id",), is_fact=True),
    Entry("Coupon Entered", ("coupon_id",)),
    Entry("Coupon Applied", ("coupon_id",)),
    Entry("Coupon Denied", ("coupon_id",)),
    Entry("Coupon Removed", ("coupon_id",)),
    Entry("Product Added to Wishlist", PRODUCT),
    Entry("Product Removed from Wishlist", PRODUCT),
    Entry("Wishlist Product Added to Cart", PRODUCT),
    Entry("Product Shared", PRODUCT),
    Entry("Cart Shared", ("cart_id or products",)),
    Entry("Product Reviewed", ("product_id",)),
    Entry("Order Placed", ("order_id",), origin=OURS, is_fact=True),
    Entry("Order Paid", ("order_id",), origin=OURS, is_fact=True),
    Entry("Deposit Paid", ("order_id",), origin=OURS, is_fact=True),
    Entry("Order Shipped", ("order_id",), origin=OURS, is_fact=True),
    Entry("Order Delivered", ("order_id",), origin=OURS, is_fact=True),
    Entry("Item Refunded", ("order_id", "product_id or sku"), origin=OURS, is_fact=True),
    Entry("Ticket Opened", ("ticket_id",), origin=OURS, is_fact=True),
    Entry("Points Earned", ("points",), origin=OURS, is_fact=True),
    Entry("Message Delivered", ("message_id",), origin=OURS, is_fact=True),
    Entry("Message Opened", ("message_id",), origin=OURS, is_fact=True),
    Entry("Message Clicked", ("message_id",), origin=OURS, is_fact=True),
    Entry("Product Purchased", PRODUCT, origin=OURS),
    Entry("Email Delivered", ("email_id",), origin=EMAIL, is_fact=True),
    Entry("Email Opened", ("email_id",), origin=EMAIL, is_fact=True),
    Entry("Email Link Clicked", ("email_id",), origin=EMAIL, is_fact=True),
    Entry("Email Bounced", ("email_id",), origin=EMAIL, is_fact=True),
    Entry("Email Marked as Spam", ("email_id",), origin=EMAIL, is_fact=True),
    Entry("Unsubscribed", origin=EMAIL, is_fact=True),
    Entry("Experiment Viewed", ("experiment_id or experiment_name",), origin="Segment A/B testing"),
)
FACTS = frozenset(entry.name for entry in CATALOGUE if entry.is_fact)
NAMED = {entry.name: entry for entry in CATALOGUE}
_BY_ANY_NAME = {name.casefold(): entry.name for entry in CATALOGUE for name in (entry.name, *entry.also)}


def canonical(name: str) -> str:
    """Give the name by which an event is kept: ours for an old or differently written one, else its own.

    >>> canonical("Viewed Product"), canonical("product viewed"), canonical("Quiz Finished")
    ('Product Viewed', 'Product Viewed', 'Quiz Finished')
    """
    return _BY_ANY_NAME.get(name.casefold(), name)
