"""What staff do to many people together: tag, note, withdraw a consent; and how that is taken back.

Each verb works on sets, some hundreds of people at a time, in one transaction; it reaches only those whom it changes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import BulkAct, Consent, Event, Note, Purpose, SourceProfile, Tag, Tagging, TagGroup
from guanxi.customers.models.customer import CustomerQuerySet, check_undo

MOST = 10_000  # people in one act
AT_ONCE = 500
MARKETING = Purpose.MARKETING
SOURCE = "guanxi"
Kind = BulkAct.Kind


@dataclass(frozen=True)
class Verb:
    """What is to be done to everybody chosen: the word is a tag, a note or a message channel."""

    kind: BulkAct.Kind
    word: str


def reached(customers: CustomerQuerySet, verb: Verb) -> CustomerQuerySet:
    """Keep those whom a verb would change."""
    mine = OuterRef("pk")
    if verb.kind == Kind.TAG:
        rivals = TagGroup.objects.filter(is_exclusive=True, tags__name__iexact=verb.word)
        carried = Tagging.objects.filter(customer=mine)
        free = customers.filter(~Exists(carried.filter(tag__name__iexact=verb.word)))
        return free.filter(~Exists(carried.filter(exclusive_group__in=rivals.values("pk"))))
    if verb.kind == Kind.CONSENT:
        return customers.filter(
            Exists(Consent.objects.filter(customer=mine, channel=verb.word, purpose=MARKETING, withdrawn_at=None))
        )
    return customers


@transaction.atomic
def act(customers: CustomerQuerySet, verb: Verb, *, by: Staff) -> BulkAct:
    """Do it to all whom it changes, and remember it as one act."""
    tag = Tag.objects.called(verb.word) if verb.kind == Kind.TAG else None
    if tag:
        tag.check_in_use()
    channel = verb.word if verb.kind == Kind.CONSENT else ""
    done = BulkAct.objects.create(kind=verb.kind, by=by, tag=tag, channel=channel)
    ids = list(reached(customers, verb).order_by("pk").values_list("pk", flat=True)[:MOST])
    for some in _parts(ids):
        DOING[verb.kind](done, some, verb.word)
    done.reached = len(ids)
    done.save(update_fields=["reached"])
    _audit("done", done)
    return done


@transaction.atomic
def take_back(done: BulkAct) -> int:
    """Restore what was before an act, and say for how many; TooLateToUndo after a while, nothing the second time."""
    check_undo(done.at)
    if not BulkAct.objects.filter(pk=done.pk, undone_at=None).update(undone_at=timezone.now()):
        return 0
    _audit("undone", done)
    return UNDOING[Kind(done.kind)](done)


def _audit(what: str, done: BulkAct) -> None:
    """Write an act into the audit trail: one entry, however many it reached."""
    word = done.tag.name if done.tag else done.channel
    changes = {"kind": (None, done.kind), "word": (None, word or None), "reached": (None, done.reached)}
    AuditEntry.write(f"bulkact.{what}", by=done.by, on=done, changes=changes)


def _tag(done: BulkAct, ids: Sequence[int], _word: str) -> None:
    houses, tag = _houses(ids), done.tag
    Tagging.objects.bulk_create(
        Tagging(
            customer_id=pk, profile_id=houses.get(pk), tag=tag, by=done.by, tagged_at=done.at,
            exclusive_group_id=tag.bound_to if tag else None,
        )
        for pk in ids
    )  # fmt: skip
    if tag:
        _tell("Tag Added", ids, houses, tag=tag.pk, tag_name=tag.name, by=done.by_id)


def _note(done: BulkAct, ids: Sequence[int], text: str) -> None:
    houses = _houses(ids)
    notes = Note.objects.bulk_create(
        [Note(customer_id=pk, profile_id=houses.get(pk), text=text, by=done.by, written_at=done.at) for pk in ids]
    )
    Event.objects.bulk_create(
        _event("Note Added", note.customer_id, note.profile_id, note=note.pk, by=done.by_id) for note in notes
    )


def _withdraw(done: BulkAct, ids: Sequence[int], channel: str) -> None:
    agreed = Consent.objects.filter(customer__in=ids, channel=channel, purpose=MARKETING, withdrawn_at=None)
    agreed.update(withdrawn_at=done.at, withdrawn_by=done.by)
    _tell("Consent Withdrawn", ids, _houses(ids), channel=channel, purpose=MARKETING.value, by=done.by_id)


def _untag(done: BulkAct) -> int:
    tag = done.tag
    mine = Tagging.objects.filter(tag=tag, by=done.by, tagged_at=done.at)
    told = {"tag": tag.pk, "tag_name": tag.name, "by": done.by_id} if tag else {}
    return _removed(mine, "Tag Removed", **told)


def _unwrite(done: BulkAct) -> int:
    return _removed(Note.objects.filter(by=done.by, written_at=done.at), "Note Removed", by=done.by_id)


def _agree_again(done: BulkAct) -> int:
    """Put consents back in force, but for people who agreed anew meanwhile."""
    anew = Consent.objects.filter(
        customer=OuterRef("customer"), channel=done.channel, purpose=MARKETING, withdrawn_at=None
    )
    mine = Consent.objects.filter(
        ~Exists(anew), channel=done.channel, purpose=MARKETING, withdrawn_by=done.by, withdrawn_at=done.at
    )
    rows = list(mine.order_by("pk").values_list("pk", "customer"))
    for some in _parts(rows):
        Consent.objects.filter(pk__in=[pk for pk, _ in some]).update(withdrawn_at=None, withdrawn_by=None)
        ids = [customer for _, customer in some if customer]
        told = {"channel": done.channel, "purpose": MARKETING.value, "by": done.by_id}
        _tell("Consent Restored", ids, _houses(ids), **told)
    return len(rows)


def _removed(mine: Any, name: str, **told: Any) -> int:
    """Delete rows that an act wrote, and tell of it."""
    rows = list(mine.order_by("pk").values_list("pk", F("customer")))
    for some in _parts(rows):
        mine.model.objects.filter(pk__in=[pk for pk, _ in some]).delete()
        ids = [customer for _, customer in some if customer]
        _tell(name, ids, _houses(ids), **told)
    return len(rows)


def _tell(name: str, ids: Sequence[int], houses: dict[int, int], **told: Any) -> None:
    Event.objects.bulk_create(_event(name, pk, houses.get(pk), **told) for pk in ids)


def _event(name: str, customer: int | None, profile: int | None, **told: Any) -> Event:
    at = timezone.now()
    return Event(name=name, customer_id=customer, profile_id=profile, occurred_at=at, source=SOURCE, properties=told)


def _houses(ids: Sequence[int]) -> dict[int, int]:
    """Find the profiles that what staff write belongs to."""
    return dict(SourceProfile.objects.filter(home__in=ids).values_list("home", "pk"))


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


DOING: dict[str, Callable[[BulkAct, Sequence[int], str], None]] = {
    Kind.TAG: _tag, Kind.NOTE: _note, Kind.CONSENT: _withdraw,
}  # fmt: skip
UNDOING: dict[str, Callable[[BulkAct], int]] = {
    Kind.TAG: _untag, Kind.NOTE: _unwrite, Kind.CONSENT: _agree_again,
}  # fmt: skip
