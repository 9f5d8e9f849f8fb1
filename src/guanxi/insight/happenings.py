"""What events are called on pages: those of the catalogue in the reader's language, others as they were told."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

TITLES = frozenset(
    (
        gettext_noop("Page Viewed"), gettext_noop("Screen Viewed"), gettext_noop("Products Searched"),
        gettext_noop("Product List Viewed"), gettext_noop("Product List Filtered"), gettext_noop("Promotion Viewed"),
        gettext_noop("Promotion Clicked"), gettext_noop("Product Clicked"), gettext_noop("Product Viewed"),
        gettext_noop("Product Added"), gettext_noop("Product Removed"), gettext_noop("Cart Viewed"),
        gettext_noop("Checkout Started"), gettext_noop("Checkout Step Viewed"),
        gettext_noop("Checkout Step Completed"), gettext_noop("Payment Info Entered"), gettext_noop("Order Placed"),
        gettext_noop("Order Completed"), gettext_noop("Order Paid"), gettext_noop("Deposit Paid"),
        gettext_noop("Order Refunded"), gettext_noop("Coupon Applied"), gettext_noop("Product Purchased"),
        gettext_noop("Product Added to Wishlist"), gettext_noop("Product Shared"), gettext_noop("Product Reviewed"),
        gettext_noop("Message Clicked"), gettext_noop("Email Link Clicked"), gettext_noop("Ticket Opened"),
    )
)  # fmt: skip


def title(name: str) -> str:
    """Name an event.

    >>> title("Quiz Finished")
    'Quiz Finished'
    """
    return _(name) if name in TITLES else name
