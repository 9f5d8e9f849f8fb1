"""How orders and refunds are told on a customer's timeline, on the days and clocks of their stores."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.customers.models import Event
from guanxi.customers.timeline import Chapter
from guanxi.orders.models import Store
from guanxi.pages import formats
from guanxi.pages.components import Occurrence, Tone

LINK = '<a href="{}">{}</a>'
FIRST_LETTERS = 60


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell orders and refunds; the stores they name are read once."""
    codes = {event.properties.get("store", "") for event in events}
    stores = {store.code: store for store in Store.objects.filter(code__in=codes)}
    return {event.pk: _told(event, stores) for event in events}


def _told(event: Event, stores: Mapping[str, Store]) -> Occurrence:
    store = stores.get(event.properties.get("store", ""))
    at = _on_the_clock_of(store, event.occurred_at)
    where = store.name if store else event.source
    if event.name == "Order Refunded":
        return Occurrence(at, _refunded(event), "receipt-refund", amount=_amount(event, "amount_minor", sign=-1))
    tone = Tone.MONEY if event.name == "Order Completed" else ""
    number = _("Order %(number)s") % {"number": event.properties.get("number", "")}
    return Occurrence(at, _ordered(event, where), "shopping-bag", tone, number, _amount(event, "total_minor"))


def _ordered(event: Event, where: str) -> SafeString:
    lines, goods = event.properties.get("lines", 0), event.properties.get("first", "")[:FIRST_LETTERS]
    link = _order_link(event, goods or _("an order without lines"))
    if lines < 2:
        return format_html(_("Ordered {goods} at <b>{store}</b>"), goods=link, store=where)
    words = ngettext(
        "Ordered {goods} and {count} more at <b>{store}</b>",
        "Ordered {goods} and {count} more at <b>{store}</b>",
        lines - 1,
    )
    return format_html(words, goods=link, count=formats.count(lines - 1), store=where)


def _refunded(event: Event) -> SafeString:
    number = event.properties.get("number", "")
    if not event.properties.get("order"):
        return format_html(_("Refund {number}, of an order we do not know"), number=number)
    return format_html(_("Refund of order {number}"), number=_order_link(event, number))


def _order_link(event: Event, words: str) -> SafeString | str:
    key = event.properties.get("order")
    return format_html(LINK, reverse("orders:order", args=[key]), words) if key else words


def _amount(event: Event, name: str, *, sign: int = 1) -> str:
    minor, currency = event.properties.get(name), event.properties.get("currency")
    return formats.money(sign * minor, currency) if minor is not None and currency else ""


def _on_the_clock_of(store: Store | None, instant: dt.datetime) -> dt.datetime:
    """Write an instant as the store's clock showed it, or as ours where the store is gone."""
    local = instant.astimezone(store.zone) if store else timezone.localtime(instant)
    return local.replace(tzinfo=None)


CHAPTER = Chapter(
    "orders", gettext_lazy("Orders"), ("Order Placed", "Order Completed", "Order Refunded"), tell, order=10
)
