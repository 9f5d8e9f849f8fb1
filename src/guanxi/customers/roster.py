"""The list of customers: its columns and classes, and the order from the best customer down.

The order follows the index of the scores, so that a page reads its fifty rows and not the whole book; customers
without a score come last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.classes import BANDS, RFM, CustomerClass, classes_of, known_classes
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.finding import matching
from guanxi.customers.models import Channel, Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.trade import Figures, trade
from guanxi.pages.components import Tab
from guanxi.pages.listing import Column, Filter, Listing, Table, counted

CLASS = "class"
FEW = 2_000
OLD = 6  # the colour of classes that the rules in force do not have
LETTERS = {"r": _("Recency (R)"), "f": _("Frequency (F)"), "m": _("Monetary (M)")}
REACHED_BY = {each.value: each.label for each in (Channel.EMAIL, Channel.SMS, Channel.WECHAT, Channel.PUSH)}
SINCE = {"7": _("last 7 days"), "30": _("last 30 days"), "90": _("last 90 days"), "365": _("last 12 months")}


@dataclass(frozen=True)
class Entry:
    """One row of the list; `way` is what its link carries, so that the customer's page knows the list."""

    customer: Customer
    face: Face
    figures: Figures | None
    customer_class: CustomerClass | None
    way: str = ""


class Ranked:
    """Customers by score, money and age in the book; a slice of it is a list.

    A small selection is sorted by itself, a large one is picked from the scores in the order of their index.
    """

    def __init__(self, customers: CustomerQuerySet, descending: bool, scored: Mapping[str, str]) -> None:  # noqa: FBT001
        few = list(customers.order_by().values_list("pk", flat=True)[: FEW + 1])
        self.customers = customers if len(few) > FEW else customers.model.objects.filter(pk__in=few)
        scores = Score.objects.filter(name=RFM, **scored)
        chosen = Exists(customers.filter(pk=OuterRef("customer"))) if len(few) > FEW else Q(customer__in=few)
        fields = ("value", "weight", "customer")
        self.scores = scores.filter(chosen).order_by(*(f"-{name}" if descending else name for name in fields))

    def __getitem__(self, part: slice) -> list[Customer]:
        """Read a page: those with a score, then those without."""
        ids = list(self.scores.values_list("customer", flat=True)[part])
        found = self.customers.model.objects.in_bulk([pk for pk in ids if pk])
        scored = [found[pk] for pk in ids if pk in found]
        wanted = part.stop - part.start
        return scored if len(ids) == wanted else [*scored, *self._unscored(part.start, wanted - len(ids))]

    def _unscored(self, start: int, wanted: int) -> Sequence[Customer]:
        skipped = max(start - self.scores.count(), 0) if start else 0
        without = ~Exists(Score.objects.filter(name=RFM, customer=OuterRef("pk")))
        return list(self.customers.filter(without).order_by("-pk")[skipped : skipped + wanted])


def table(scored: Mapping[str, str] | None = None) -> Table:
    """Declare the list; `scored` is the class and the bands it is narrowed to, so that the order follows an index."""
    return Table(
        columns=(
            Column("customer", _("Customer"), order_by="sort_name"),
            Column(CLASS, _("Class"), order_by=partial(Ranked, scored=scored or {}), falls=True),
            Column("net", _("Net spend"), numeric=True),
            Column("orders", _("Orders"), numeric=True),
            Column("average", _("Average order value"), numeric=True),
            Column("last", _("Last order")),
            Column("since", _("Customer since"), order_by="created_at", falls=True),
        ),
        sort=f"-{CLASS}",
        search=matching,
        filters=(
            Filter(CLASS, _("Class"), names(), lambda rows, value: rows.in_class(value)),
            Filter("reachable", _("Reachable by"), REACHED_BY, lambda rows, value: rows.reachable_by(value)),
            Filter("since", _("Customer since"), SINCE, _since),
            *_bands(),
        ),
    )


def _bands() -> Iterator[Filter]:
    for letter, title in LETTERS.items():
        yield Filter(letter, title, BANDS, partial(_in_band, letter))


def _in_band(letter: str, rows: CustomerQuerySet, band: str) -> CustomerQuerySet:
    return rows.in_band(letter, int(band))


def _since(rows: CustomerQuerySet, days: str) -> CustomerQuerySet:
    """Keep those who were first seen so many days ago or later."""
    return rows.filter(created_at__gte=timezone.now() - timedelta(days=int(days)))


def listing(request: HttpRequest, customers: CustomerQuerySet) -> Listing[Customer]:
    """Answer the page of the list that the address asks for."""
    return table(_scored(request)).page(request, customers)


def is_narrowed(request: HttpRequest) -> bool:
    """Tell whether the address leaves anybody out."""
    return table().is_narrowed(request)


def narrowed(request: HttpRequest, customers: CustomerQuerySet) -> CustomerQuerySet:
    """Keep the customers the address asks for, whichever page they are on."""
    kept: CustomerQuerySet = table().narrowed(request, customers)
    return kept


def entries(customers: Sequence[Customer], query: str = "", first: int = 1) -> list[Entry]:
    """Draw the rows of a page; what it costs does not grow with them."""
    ids = [customer.pk for customer in customers]
    faces, figures, classes = faces_of(customers), trade().figures(ids), classes_of(ids)
    return [
        Entry(each, faces[each.pk], figures.get(each.pk), classes.get(each.pk), way(query, first + nth))
        for nth, each in enumerate(customers)
    ]


def way(query: str, nth: int) -> str:
    """Write what the link of a row carries: the list's query, without its page, and the row's place."""
    asked = QueryDict(query, mutable=True)
    asked.pop("page", None)
    return "?" + urlencode({"list": asked.urlencode(), "nth": nth})


def tabs(request: HttpRequest, total: int) -> list[Tab]:
    """Draw the classes as views of the list, each with its count."""
    scores, chosen = Score.objects.filter(name=RFM), chosen_class(request)
    counts = {label: counted(scores.filter(label=label)) for label in names()}
    known = [
        (label, name) for label, name in names().items() if counts.get(label) or known_classes()[label].series != OLD
    ]
    classes = [Tab(name, _address(request, label), counts.get(label, 0), label == chosen) for label, name in known]
    return [
        Tab(pgettext_lazy("all of a list", "All"), _address(request, ""), total, not chosen),
        *(classes if any(counts.values()) else []),
    ]


def names() -> dict[str, Any]:
    """Name the classes by their labels."""
    return {label: each.name for label, each in known_classes().items()}


def chosen_class(request: HttpRequest) -> str:
    """Read the class of the address; an unknown one is none."""
    asked = request.GET.get(CLASS, "")
    return asked if asked in known_classes() else ""


def _scored(request: HttpRequest) -> dict[str, str]:
    """Read the class and the bands of the address, as the scores' columns name them."""
    bands = {letter: band for letter in LETTERS if (band := request.GET.get(letter, "")) in BANDS}
    return {"label": label, **bands} if (label := chosen_class(request)) else bands


def _address(request: HttpRequest, label: str) -> str:
    """Write the address with another class."""
    query = request.GET.copy()
    for name in (CLASS, "page"):
        query.pop(name, None)
    if label:
        query[CLASS] = label
    return "?" + query.urlencode()
