"""The audit trail: who did what, to what, when, from where and why. Entries are never changed and never removed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.core import bulk
from guanxi.core.errors import Refused
from guanxi.guard.models import PersonKey

Changes = Mapping[str, tuple[Any, Any]]
WRITTEN = ("at", "by_id", "kind", "act", "subject", "why", "changes", "person", "sealed", "address")
ACCESSES = ("revealed", "exported")
ENTRIES = ("signed_in", "signed_out", "refused")


class AppendOnly(Refused):
    """What stands in the audit trail stays as it is."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Sets of entries."""

    def accesses(self) -> Self:
        """Keep what was seen of people, and what left in files."""
        return self.filter(kind=AuditEntry.Kind.ACCESS)

    def about(self, subject: str) -> Self:
        """Keep what concerns one record, such as `customer:7`."""
        return self.filter(subject=subject)

    def opened(self, entries: Iterable["AuditEntry"]) -> list["AuditEntry"]:
        """Open what is sealed in some entries, with one question for the keys of all of them."""
        some = list(entries)
        sealed = [entry for entry in some if entry.sealed is not None]
        keys = PersonKey.objects.of_each(entry.person or 0 for entry in sealed) if sealed else {}
        for entry in sealed:
            entry.open_with(keys.get(entry.person or 0))
        return some

    def update(self, **changes: Any) -> int:
        """Refuse; only the chain closes entries, once."""
        raise AppendOnly(_("The audit trail is append-only: its entries are not changed."))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise AppendOnly(_("The audit trail is append-only: its entries are not removed."))


class AuditEntry(models.Model):
    """One thing that was done: a change, a look at what is masked, a file that left, a sign-in.

    `subject` names what it was done to (`customer:7`, `role:agent`). What it says of a person is sealed under that
    person's key. `place` and `mac` are its link in the chain, empty until it is sealed.
    """

    class Kind(models.TextChoices):
        """Which of the two logs it stands in besides the whole."""

        CHANGE = "change"
        ACCESS = "access"
        ENTRY = "entry"

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CHANGE)
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=300, blank=True)
    changes = models.TextField(blank=True)
    person = models.BigIntegerField(null=True)
    sealed = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)
    place = models.BigIntegerField(null=True, unique=True)
    mac = models.BinaryField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "at", "id"], name="audit_subject"),
            models.Index(fields=["by", "at", "id"], name="audit_by"),
            models.Index(fields=["act", "at", "id"], name="audit_act"),
            models.Index(fields=["kind", "at", "id"], name="audit_kind"),
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index("id", name="audit_open", condition=models.Q(place=None)),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"

    @classmethod
    def write(
        cls, act: str, *, by: Any, on: models.Model | str = "", changes: Changes | None = None, why: str = ""
    ) -> "AuditEntry":
        """Add an entry, in the transaction of its cause; what concerns a person is sealed under their key."""
        entry = cls(act=act, by=by, kind=kind_of(act), address=getattr(by, "address", None), subject=subject_of(on))
        said = _said(changes or {})
        person, why = getattr(on, "person_key", None), why or getattr(by, "acts_by", "")
        if person is None:
            entry.why, entry.changes = why, _json(said) if said else ""
        elif said or why:
            entry.person = person
            entry.sealed = PersonKey.objects.of(person).seal(_json({"why": why, "changes": said}), entry.seat)
        entry.save(force_insert=True)
        return entry

    @classmethod
    def write_each(cls, act: str, *, by: Any, of: Sequence[tuple[models.Model, Changes]]) -> None:
        """Add an entry for each of many records of people, as `write` would one by one."""
        why, said = getattr(by, "acts_by", ""), [_said(changes) for _on, changes in of]
        told = {"act": act, "by": by, "kind": kind_of(act), "address": getattr(by, "address", None)}
        people = [on.person_key for on, _changes in of]  # type: ignore[attr-defined]
        keys, entries = PersonKey.objects.of_all(people), []
        for (on, _changes), person, changes in zip(of, people, said, strict=True):
            entry = cls(**told, subject=subject_of(on), person=person)
            entry.sealed = keys[person].seal(_json({"why": why, "changes": changes}), entry.seat)
            entries.append(entry)
        bulk.insert(cls, WRITTEN, [[getattr(each, name) for name in WRITTEN] for each in entries])

    def save(self, **options: Any) -> None:
        """Insert it; an entry that stands is never written again."""
        if not options.get("force_insert"):
            raise AppendOnly(_("The audit trail is append-only: its entries are not changed."))
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: FBT001, FBT002
        """Refuse."""
        raise AppendOnly(_("The audit trail is append-only: its entries are not removed."))

    @property
    def seat(self) -> str:
        """What its sealed part is bound to."""
        return f"accounts_auditentry:{self.at.isoformat()}:{self.act}:{self.subject}:{self.person}"

    def open_with(self, key: PersonKey | None) -> None:
        """Read the sealed part; without the key (the person was erased) nothing of it can be read."""
        text = key.unseal(self.sealed, self.seat) if key and self.sealed is not None else None
        self.told = json.loads(text) if text else {"why": "", "changes": {}}
        self.is_lost = self.sealed is not None and text is None

    @cached_property
    def told(self) -> dict[str, Any]:
        """Its reason and its changes, opened where they are sealed."""
        if self.sealed is None:
            return {"why": self.why, "changes": json.loads(self.changes or "{}")}
        self.open_with(PersonKey.objects.of_each([self.person or 0]).get(self.person or 0))
        return self.told

    @cached_property
    def is_lost(self) -> bool:
        """Tell whether its content went with the key of the person it was about."""
        return self.sealed is not None and not self.told["changes"] and not self.told["why"]


def subject_of(on: models.Model | str) -> str:
    """Name what something is done to: a record by its kind and key."""
    return on if isinstance(on, str) else f"{on._meta.model_name}:{on.pk}"  # noqa: SLF001 - a model's own name


def kind_of(act: str) -> str:
    """Tell an access from a change by the verb of its act."""
    verb = act.rpartition(".")[2]
    if verb in ACCESSES:
        return AuditEntry.Kind.ACCESS
    return AuditEntry.Kind.ENTRY if verb in ENTRIES else AuditEntry.Kind.CHANGE


def _said(changes: Changes) -> dict[str, list[Any]]:
    return {name: [_plain(was), _plain(now)] for name, (was, now) in changes.items() if was != now}


def _plain(value: Any) -> Any:
    """Write a value as JSON can hold it."""
    return value if value is None or isinstance(value, (bool, int, float, str, list)) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
