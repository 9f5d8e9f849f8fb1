"""The list of imports: its columns, what it can be narrowed by, and its views."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.ingest import picture, stages
from guanxi.ingest.models import Import
from guanxi.orders.models import Store
from guanxi.pages.components import Tab
from guanxi.pages.filters import Days, Filter, lazily, on_days
from guanxi.pages.listing import Column, Listing, Table

State = Import.State
MOST_SEARCHED = 5_000
KINDS = {
    "waiting": (gettext_lazy("Waits for you"), [State.DRAFT, State.CHECKED, State.STOPPED, State.FAILED]),
    "work": (gettext_lazy("At work"), [State.CHECKING, State.RUNNING, State.UNDOING]),
    "done": (gettext_lazy("Done"), [State.DONE]),
    "undone": (gettext_lazy("Undone"), [State.UNDONE, State.CANCELLED]),
}
SUBJECTS = {
    "orders": gettext_lazy("Orders"), "customers": gettext_lazy("Customers"), "events": gettext_lazy("Events"),
}  # fmt: skip
BEGUN = {"7": gettext_lazy("last 7 days"), "30": gettext_lazy("last 30 days"), "365": gettext_lazy("last 12 months")}
TONES: dict[str, str] = {
    State.DONE: "good", State.FAILED: "danger", State.STOPPED: "warn", State.CHECKED: "accent", State.RUNNING: "info",
    State.CHECKING: "info", State.UNDOING: "info",
}  # fmt: skip
COLUMNS = (
    Column("file", gettext_lazy("File")),
    Column("state", gettext_lazy("State")),
    Column("store", gettext_lazy("Shop")),
    Column("rows", gettext_lazy("Rows"), numeric=True),
    Column("new", gettext_lazy("New"), numeric=True),
    Column("changed", gettext_lazy("Changed"), numeric=True),
    Column("rejected", gettext_lazy("Rejected"), numeric=True),
    Column("by", gettext_lazy("By")),
    Column("at", gettext_lazy("When"), order_by="created_at", falls=True),
)


def table(mine: Any) -> Table:
    """Declare the list."""
    return Table("imports", COLUMNS, sort="-at", search=_named, filters=_filters(mine))


def tabs(request: HttpRequest, mine: Any, listing: Listing[Import]) -> list[Tab]:
    """Draw what imports wait for as views of the list, each with its count."""
    per_state = dict(mine.values_list("state").annotate(Count("pk")).order_by())
    tabs = [Tab(_("All imports"), "?", sum(per_state.values()), active=not listing.chips)]
    for name, (title, states) in KINDS.items():
        count = sum(per_state.get(state, 0) for state in states)
        tabs.append(Tab(title, f"?state={name}", count, active=request.GET.get("state") == name))
    return tabs


def entries(listing: Listing[Import]) -> list[tuple[Any, ...]]:
    """Draw the rows of a page; a customer file names its shop by the code alone."""
    codes = {batch.store_code for batch in listing.rows if batch.store is None and batch.store_code}
    names = dict(Store.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [
        (
            batch,
            batch.store.name if batch.store else names.get(batch.store_code, batch.store_code),
            picture.Figures(batch),
            stages.preset_title(batch),
            batch.get_state_display(),
            TONES.get(batch.state, ""),
        )
        for batch in listing.rows
    ]


def _filters(mine: Any) -> tuple[Filter, ...]:
    people = mine.exclude(by=None).order_by("by__display_name").values_list("by", "by__display_name").distinct()
    stores = Store.objects.order_by("name").values_list("code", "name")
    return (
        Filter("state", gettext_lazy("State"), {name: title for name, (title, _states) in KINDS.items()}, _in_state),
        Filter("subject", gettext_lazy("What it brings"), SUBJECTS, lambda rows, value: rows.filter(subject=value)),
        Filter(
            "store", gettext_lazy("Shop"), lazily(lambda: stores), lambda rows, value: rows.filter(store_code=value)
        ),
        Filter("by", gettext_lazy("By"), lazily(lambda: people), lambda rows, value: rows.filter(by=int(value))),
        Days("at", gettext_lazy("When"), BEGUN, on_days("created_at")),
    )


def _in_store(rows: Any, code: str) -> Any:
    return rows.filter(store_code=code)


def _in_state(rows: Any, kind: str) -> Any:
    return rows.filter(state__in=KINDS[kind][1])


def _named(rows: Any, text: str) -> Any:
    """Keep the imports one of whose files is called so, among the newest some thousands."""
    recent = rows.order_by("-pk").values_list("pk", "files")[:MOST_SEARCHED]
    found = [key for key, files in recent if any(text.casefold() in file["name"].casefold() for file in files)]
    return rows.filter(pk__in=found)
