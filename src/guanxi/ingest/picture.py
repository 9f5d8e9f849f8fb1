"""What a dry run found and what an import did, in the words and figures of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.customers.models.customer import Gender
from guanxi.guard.masking import mask_name
from guanxi.ingest import rejects
from guanxi.ingest.models import NEW_TOTAL, Import
from guanxi.ingest.presets import label_of
from guanxi.orders.models import FulfilmentState, OrderState, PaymentState
from guanxi.pages import formats
from guanxi.pages.components import Metric, Part, Tab
from guanxi.pages.moments import duration

NEW, CHANGED, SAME, REJECTED = 1, 3, 0, 4  # the colours of the four on every page
KINDS = {"changed": gettext_lazy("Changed"), "new": gettext_lazy("New"), "same": gettext_lazy("Same")}
SHOWN_AT_FIRST = 8
FIELDS: dict[str, str | Promise] = {
    "payment_state": gettext_lazy("Payment"),
    "fulfilment_state": gettext_lazy("Parcel"),
    "order_state": gettext_lazy("State"),
    "platform_state": gettext_lazy("Platform's state"),
    "total_minor": gettext_lazy("Total"),
    "refunded_minor": gettext_lazy("Refunded"),
    "lines": gettext_lazy("Lines"),
    "name": gettext_lazy("Name"),
    "gender": gettext_lazy("Gender"),
    "birthday": gettext_lazy("Birthday"),
    "province": gettext_lazy("Province"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
}
CHOICES = {
    "payment_state": PaymentState,
    "fulfilment_state": FulfilmentState,
    "order_state": OrderState,
    "gender": Gender,
}


@dataclass(frozen=True)
class Change:
    """One field that would change: what stands there now, and after the import."""

    field: str
    now: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """One order, refund or customer of the file, by its first row."""

    row: int
    number: str
    is_refund: bool
    customer: str
    total: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class Reason:
    """The rows rejected for one reason, and the first of them."""

    title: str
    count: int
    example: str


@dataclass(frozen=True)
class Fact:
    """A count with its words."""

    title: str
    count: int


@dataclass(frozen=True)
class Figures:
    """The counts of an import; what was not counted is 0."""

    batch: Import

    def count(self, name: str) -> int:
        """Give one count."""
        return int(self.batch.counts.get(name, 0))

    @property
    def rows(self) -> int:
        """How many rows the files have."""
        return self.count("rows")

    @property
    def rejected(self) -> int:
        """How many rows cannot be taken."""
        return self.count("rejected")

    @property
    def refunds_new(self) -> int:
        """How many refunds that came as documents of their own are new."""
        return self.count("refunds_new")

    @property
    def customers_new(self) -> int:
        """How many customers are new."""
        return self.count("customers_new")

    @property
    def new_totals(self) -> list[str]:
        """What the new orders amount to in each currency, the largest amount first."""
        told = {name.removeprefix(NEW_TOTAL): minor for name, minor in self.batch.counts.items() if NEW_TOTAL in name}
        return [formats.money(told[each], each) for each in sorted(told, key=lambda each: (-told[each], each))]

    @property
    def thing(self) -> str:
        """What the file holds: orders, customers or events."""
        return self.batch.subject

    @property
    def new(self) -> int:
        """How many of them are new."""
        return self.count(f"{self.thing}_new")

    @property
    def changed(self) -> int:
        """How many of those that are there already change."""
        return self.count(f"{self.thing}_changed")

    @property
    def same(self) -> int:
        """How many are there already as they are in the file."""
        return self.count(f"{self.thing}_same")

    @property
    def moved(self) -> int:
        """How many are new or changed; refunds that came as documents of their own are not among them."""
        return self.new + self.changed

    @property
    def moves(self) -> bool:
        """Whether importing would write anything."""
        return bool(self.moved or self.refunds_new or self.rows_moved)

    @property
    def rows_moved(self) -> int:
        """How many rows of the file are new or change something."""
        return self.count("rows_new") + self.count("rows_changed")


def amount_of(batch: Import, count: int) -> str:
    """Write a number of what the import holds: 2,220 orders."""
    told = {"count": formats.count(count)}
    if batch.subject == "customers":
        return ngettext("%(count)s customer", "%(count)s customers", count) % told
    if batch.subject == "events":
        return ngettext("%(count)s event", "%(count)s events", count) % told
    return ngettext("%(count)s order", "%(count)s orders", count) % told


def title_of_new(batch: Import) -> str:
    """Name the count of what is new."""
    titles = {"orders": _("New orders"), "customers": _("New customers"), "events": _("New events")}
    return titles[batch.subject]


def refunds(count: int) -> str:
    """Write a number of refunds."""
    return ngettext("%(count)s refund", "%(count)s refunds", count) % {"count": formats.count(count)}


def finding(batch: Import) -> str:
    """Say in one sentence what the dry run found."""
    found = Figures(batch)
    told = {
        "moved": formats.count(found.rows_moved),
        "rows": formats.count(found.rows),
        "rejected": formats.count(found.rejected),
    }
    if not found.rows_moved and not found.rejected:
        return _("All of it is in your shop already; nothing would change.")
    if not found.rows_moved:
        return ngettext(
            "Nothing would change; %(rejected)s row cannot be read.",
            "Nothing would change; %(rejected)s rows cannot be read.",
            found.rejected,
        ) % told  # fmt: skip
    if not found.rejected:
        return _("%(moved)s of %(rows)s rows would change your shop; all can be read.") % told
    return _("%(moved)s of %(rows)s rows would change your shop; %(rejected)s cannot be read.") % told


def parts(batch: Import) -> list[Part]:
    """Divide the rows into new, changed, same and rejected."""
    found = Figures(batch)
    kinds = {NEW: "rows_new", CHANGED: "rows_changed", SAME: "rows_same", REJECTED: "rejected"}
    return [Part(found.count(name), series) for series, name in kinds.items()]


def counts(batch: Import, kind: str) -> list[Metric]:
    """The four counts of a dry run, each leading to the documents it counts."""
    found = Figures(batch)
    return [
        Metric(title_of_new(batch), formats.count(found.new), note=_note_of_new(batch, found), href="?show=new",
               swatch=NEW, active=kind == "new"),
        Metric(_("Changed"), formats.count(found.changed), note=_note_of_changed(batch), href="?show=changed",
               swatch=CHANGED, active=kind == "changed"),
        Metric(_("Same as before"), formats.count(found.same), note=_("already here, will be skipped"),
               href="?show=same", swatch=SAME, active=kind == "same"),
        Metric(
            _("Rejected rows"), formats.count(found.rejected),
            note=_("kept in a file for you to correct") if found.rejected else _("every row can be read"),
            swatch=REJECTED,
        ),
    ]  # fmt: skip


def _note_of_new(batch: Import, found: Figures) -> str:
    """Say what the new orders amount to, how many people and refunds come with them."""
    if batch.subject != "orders":
        return ""
    told = [" + ".join(found.new_totals)] if found.new_totals else []
    if found.customers_new:
        people = ngettext("%(count)s new customer", "%(count)s new customers", found.customers_new)
        told.append(people % {"count": formats.count(found.customers_new)})
    if found.refunds_new:
        told.append(refunds(found.refunds_new))
    return _(", ").join(told)


def _note_of_changed(batch: Import) -> str:
    """Name the fields that change most among those shown."""
    changes = [change["field"] for each in _shown(batch, "changed") for change in each["changes"]]
    often = sorted(set(changes), key=lambda field: -changes.count(field))[:3]
    return (_(", ")).join(_title(field, batch.subject) for field in often) or _("none")


def tabs(batch: Import, show: str) -> list[Tab]:
    """The three kinds of documents, each with its count."""
    found = Figures(batch)
    return [
        Tab(title, f"?show={kind}", found.count(f"documents_{kind}"), active=kind == show)
        for kind, title in KINDS.items()
    ]


def kind_to_show(batch: Import, asked: str) -> str:
    """Choose what is shown first: what was asked for, else changes, else what is new."""
    if asked in KINDS:
        return asked
    return next((kind for kind in KINDS if _shown(batch, kind)), "new")


def documents(batch: Import, kind: str, *, most: int = SHOWN_AT_FIRST) -> list[Document]:
    """The first documents of one kind."""
    return [_document(each, batch.subject) for each in _shown(batch, kind)[:most]]


def _shown(batch: Import, kind: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = batch.report.get("shown", {}).get(kind, [])
    return shown


def _document(told: dict[str, Any], subject: str) -> Document:
    currency = told["currency"]
    return Document(
        row=told["row"],
        number=told["number"],
        is_refund=told["document"] == "refund",
        customer=_who(told),
        total=formats.money(told["total_minor"], currency) if currency else "",
        changes=[
            Change(_title(each["field"], subject), *(_value(each, side, currency) for side in SIDES))
            for each in told["changes"]
        ],
    )


def _who(told: dict[str, Any]) -> str:
    """Show a customer by their masked name, else by the number the file gives them."""
    buyer: str = told.get("buyer", "")
    return mask_name(told["customer"]) or (buyer if buyer.isdecimal() else mask_name(buyer))


SIDES = ("now", "after")


def _value(change: dict[str, Any], side: str, currency: str) -> str:
    """Write a value as people read it: states in words, amounts with their currency."""
    field, value = change["field"], change[side]
    if value in (None, ""):
        return ""
    if field in CHOICES:
        return str(CHOICES[field](value).label)
    if field.endswith("_minor"):
        return formats.money(value, currency)
    if field == "lines":
        return ngettext("%(count)s line", "%(count)s lines", value) % {"count": formats.count(value)}
    return mask_name(value) if field == "name" else str(value)


def reasons(batch: Import) -> list[Reason]:
    """The rejected rows by reason, the most frequent first."""
    return [
        Reason(rejects.title(each["code"]), each["count"], _example(each["example"]))
        for each in batch.report.get("rejects", [])
    ]


def _example(reject: dict[str, Any]) -> str:
    told = {"row": formats.count(reject["row"]), "what": rejects.sentence(reject)}
    return _("Row %(row)s, %(what)s") % told


def people(batch: Import) -> list[Fact]:
    """Who is in the file: known, recognised, new, nobody."""
    found = Figures(batch)
    if batch.subject != "orders":
        return []
    return [
        Fact(_("Known by their customer number"), found.count("customers_known")),
        Fact(_("Recognised by phone or e-mail"), found.count("customers_joined")),
        Fact(_("New customers"), found.customers_new),
        Fact(_("Orders of guests, no person"), found.count("guests")),
    ]


def verb(batch: Import) -> str:
    """Name the act with what it moves: Import 2,220 orders."""
    found = Figures(batch)
    if found.moved or not found.refunds_new:
        return _("Import %(amount)s") % {"amount": amount_of(batch, found.moved)}
    return _("Import %(amount)s") % {"amount": refunds(found.refunds_new)}


def outlook(batch: Import) -> str:
    """Say what the act will do, in a line."""
    found = Figures(batch)
    told = [_moved(batch, found)] if found.moved or not found.refunds_new else []
    if found.refunds_new:
        told.append(refunds(found.refunds_new))
    if found.rejected:
        out = ngettext("%(count)s row stays out", "%(count)s rows stay out", found.rejected)
        told.append(out % {"count": formats.count(found.rejected)})
    return " · ".join(told)


def _moved(batch: Import, found: Figures) -> str:
    """Count what is new and what changes: 1,902 new, 318 changed."""
    if not found.changed:
        return _("%(amount)s new") % {"amount": amount_of(batch, found.new)}
    if not found.new:
        return _("%(amount)s changed") % {"amount": amount_of(batch, found.changed)}
    told = {"new": formats.count(found.new), "changed": formats.count(found.changed)}
    return _("%(new)s new, %(changed)s changed") % told


def lasts(batch: Import) -> str:
    """Say how long the import will take, at the rate of the last one; where there was none, say nothing."""
    last = Import.objects.filter(state=Import.State.DONE, subject=batch.subject, seconds__gt=0).newest_first().first()
    if last is None or not last.rows_done:
        return ""
    seconds = max(1.0, Figures(batch).rows * last.seconds / last.rows_done)
    return _("About %(time)s; you may leave the page") % {"time": duration(timedelta(seconds=seconds))}


def _title(field: str, subject: str) -> str:
    return str(FIELDS[field]) if field in FIELDS else label_of(field, subject)
