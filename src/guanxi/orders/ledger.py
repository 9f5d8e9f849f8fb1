"""The list of orders: its columns, what it can be narrowed by, its views, its sums and its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.accounts.permission import StaffRequest
from guanxi.core.money import exponent, to_major
from guanxi.customers.faces import face_of, faces_of
from guanxi.customers.models import Customer
from guanxi.guard.fileout import Cell
from guanxi.orders.figures import base_currency
from guanxi.orders.models import FulfilmentState, Order, PaymentState, ReturnState, Store
from guanxi.orders.models.order import STATES, OrderQuerySet
from guanxi.orders.own import SHELF
from guanxi.orders.states import ORDER, ByStates
from guanxi.pages.components import Tab
from guanxi.pages.filters import Between, Days, Filter, lazily
from guanxi.pages.formats import money_whole
from guanxi.pages.listing import Column, Found, Listing, Table, query_of
from guanxi.pages.paging import Line
from guanxi.shop import columns as own

PAYMENTS = dict(PaymentState.choices)
PLACED = {"7": _("last 7 days"), "30": _("last 30 days"), "90": _("last 90 days"), "365": _("last 12 months")}
ZONES = timedelta(days=2)  # a shop's day begins and ends within two days of any clock's
COLUMNS = (
    Column("number", _("Order")),
    Column("customer", _("Customer")),
    Column("store", _("Store")),
    Column("placed", _("Placed"), order_by="placed_at", falls=True),
    Column("payment", _("Payment")),
    Column("fulfilment", _("Fulfilment")),
    Column("refunded", _("Refunded"), order_by="refunded_minor", numeric=True, indexed=False),
    Column("total", _("Total"), order_by="total_minor", numeric=True, indexed=False),
    Column("net", _("Net sales"), order_by="net_minor", numeric=True, indexed=False, shown=False),
    Column("place", _("City"), shown=False),
    Column("source", _("Source"), shown=False),
)
FILE = (
    "order_number", "store", "placed_at", "paid_at", "payment", "fulfilment", "return", "currency", "goods",
    "discount", "shipping", "tax", "total", "refunded", "net", "customer_id", "province", "city", "country", "source",
)  # fmt: skip
AMOUNTS = ("goods", "discount", "shipping", "tax", "total", "refunded", "net")
AT_ONCE = 2_000
MOST_CURRENCIES = 3


def table(request: StaffRequest) -> Table:
    """Declare the list, with the one customer as a filter whom the address names."""
    columns = (*COLUMNS, *own.columns(SHELF, request.user))
    listed = Table("orders", columns, sort="-placed", search=OrderQuerySet.numbered, filters=_filters())
    word = request.GET.get("customer", "")
    customer = Customer.objects.visible_to(request.user).filter(pk=Customer.key_of(word) or 0).first() if word else None
    if customer is None:
        return listed if query_of(request.GET) else _merged(listed, listed.chosen(request.GET))
    theirs = Filter("customer", _("Customer"), {word: face_of(customer).name}, partial(_of, customer.pk))
    return replace(listed, filters=(*listed.filters, theirs))


def _merged(listed: Table, chosen: Mapping[Filter, str]) -> Table:
    """Have the list of some states sorted by the index of states."""
    states = {f"{each.name}_state": value for each, value in chosen.items() if f"{each.name}_state" in STATES}
    columns = (replace(each, order_by=partial(_by_date, states)) if each.name == "placed" else each for each in COLUMNS)
    return replace(listed, columns=tuple(columns)) if states else listed


def _by_date(states: Mapping[str, str], found: Found, falls: bool) -> Line:  # noqa: FBT001
    return ByStates(found.rows, ORDER, falls, chosen=states)


def tabs(request: StaffRequest) -> list[Tab]:
    """Draw the states of payment as views of the list."""
    chosen = request.GET.get("payment", "")
    choices: list[tuple[str, Any]] = [("", pgettext("all of a list", "All")), *PaymentState.choices]
    return [
        Tab(title, f"?payment={value}" if value else "?", active=value == (chosen if chosen in PAYMENTS else ""))
        for value, title in choices
    ]


@dataclass(frozen=True)
class Entry:
    """One row of the list: an order, the name of whoever bought, its states in words, and where both lead."""

    order: Order
    name: str
    payment: str
    fulfilment: str
    href: str
    customer_href: str
    own: Mapping[str, SafeString] = field(default_factory=dict)


def entries(listing: Listing[Order], reader: Staff) -> list[Entry]:
    """Draw the rows of a page."""
    faces = faces_of([order.customer for order in listing.rows if order.customer])
    words = [
        {value: str(word) for value, word in each.choices} for each in (PaymentState, FulfilmentState, ReturnState)
    ]
    payments, fulfilments, returns = words
    returns[ReturnState.NONE] = ""
    cells = own.cells(SHELF, [order.pk for order in listing.rows], listing.columns, reader)
    here, people, guest = reverse("orders:list"), reverse("customers:list"), gettext("Guest")
    return [
        Entry(
            order,
            faces[order.customer.pk].name if order.customer else guest,
            payments[order.payment_state],
            " · ".join(filter(None, (fulfilments[order.fulfilment_state], returns[order.return_state]))),
            f"{here}{order.public_id}/",
            f"{people}{order.customer.public_id}/" if order.customer else "",
            cells.get(order.pk, {}),
        )
        for order in listing.rows
    ]


def sums(orders: OrderQuerySet) -> Sequence[tuple[str, int, int]]:
    """Sum up a selection by currency: the currency, its orders, their net sales in minor units; the largest first."""
    found = orders.order_by().values("currency").annotate(orders=Count("*"), net=Sum("net_minor", default=0))
    told = [(row["currency"], row["orders"], row["net"]) for row in found]
    return sorted(told, key=lambda sum_of: -sum_of[1])[:MOST_CURRENCIES]


def file_columns(reader: Staff) -> tuple[str, ...]:
    """Name the columns of the file, the shop's own fields behind ours."""
    return (*FILE, *(f"own.{each.name}" for each in own.seen_by(SHELF, reader)))


