"""How orders and refunds are told on a customer's timeline, on the days and clocks of their stores."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.core.money import CURRENCIES
from guanxi.customers.models import Event
from guanxi.customers.timeline import Chapter
from guanxi.orders.models import Order, Store
from guanxi.pages import formats
from guanxi.pages.components import Occurrence, Tone

LINK = '<a href="{}">{}</a>'
FIRST_LETTERS = 60


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell orders and refunds; the stores they name are read once."""
    codes = {_said(event, "store") for event in events}
    stores = {store.code: store for store in Store.objects.filter(code__in=codes)}
    _find_orders(events, stores)
    return {event.pk: _told(event, stores) for event in events}


def _find_orders(events: Sequence[Event], stores: Mapping[str, Store]) -> None:
    """Say of which order those events are that name it by its number alone, as shops' pages do."""
    lone = [each for each in events if "order" not in each.properties and _said(each, "number")]
    numbers = {_said(each, "number") for each in lone}
    rows = (
        Order.objects.filter(store__in=list(stores.values()), number__in=numbers) if numbers else Order.objects.none()
    )
    known = {(store, number): pk for store, number, pk in rows.values_list("store__code", "number", "pk")}
    for each in lone:
        each.properties["order"] = known.get((_said(each, "store"), _said(each, "number")))


def _told(event: Event, stores: Mapping[str, Store]) -> Occurrence:
    store = stores.get(_said(event, "store"))
    at = _on_the_clock_of(store, event.occurred_at)
    where = store.name if store else event.source
    if event.name in {"Order Refunded", "Item Refunded"}:
        name = "amount_minor" if "amount_minor" in event.properties else "total_minor"
        return Occurrence(at, _refunded(event), "receipt-refund", amount=_amount(event, name, sign=-1))
    if event.name in STEPS:
        icon, words = STEPS[event.name]
        number = _order_link(event, _said(event, "number", "order_id"))
        return Occurrence(at, format_html(words(), number=number), icon, cause=where)
    tone = Tone.MONEY if event.name == "Order Completed" else ""
    number = _("Order %(number)s") % {"number": _said(event, "number", "order_id")}
    return Occurrence(at, _ordered(event, where), "shopping-bag", tone, number, _amount(event, "total_minor"))


def _ordered(event: Event, where: str) -> SafeString:
    told, goods = event.properties.get("lines"), _said(event, "first")[:FIRST_LETTERS]
    lines = told if isinstance(told, int) else 0
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
    number = _said(event, "number", "order_id")
    if "order_id" not in event.properties and not event.properties.get("order"):
        return format_html(_("Refund {number}, of an order we do not know"), number=number)
    return format_html(_("Refund of order {number}"), number=_order_link(event, number))


def _order_link(event: Event, words: str) -> SafeString | str:
    key = event.properties.get("order")
    return format_html(LINK, reverse("orders:order", args=[key]), words) if isinstance(key, int) else words


def _amount(event: Event, name: str, *, sign: int = 1) -> str:
    minor, currency = event.properties.get(name), _said(event, "currency")
    return formats.money(sign * minor, currency) if isinstance(minor, int) and currency in CURRENCIES else ""


def _said(event: Event, *names: str) -> str:
    """Read a text that an event says; what a shop's page sends may be anything."""
    values = (event.properties.get(name) for name in names)
    return next((str(each) for each in values if isinstance(each, (str, int)) and each), "")


def _on_the_clock_of(store: Store | None, instant: dt.datetime) -> dt.datetime:
    """Write an instant as the store's clock showed it, or as ours where the store is gone."""
    local = instant.astimezone(store.zone) if store else timezone.localtime(instant)
    return local.replace(tzinfo=None)


STEPS: dict[str, tuple[str, Callable[[], str]]] = {
    "Order Paid": ("cash", lambda: _("Paid the order {number}")),
    "Deposit Paid": ("cash", lambda: _("Paid a deposit on the order {number}")),
    "Order Updated": ("pencil", lambda: _("The order {number} was changed")),
    "Order Shipped": ("truck-delivery", lambda: _("The order {number} was sent")),
    "Order Delivered": ("package", lambda: _("The order {number} arrived")),
    "Order Cancelled": ("circle-x", lambda: _("The order {number} was cancelled")),
}
NAMES = ("Order Placed", "Order Completed", "Order Refunded", "Item Refunded", *STEPS)
THEIRS = ("Order Placed", "Order Completed", "Order Paid", "Deposit Paid")
CHAPTER = Chapter("orders", gettext_lazy("Orders"), NAMES, tell, order=10, theirs=THEIRS)
