"""Who comes before and after a customer in the list one came from.

The address carries the list: `list` is its query as it stood, `nth` the place of the customer in it. Neighbours are
read by the key of the order, one row each way, however long the list is.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from guanxi.customers import roster
from guanxi.customers.classes import RFM
from guanxi.customers.models import Customer, Score
from guanxi.customers.models.customer import CustomerQuerySet

LONGEST = 500
COUNTED = 10_000


@dataclass(frozen=True)
class Way:
    """The list one came from, and the customers on both sides."""

    list_url: str
    previous: str = ""
    next: str = ""
    nth: int | None = None
    total: int = 0
    more: bool = False


def way_of(request: HttpRequest, customer: Customer) -> Way | None:
    """Find the way through the list that the address carries; None where it carries none."""
    if "list" not in request.GET:
        return None
    asked = HttpRequest()
    asked.GET = QueryDict(request.GET["list"][:LONGEST])
    everyone = roster.narrowed(asked, Customer.objects.visible_to(request.user))
    before, after = _around(asked, everyone, customer)
    nth = _number(request.GET.get("nth", ""))
    counted = everyone.order_by()[: COUNTED + 1].count()
    return Way(
        f"{reverse('customers:list')}?{asked.GET.urlencode()}",
        _address(request, before, nth and nth - 1),
        _address(request, after, nth and nth + 1),
        nth,
        min(counted, COUNTED),
        more=counted > COUNTED,
    )


def _around(asked: HttpRequest, everyone: CustomerQuerySet, customer: Customer) -> tuple[int | None, int | None]:
    """Give the keys of the customers before and after, in the order the list is sorted by."""
    sort = roster.table().sort_of(asked)
    falls = sort.startswith("-")
    if sort.removeprefix("-") == roster.CLASS:
        return _by_score(everyone, customer, roster.chosen_class(asked), falls=falls)
    field = {"customer": "sort_name", "since": "created_at"}[sort.removeprefix("-")]
    place = {field: getattr(customer, field), "pk": customer.pk}
    return (
        _first(everyone, place, falls=not falls),
        _first(everyone, place, falls=falls),
    )


def _by_score(
    everyone: CustomerQuerySet, customer: Customer, label: str, *, falls: bool
) -> tuple[int | None, int | None]:
    """Walk along the index of scores; those without a score come last, the newest first."""
    scores = Score.objects.filter(name=RFM, **({"label": label} if label else {}))
    listed = scores.filter(Exists(everyone.filter(pk=OuterRef("customer"))))
    unscored = everyone.filter(~Exists(Score.objects.filter(name=RFM, customer=OuterRef("pk"))))
    own = scores.filter(customer=customer).first()
    if own is None:
        before = _first(unscored, {"pk": customer.pk}, falls=False)
        after = _first(unscored, {"pk": customer.pk}, falls=True)
        return before or _end(listed, falls=not falls), after
    place = {"value": own.value, "weight": own.weight, "customer": customer.pk}
    before = _first(listed, place, falls=not falls, key="customer")
    after = _first(listed, place, falls=falls, key="customer")
    return before, after or unscored.order_by("-pk").values_list("pk", flat=True).first()


def _first(rows: Any, place: dict[str, Any], *, falls: bool, key: str = "pk") -> int | None:
    """Give the key of the first row past a place; the leading condition lets the index be entered there."""
    word, past = ("lt" if falls else "gt"), Q()
    equal: dict[str, Any] = {}
    for field, value in place.items():
        if value is not None:
            past |= Q(**equal, **{f"{field}__{word}": value})
        equal[field] = value
    leading, value = next(iter(place.items()))
    fields = [f"-{field}" if falls else field for field in place]
    found: int | None = (
        rows.filter(past, **{f"{leading}__{word}e": value}).order_by(*fields).values_list(key, flat=True).first()
    )
    return found


def _end(scores: Any, *, falls: bool) -> int | None:
    fields = ("value", "weight", "customer")
    last: int | None = (
        scores.order_by(*(f"-{field}" if falls else field for field in fields))
        .values_list("customer", flat=True)
        .first()
    )
    return last


def _address(request: HttpRequest, key: int | None, nth: int | None) -> str:
    """Write the address of a neighbour, which knows the list too and shows the same part of the page."""
    if key is None:
        return ""
    carried = {name: request.GET[name] for name in ("list", "tab") if name in request.GET}
    if nth:
        carried["nth"] = str(nth)
    return f"{reverse('customers:customer', args=[key])}?{urlencode(carried)}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