def file_rows(orders: OrderQuerySet, *, reader: Staff) -> Iterator[tuple[Cell, ...]]:
    """Read orders by age in the book, some thousands at a time; the memory it takes does not grow with them."""
    fields = own.seen_by(SHELF, reader)
    after = 0
    while some := list(orders.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = some[-1].pk
        told = own.file_cells(SHELF, [each.pk for each in some], fields)
        yield from ((*_file_row(each), *told[each.pk]) for each in some)


def _file_row(order: Order) -> tuple[Cell, ...]:
    amounts = (to_major(getattr(order, f"{name}_minor"), order.currency) for name in AMOUNTS)
    whose = order.customer.public_id if order.customer else ""
    states = (order.payment_state, order.fulfilment_state, order.return_state)
    where = (order.province, order.city, order.country, order.source)
    when = (order.placed_at, order.paid_at)
    return (order.number, order.store.name, *when, *states, order.currency, *amounts, whose, *where)


def _filters() -> tuple[Filter, ...]:
    currency = base_currency()
    scale = int(10 ** exponent(currency))
    return (
        Filter("payment", _("Payment"), PAYMENTS, partial(_is, "payment_state")),
        Filter("fulfilment", _("Fulfilment"), dict(FulfilmentState.choices), partial(_is, "fulfilment_state")),
        Filter("return", _("Return"), dict(ReturnState.choices), partial(_is, "return_state")),
        Days("placed", _("Placed"), PLACED, placed_on),
        Filter("store", _("Store"), lazily(_stores), partial(_is, "store__code")),
        Between("total", _("Total"), {}, _costing, unit=lambda minor: money_whole(minor, currency), scale=scale),
        Filter("whose", _("Customer"), {"known": _("Known customer"), "guest": _("Guest")}, _known),
        *own.filters(SHELF),
    )


def _stores() -> Any:
    """Name the stores, where a page needs them."""
    return Store.objects.order_by("name").values_list("code", "name")


def _is(field: str, rows: OrderQuerySet, value: str) -> OrderQuerySet:
    return rows.in_state(field, value) if field in STATES else rows.filter(**{field: value})


def _of(customer: int, rows: OrderQuerySet, _word: str) -> OrderQuerySet:
    return rows.filter(customer=customer)


def _known(rows: OrderQuerySet, whose: str) -> OrderQuerySet:
    return rows.filter(customer__isnull=whose == "guest")


def _costing(rows: OrderQuerySet, ends: tuple[int | None, int | None]) -> OrderQuerySet:
    """Keep orders whose total, in whichever currency, lies between two ends."""
    least, most = ends
    rows = rows if least is None else rows.filter(total_minor__gte=least)
    return rows if most is None else rows.filter(total_minor__lte=most)


def placed_on(rows: OrderQuerySet, days: tuple[date | None, date | None]) -> OrderQuerySet:
    """Keep the orders of the shop's days; the instants around them let the index of the newest be entered there."""
    first, last = days
    if first:
        rows = rows.filter(placed_on__gte=first, placed_at__gte=_noon(first) - ZONES)
    return rows.filter(placed_on__lte=last, placed_at__lte=_noon(last) + ZONES) if last else rows


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
