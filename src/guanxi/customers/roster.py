"""The list of customers: its columns, what it can be narrowed by, and the views that everyone has."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.models import Staff
from guanxi.customers.classes import BANDS, RFM, known_classes
from guanxi.customers.faces import hidden_from
from guanxi.customers.finding import find
from guanxi.customers.models import Channel, Score, SourceProfile, Tag, Tagging
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.own import SHELF
from guanxi.customers.ranking import by_figure, ranked
from guanxi.customers.trade import Figure, trade
from guanxi.pages.components import Tab
from guanxi.pages.filters import Between, Days, Filter, lazily, on_days
from guanxi.pages.listing import Column, Found, Table, counted, counted_as, query_of
from guanxi.pages.paging import Line
from guanxi.shop import columns as own

CLASS = "class"
MOST_TAGS = 200
OLD = 6  # the colour of classes that the rules in force do not have
LETTERS = {"r": _("Recency (R)"), "f": _("Frequency (F)"), "m": _("Monetary (M)")}
REACHED_BY = {each.value: each.label for each in (Channel.EMAIL, Channel.SMS, Channel.WECHAT, Channel.PUSH)}
LAST = {"7": _("last 7 days"), "30": _("last 30 days"), "90": _("last 90 days"), "365": _("last 12 months")}
BIRTHDAYS = {"0": _("this month"), "1": _("next month")}
FIGURES: dict[str, Figure] = {"net": "net_minor", "orders": "orders", "last": "last_on"}
ENDS = ("gte", "lte")
Ends = tuple[Any, Any]
Rows = CustomerQuerySet
_others: dict[str, Filter] = {}


def narrow_by(declared: Filter) -> None:
    """Have the list narrowed by what another context knows of customers."""
    _others[declared.name] = declared


def table(request: HttpRequest) -> Table:
    """Declare the list; the class and the bands the address asks for tell its order which index to follow."""
    listed = Table("customers", (), sort=f"-{CLASS}", search=partial(_found, request), filters=_filters(), by_keys=True)
    ranges = {
        each.name: each.meaning(told) for each, told in listed.chosen(request.GET).items() if each.name in FIGURES
    }
    many = bool(ranges) and all(trade().many(FIGURES[name], *both) for name, both in ranges.items())
    columns = (*_columns(_scored(request), ranges, many=many), *own.columns(SHELF, getattr(request, "user", None)))
    return replace(
        listed,
        columns=columns,
        known=partial(_known, listed, ranges),
        sort=f"-{next(iter(ranges))}" if many else listed.sort,
    )


def _found(request: HttpRequest, rows: Rows, text: str) -> Found:
    return find(rows, text, hidden_from(cast(Staff, request.user)))


def tabs(request: HttpRequest, total: int) -> list[Tab]:
    """Draw the classes as views of the list, each with its count."""
    chosen = chosen_class(request)
    counts = {label: _counted(label) for label in names()}
    known = [
        (label, name) for label, name in names().items() if counts.get(label) or known_classes()[label].series != OLD
    ]
    classes = [Tab(name, f"?{CLASS}={label}", counts.get(label, 0), label == chosen) for label, name in known]
    return [
        Tab(pgettext_lazy("all of a list", "All"), "?", total, not chosen),
        *(classes if any(counts.values()) else []),
    ]


def names() -> dict[str, Any]:
    """Name the classes by their labels."""
    return {label: each.name for label, each in known_classes().items()}


def chosen_class(request: HttpRequest) -> str:
    """Read the class of the address; an unknown one is none."""
    asked = request.GET.get(CLASS, "")
    return asked if asked in known_classes() else ""


def _counted(label: str) -> int:
    """Count a class by its scores alone."""
    return counted_as(f"{CLASS} {label}", Score.objects.filter(name=RFM, label=label))


def _known(listed: Table, ranges: Mapping[str, Ends], asked: QueryDict) -> int | None:
    """Count a selection that is one class and nothing else by its scores, one by figures alone by what was bought."""
    chosen, bought = {each.name: value for each, value in listed.chosen(asked).items()}, trade().bought()
    if query_of(asked) or not chosen:
        return None
    if chosen.keys() == ranges.keys() and bought is not None:
        return counted(bought.filter(**_bought(ranges)))
    return _counted(chosen[CLASS]) if chosen.keys() == {CLASS} else None


def _columns(scored: Mapping[str, str], ranges: Mapping[str, Ends], *, many: bool) -> tuple[Column, ...]:
    """Declare the columns; many whom figures keep are not sorted by class, which would be read to its end for some."""
    figures = _bought(ranges)

    def best(found: Found, falls: bool) -> Line:  # noqa: FBT001
        return ranked(found, falls, scored)

    def bought(name: str, title: Any, *, numeric: bool = True) -> Column:
        return Column(name, title, partial(by_figure, FIGURES[name], figures), numeric=numeric, falls=True)

    return (
        Column("customer", _("Customer"), order_by="sort_name"),
        Column(CLASS, _("Class"), order_by="" if many else best, falls=True),
        bought("net", _("Net spend")),
        bought("orders", _("Orders")),
        Column("average", _("Average order value"), numeric=True),
        bought("last", _("Last order"), numeric=False),
        Column("reach", _("Reachable")),
        Column("tags", _("Tags")),
        Column("since", _("Customer since"), order_by="created_at", falls=True, shown=False),
        Column("place", _("City"), shown=False),
        Column("birthday", _("Birthday"), shown=False),
    )


def _filters() -> tuple[Filter, ...]:
    base = trade()
    return (
        Filter(CLASS, _("Class"), names(), Rows.in_class),
        Filter("tag", _("Tag"), lazily(_tag_names), _tagged),
        Filter("reachable", _("Reachable by"), REACHED_BY, Rows.reachable_by),
        Days("last", _("Last order"), LAST, partial(_within, "last_on")),
        Between("net", _("Net spend"), {}, partial(_within, "net_minor"), unit=base.money, scale=base.minor_units()),
        Between("orders", _("Orders"), {"1..1": "1", "2..4": "2–4", "5..": _("5 or more")}, partial(_within, "orders")),
        Filter("store", _("Store"), lazily(base.store_names), _known_from),
        Days("since", _("Customer since"), LAST, on_days("created_at")),
        Filter("birthday", _("Birthday"), BIRTHDAYS, _born_in),
        *(Filter(letter, title, BANDS, partial(_in_band, letter)) for letter, title in LETTERS.items()),
        *_others.values(),
        *own.filters(SHELF),
    )


def _bought(ranges: Mapping[str, Ends]) -> dict[str, Any]:
    """Spell what figures are narrowed to as the rows of what people bought name them."""
    ends = {f"{FIGURES[name]}__{end}": at for name, both in ranges.items() for end, at in zip(ENDS, both, strict=True)}
    return {end: at for end, at in ends.items() if at is not None}


def _tag_names() -> Any:
    return Tag.objects.order_by("name").values_list("pk", "name")[:MOST_TAGS]


def _tagged(rows: Rows, tag: str) -> Rows:
    """Keep those who carry a tag today."""
    carried = Tagging.objects.current_on(timezone.localdate())
    return rows.filter(Exists(carried.filter(tag=int(tag), customer=OuterRef("pk"))))


def _known_from(rows: Rows, store: str) -> Rows:
    """Keep those whom a store knows."""
    return rows.filter(Exists(SourceProfile.objects.filter(store=store, customer=OuterRef("pk"))))


def _in_band(letter: str, rows: Rows, band: str) -> Rows:
    return rows.in_band(letter, int(band))


def _within(figure: Figure, rows: Rows, ends: tuple[Any, Any]) -> Rows:
    """Keep those of whose orders a figure lies between two ends."""
    kept: Rows = trade().within(rows, figure, *ends)
    return kept


def _born_in(rows: Rows, months_ahead: str) -> Rows:
    """Keep those whose birthday is in a month from this one on."""
    return rows.filter(birthday__month=(timezone.localdate().month - 1 + int(months_ahead)) % 12 + 1)


def _scored(request: HttpRequest) -> dict[str, str]:
    """Read the class and the bands of the address, as the scores' columns name them."""
    bands = {letter: band for letter in LETTERS if (band := request.GET.get(letter, "")) in BANDS}
    return {"label": label, **bands} if (label := chosen_class(request)) else bands
