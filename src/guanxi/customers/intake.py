"""Consents, tags and notes that come in sets, from a platform or a file: written once, however often they come.

Each has the moment it stands for, and its event in the stream, as if it had been written down by hand at that moment.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from guanxi.accounts.models import Staff
from guanxi.customers.models import Consent, Event, Note, SourceProfile, Tag, Tagging

AT_ONCE = 500
HOUSE = "guanxi"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a person agreed to and when, and when they took it back where they did."""

    customer: int
    channel: str
    source: str
    agreed_at: dt.datetime
    withdrawn_at: dt.datetime | None = None
    purpose: str = "marketing"
    wording: str = ""

    @property
    def about(self) -> tuple[int, str, str]:
        """What there may be one agreement in force of."""
        return self.customer, self.channel, self.purpose


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """Who gets which tag, and when."""

    customer: int
    tag: Tag
    tagged_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What somebody wrote down about a person, and when."""

    customer: int
    text: str
    written_at: dt.datetime
    by: Staff


def agree(agreements: Sequence[Agreement]) -> int:
    """Write consents down; those whose like is there already are left out. Says how many were new."""
    return sum(_agree(agreements[start : start + AT_ONCE]) for start in range(0, len(agreements), AT_ONCE))


def label(labellings: Sequence[Labelling], *, by: Staff) -> int:
    """Put tags on people; who carries one keeps it as it is. Says how many were new."""
    return sum(_label(labellings[start : start + AT_ONCE], by) for start in range(0, len(labellings), AT_ONCE))


def annotate(remarks: Sequence[Remark]) -> int:
    """Write notes about people; the same words about the same person stand once. Says how many were new."""
    return sum(_annotate(remarks[start : start + AT_ONCE]) for start in range(0, len(remarks), AT_ONCE))


@transaction.atomic
def _agree(agreements: Sequence[Agreement]) -> int:
    whose = {each.customer for each in agreements}
    there = set(Consent.objects.filter(customer__in=whose).values_list("customer", "channel", "purpose"))
    fresh = list({each.about: each for each in agreements if each.about not in there}.values())
    houses = _houses(whose)
    Consent.objects.bulk_create(
        Consent(
            customer_id=each.customer, profile_id=houses.get(each.customer), channel=each.channel,
            purpose=each.purpose, source=each.source, wording=each.wording, agreed_at=each.agreed_at,
            withdrawn_at=each.withdrawn_at,
        )
        for each in fresh
    )  # fmt: skip
    _tell(event for each in fresh for event in _consent_events(each, houses))
    return len(fresh)


def _consent_events(told: Agreement, houses: dict[int, int]) -> Iterator[Event]:
    facts = {"channel": told.channel, "purpose": told.purpose, "by": None}
    yield _event("Consent Given", told.customer, told.agreed_at, houses, source=told.source, **facts)
    if told.withdrawn_at:
        yield _event("Consent Withdrawn", told.customer, told.withdrawn_at, houses, source=told.source, **facts)


@transaction.atomic
def _label(labellings: Sequence[Labelling], by: Staff) -> int:
    whose = {each.customer for each in labellings}
    there = set(Tagging.objects.filter(customer__in=whose).values_list("customer", "tag"))
    told = {(each.customer, each.tag.pk): each for each in labellings if each.tag.retired_at is None}
    taken = set(Tagging.objects.filter(customer__in=whose).values_list("customer", "exclusive_group"))
    fresh = [each for key, each in told.items() if key not in there and _is_free(each, taken)]
    houses = _houses(whose)
    Tagging.objects.bulk_create(
        Tagging(
            customer_id=each.customer, profile_id=houses.get(each.customer), tag=each.tag, by=by,
            tagged_at=each.tagged_at, exclusive_group_id=each.tag.bound_to,
        )
        for each in fresh
    )  # fmt: skip
    _tell(
        _event("Tag Added", e.customer, e.tagged_at, houses, tag=e.tag.pk, tag_name=e.tag.name, by=by.pk) for e in fresh
    )
    return len(fresh)


def _is_free(labelling: Labelling, taken: set[Any]) -> bool:
    """Tell whether a person carries no tag of an exclusive group yet, and note that they do now."""
    group = labelling.tag.bound_to
    free = group is None or (labelling.customer, group) not in taken
    taken.add((labelling.customer, group))
    return free


@transaction.atomic
def _annotate(remarks: Sequence[Remark]) -> int:
    whose = {each.customer for each in remarks}
    there = set(Note.objects.filter(customer__in=whose).values_list("customer", "text"))
    fresh = [each for each in remarks if (each.customer, each.text) not in there]
    houses = _houses(whose)
    notes = Note.objects.bulk_create(
        Note(
            customer_id=each.customer, profile_id=houses.get(each.customer), text=each.text, by=each.by,
            written_at=each.written_at,
        )
        for each in fresh
    )  # fmt: skip
    _tell(
        _event("Note Added", each.customer, each.written_at, houses, note=note.pk, by=each.by.pk)
        for each, note in zip(fresh, notes, strict=True)
    )
    return len(fresh)


def _houses(customers: Collection[int]) -> dict[int, int]:
    """Find the profiles that facts made by our own staff belong to."""
    return dict(SourceProfile.objects.filter(home__in=customers).values_list("home", "pk"))


def _event(
    name: str, customer: int, at: dt.datetime, houses: dict[int, int], *, source: str = HOUSE, **facts: Any
) -> Event:
    profile = houses.get(customer)
    return Event(customer_id=customer, profile_id=profile, name=name, occurred_at=at, source=source, properties=facts)


def _tell(events: Iterator[Event]) -> None:
    Event.objects.bulk_create(events)
