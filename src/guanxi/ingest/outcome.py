"""What an import did, and what an undo took back and left, in the words and figures of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.guard.masking import mask_name
from guanxi.ingest.models import Import
from guanxi.ingest.picture import CHANGED, NEW, REJECTED, SAME, Figures, amount_of, refunds, title_of_new
from guanxi.pages import formats
from guanxi.pages.components import Metric
from guanxi.pages.formats import chinese
from guanxi.pages.moments import duration


@dataclass(frozen=True)
class Kept:
    """Records that an undo left because somebody changed or used them since."""

    title: str
    names: Sequence[str]


def finding(batch: Import) -> str:
    """Say in one sentence what the import did, or what the undo took back."""
    if batch.state == Import.State.UNDONE:
        return _undone(batch)
    found = Figures(batch)
    told = {"new": amount_of(batch, found.new), "changed": amount_of(batch, found.changed)}
    if found.new and found.changed:
        return _("Brought in %(new)s and updated %(changed)s.") % told
    if found.new:
        return _("Brought in %(new)s.") % told
    if found.changed:
        return _("Updated %(changed)s.") % told
    if found.refunds_new:
        return _("Brought in %(refunds)s.") % {"refunds": refunds(found.refunds_new)}
    return _("Everything was here already; nothing was changed.")


def _undone(batch: Import) -> str:
    undo = batch.report.get("undo", {})
    removed = amount_of(batch, undo.get("removed", {}).get(batch.subject, 0))
    if undo.get("kept"):
        return _("Took back %(removed)s; what was touched since stays.") % {"removed": removed}
    return _("Took back %(removed)s; nothing of the import is left.") % {"removed": removed}


def pace(batch: Import) -> str:
    """Say how many rows were read in which time."""
    rows = Figures(batch).rows
    told = {"count": formats.count(rows), "time": duration(timedelta(seconds=batch.seconds))}
    return ngettext("%(count)s row in %(time)s", "%(count)s rows in %(time)s", rows) % told


def counts(batch: Import) -> list[Metric]:
    """The counts of a finished import."""
    found = Figures(batch)
    note = "" if batch.subject == "customers" else _note(found)
    return [
        Metric(title_of_new(batch), formats.count(found.new), swatch=NEW, note=note),
        Metric(_("Changed"), formats.count(found.changed), note=_("brought up to date"), swatch=CHANGED),
        Metric(_("Rows known already"), formats.count(found.count("duplicates")), note=_("skipped"), swatch=SAME),
        Metric(_("Rejected rows"), formats.count(found.rejected), swatch=REJECTED,
               note=_("kept in a file for you to correct") if found.rejected else _("every row could be read")),
    ]  # fmt: skip


def _note(found: Figures) -> str:
    people = ngettext("%(count)s new customer", "%(count)s new customers", found.customers_new)
    told = [people % {"count": formats.count(found.customers_new)}]
    if found.refunds_new:
        told.append(refunds(found.refunds_new))
    return _(", ").join(told)


def undo_verb(batch: Import) -> str:
    """Name the undo with its count: Take back 2,220 orders."""
    found = Figures(batch)
    amount = amount_of(batch, found.moved) if found.moved else refunds(found.refunds_new)
    return _("Take back %(amount)s") % {"amount": amount}


def undo_words(batch: Import) -> str:
    """Say what an undo takes away and gives back."""
    found = Figures(batch)
    told = {"new": amount_of(batch, found.new), "changed": formats.count(found.changed)}
    words = [_("This removes %(new)s.") % told]
    if batch.subject != "customers" and found.customers_new:
        people = ngettext("%(count)s new customer goes too.", "%(count)s new customers go too.", found.customers_new)
        words.append(people % {"count": formats.count(found.customers_new)})
    if found.changed:
        words.append(_("What was changed (%(changed)s) becomes what it was.") % told)
    words.append(_("What somebody touched since stays, and is listed."))
    return sentences(words)


def sentences(words: Sequence[str]) -> str:
    """Put sentences after each other, as the language does."""
    return ("" if chinese() else " ").join(words)


def removed(batch: Import) -> list[Metric]:
    """What an undo took away and gave back."""
    undo = batch.report.get("undo", {})
    taken, restored = undo.get("removed", {}), undo.get("restored", {})
    titles = {
        "orders": _("Orders removed"), "refunds": _("Refunds removed"), "customers": _("Customers removed"),
        "products": _("Products removed"),
    }  # fmt: skip
    if batch.subject == "events":
        titles = {"events": _("Events removed"), **titles}
    metrics = [Metric(title, formats.count(taken[name])) for name, title in titles.items() if taken.get(name)]
    if restored.get("orders"):
        metrics.append(Metric(_("Orders as they were before"), formats.count(restored["orders"])))
    return metrics


def kept(batch: Import) -> list[Kept]:
    """What an undo left, by kind."""
    titles = {"order": _("Orders"), "refund": _("Refunds"), "customer": _("Customers")}
    there = batch.report.get("undo", {}).get("kept", [])
    named = {kind: [_shown(each["name"], kind) for each in there if each["kind"] == kind] for kind in titles}
    return [Kept(titles[kind], names) for kind, names in named.items() if names]


def _shown(name: str, kind: str) -> str:
    """Show a customer by their masked name, or by their public id where the undo knew no name."""
    if kind != "customer":
        return name
    return public_id(Customer.PREFIX, int(name)) if name.isdecimal() else mask_name(name)
