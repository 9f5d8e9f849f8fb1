"""What this context keeps of people, as the register of places has it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.models import Answer, Session
from guanxi.customers import past
from guanxi.customers.attributes import UNDO
from guanxi.customers.dynamics.summary import written
from guanxi.customers.family import Person, Words
from guanxi.customers.models import (
    BulkAct,
    Consent,
    Customer,
    CustomerValue,
    Departure,
    Event,
    Habits,
    Identifier,
    MergeLog,
    Note,
    PlainExport,
    Score,
    SourceProfile,
    Tag,
    Tagging,
    TagGroup,
    Telling,
    Untold,
    Wording,
)
from guanxi.customers.own import SHELF
from guanxi.customers.places import Place, Spot, nobody, register, words
from guanxi.customers.stories import FIELDS
from guanxi.warehouse.models import bury

FIRST, LAST = 10, 90


def declare() -> None:
    """Put it into the register."""
    register(*_facts(), *_identity(), *_spots())
    nobody("the shop's own words and what staff did to sets of people", Tag, TagGroup, BulkAct, Wording)
    nobody("numbers of rows that wait, and a moment", Untold, Departure)
    nobody("forgotten by a spot of their own: plain_exports", PlainExport)


def _facts() -> Iterator[Place]:
    yield Place(
        model=Consent, title=_("Consents"),
        copied={
            "channel": _("Channel"), "purpose": _("Purpose"), "source": _("How"), "wording_key": _("Wording"),
            "words": _("As it was read"), "proven_by": _("Proof"), "agreed_at": _("Agreed"),
            "withdrawn_at": _("Withdrawn"),
        },
        reads={"words": lambda row: row.asked_by.text if row.asked_by else ""},
    )  # fmt: skip
    yield Place(
        model=Tagging, title=_("Tags"), copied={"tag": _("Tag"), "origin": _("Origin"), "tagged_at": _("When")},
        reads={"tag": lambda row: row.tag.name},
    )  # fmt: skip
    yield Place(model=Note, title=_("Notes"), copied={"text": _("Note"), "written_at": _("When")})
    yield Place(
        model=Event, title=_("Events"), before=lambda ids: bury("events", ids), past=past.told,
        copied={
            "name": _("What happened"), "occurred_at": _("When"), "source": pgettext_lazy("of data", "Source"),
            "properties": _("Details"),
        },
    )  # fmt: skip
    yield Place(
        model=Score, title=_("Scores"),
        copied={
            "name": pgettext_lazy("of a thing", "Name"), "value": pgettext_lazy("of a field", "Value"),
            "label": _("Class"), "parts": _("Details"), "as_of": _("As of"),
        },
    )  # fmt: skip
    yield Place(
        model=CustomerValue, title=_("Fields of your own"), copied={"field": _("Field"), "text": _("What it says")},
        reads={"field": lambda row: row.field.label, "text": _own},
    )  # fmt: skip


def _identity() -> Iterator[Place]:
    yield Place(
        model=Identifier, title=_("Identifiers"), whose="profile__customer", order=LAST - 20,
        copied={"kind": _("Kind"), "plain": pgettext_lazy("of a field", "Value"), "scope": _("Where")},
        words=lambda row: [row.plain],
    )  # fmt: skip
    yield Place(
        model=MergeLog, title=_("Merge log"), profiles_of=("profile",), order=LAST - 20,
        copied={"act": _("What"), "rule": _("Rule"), "at": _("When"), "customer_id": _("Customer")},
    )  # fmt: skip
    yield Place(
        model=Telling, title=_("What each of several merged said"), order=LAST - 20,
        copied={"own": _("Its own"), "shown": _("Shown")},
    )  # fmt: skip
    yield Place(
        model=Habits, title=_("Habits"), whose="profile__customer", profiles_of=("profile",), order=LAST - 20,
        copied={"told": _("What the events amount to")}, reads={"told": lambda row: written(bytes(row.summary))},
    )  # fmt: skip
    yield Place(
        model=SourceProfile, title=_("Source profiles"), order=LAST - 10,
        before=lambda ids: bury("profiles", ids), words=lambda row: [row.name, row.key],
        copied={
            "source": pgettext_lazy("of data", "Source"), "store": _("Store"), "key": _("Number there"),
            "name": _("Name"), "told": _("What it says"), "first_seen_at": _("First seen"),
        },
    )  # fmt: skip
    yield Place(
        model=Customer, title=_("Customer"), whose="pk", order=LAST, before=_before_customers,
        words=lambda row: [row.name],
        copied={"public_id": _("Number"), **_attributes(), "created_at": _("Customer since")},
    )  # fmt: skip


def _attributes() -> dict[str, Any]:
    return {name: title for name, title in FIELDS.items() if name not in {"phone", "email"}}


def _own(row: CustomerValue) -> str:
    return "\n".join(SHELF.text(row.customer, row.field)) if row.customer else ""


def _before_customers(ids: Sequence[int]) -> None:
    """Take them out of the lake, and from each other: who was merged goes with the survivor."""
    bury("customers", ids)
    Customer.objects.filter(pk__in=ids).update(survivor=None)


def _spots() -> Iterator[Spot]:
    yield Spot(name="past_events", title=_("Events that have left the book"), erase=past.forget)
    yield Spot(name="answers", title=_("Answers kept for programs"), erase=_forget_answers)
    yield Spot(name="plain_exports", title=_("Files asked for in the clear"), erase=_forget_asked)
    yield Spot(name="undo", title=_("Former values kept for an undo"), erase=_forget_undo)


def _forget_answers(person: Person) -> int:
    """Delete the kept answers that name the person; the same request sent again is then done anew."""
    known = Words([*(Customer(pk=pk).public_id for pk in person.customers), *words(person)])
    rows = Answer.objects.exclude(sealed=None)
    return sum(bool(each.delete()) for each in rows.iterator(chunk_size=200) if known.in_text(each.content))


def _forget_asked(person: Person) -> int:
    """Delete what was asked for and is over, and what waits and names the person in its selection or reason."""
    known = Words(words(person))
    over = [
        each.pk
        for each in PlainExport.objects.all()
        if each.state not in {"waiting", "ready"} or known.in_text(json.dumps(each.told, ensure_ascii=False) + each.why)
    ]
    return PlainExport.objects.filter(pk__in=over).delete()[0]


def _forget_undo(_person: Person) -> int:
    """Take the undo out of every browser: what it would give back is somebody's former value."""
    done = 0
    for each in Session.objects.all().iterator(chunk_size=200):
        told = each.get_decoded()
        if told.keys() & set(UNDOS):
            left = {name: value for name, value in told.items() if name not in UNDOS}
            done += Session.objects.filter(pk=each.pk).update(
                session_data=each.get_session_store_class()().encode(left)
            )
    return done


UNDOS = (UNDO, "own_field_undo")
