"""Where the values of a shop's own fields are kept, read and written: the same for customers as for orders."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.guard.sealing import seal, unseal
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.once import once
from guanxi.shop import kinds
from guanxi.shop.kinds import Kept
from guanxi.shop.models import CustomField, FieldValue

SEE, REVEAL = "personal.fields.see", "personal.fields.reveal"
Texts = dict[int, list[str]]  # what one record says, by the key of the field


class FieldMoved(Refused):
    """Somebody else wrote another value into the field meanwhile."""


@once
def in_force() -> list[CustomField]:
    """Give every field that is not retired, in the order of the pages."""
    return list(CustomField.objects.in_force().in_order())


def fields_of(subject: str) -> list[CustomField]:
    """Give the fields of one subject."""
    return [each for each in in_force() if each.subject == subject]


@dataclass(frozen=True)
class Shelf:
    """Where the values of one subject stand: its model, and the name of whose they are."""

    subject: str
    model: type[FieldValue]
    owner: str

    def texts(self, owners: Collection[int], fields: Iterable[CustomField]) -> dict[int, Texts]:
        """Read what some records say in some fields, as the texts by which values travel; in one question."""
        known = {field.pk: field for field in fields}
        if not owners or not known:
            return {}
        rows = self.model._default_manager.filter(**{f"{self.owner}__in": owners}, field__in=known)  # noqa: SLF001
        found: dict[int, Texts] = defaultdict(lambda: defaultdict(list))
        columns = (f"{self.owner}_id", "field_id", "word", "number", "long", "sealed")
        for owner, pk, word, number, long, sealed in rows.order_by("field", "nth").values_list(*columns):
            text = unseal(sealed, self.place(owner, pk)) if sealed else kinds.text_of(known[pk], (word, number, long))
            found[owner][pk].append(text)
        return found

    def text(self, record: models.Model, field: CustomField) -> list[str]:
        """Read what one record says in one field."""
        return self.texts([record.pk], [field]).get(record.pk, {}).get(field.pk, [])

    def place(self, owner: int, field: int) -> str:
        """Name the place where a personal value stands."""
        return self.model.place(owner, field)

    def narrowed(self, rows: Any, field: CustomField, of: Mapping[str, Any]) -> Any:
        """Keep the records one of whose values is so: few are looked for by their index, many are met on the way."""
        meant = self.meaning(field, of)
        if meant.order_by()[MOST_COUNTED : MOST_COUNTED + 1].exists():
            return rows.filter(Exists(self.looked_up(field, of).filter(**{self.owner: OuterRef("pk")})))
        return rows.filter(pk__in=meant.values(self.owner))

    def meaning(self, field: CustomField, of: Mapping[str, Any]) -> Any:
        """Give the values of a field that are so, by the index of what they say."""
        return self.model._default_manager.filter(field=field, **of)  # noqa: SLF001

    def looked_up(self, field: CustomField, of: Mapping[str, Any]) -> Any:
        """Give the values of a field that are so, to be looked up of one record after the other.

        A range of numbers is asked of what the record says: SQLite would read all of the range for each record.
        """
        told = {name.replace("number__", "said__"): value for name, value in of.items()}
        if told == of:
            return self.meaning(field, of)
        rows = self.model._default_manager.annotate(said=F("number") + 0, of=F("field") + 0)  # noqa: SLF001
        return rows.filter(of=field.pk, **told)

    @transaction.atomic
    def write(
        self, record: Any, field: CustomField, told: Sequence[str], *, by: Staff | None, seen: str | None = None
    ) -> bool:
        """Write what a record says in a field; says whether that was anything new. BadValue where it does not fit.

        Where the editor says what they saw, FieldMoved keeps what somebody else wrote since.
        """
        kept = kinds.read(field, told)
        type(record)._default_manager.select_for_update().get(pk=record.pk)  # noqa: SLF001 - a second editor waits here
        was, texts = self.text(record, field), [each.text for each in kept]
        if was == texts:
            return False
        if seen is not None and seen != fingerprint(record, field, was):
            told_now = kinds.masked(was) if field.is_personal else kinds.shown(field, was)
            said = _("Somebody else changed this meanwhile; it is “%(now)s” now. Save again to write yours.")
            raise FieldMoved(said % {"now": told_now})
        self.put(record.pk, field, kept, profile=getattr(record, "house_profile", None))
        self._tell(record, field, (was, texts), by)
        return True

    def begin(self, told: Sequence[tuple[Any, Mapping[CustomField, Sequence[str]]]], *, by: Staff) -> None:
        """Write what new records say, of which nothing is known yet: all values in one statement."""
        rows, acts = [], list[tuple[Any, Mapping[str, tuple[Any, Any]]]]()
        for record, texts in ((record, texts) for record, texts in told if any(texts.values())):
            rows += self._rows(record, texts)
            acts.append((record, {f"own.{f.name}": (None, _audited(f, each)) for f, each in texts.items() if each}))
        if acts:
            self.model._default_manager.bulk_create(rows)  # noqa: SLF001
            AuditEntry.write_each(f"{self.subject}.field_written", by=by, of=acts)

    def _rows(self, record: Any, texts: Mapping[CustomField, Sequence[str]]) -> list[FieldValue]:
        profile = getattr(record, "house_profile", None)
        whence = {} if profile is None else {"profile": profile}
        return [
            self.row(record.pk, field, nth, kept, **whence)
            for field, each in texts.items()
            for nth, kept in enumerate(kinds.read(field, each))
        ]

    def put(
        self, owner: int, field: CustomField, kept: Sequence[Kept], *, profile: Any = None, import_id: int | None = None
    ) -> None:
        """Have these values stand, and no others."""
        self.model.clear({self.owner: owner, "field": field}, profile=profile)
        whence = {"import_id": import_id} | ({} if profile is None else {"profile": profile})
        self.model._default_manager.bulk_create(  # noqa: SLF001
            self.row(owner, field, nth, each, **whence) for nth, each in enumerate(kept)
        )

    def row(self, owner: int, field: CustomField, nth: int, kept: Kept, **whence: Any) -> FieldValue:
        """Make one row, sealed where the field is personal."""
        told: dict[str, Any] = {"word": kept.word, "number": kept.number, "long": kept.long}
        if field.is_personal:
            told = {"sealed": seal(kept.text, self.place(owner, field.pk))}
        return self.model(**{f"{self.owner}_id": owner}, field=field, nth=nth, **whence, **told)

    def _tell(self, record: Any, field: CustomField, change: tuple[list[str], list[str]], by: Staff | None) -> None:
        """Write it into the trail, a personal value masked, and into the stream where the record has one."""
        was, now = (_audited(field, each) or None for each in change)
        changes: Mapping[str, tuple[Any, Any]] = {f"own.{field.name}": (was, now)}
        AuditEntry.write(f"{self.subject}.field_written", by=by, on=record, changes=changes)
        if hasattr(record, "record"):
            record.record("Customer Updated", fields=[f"own.{field.name}"], by=by and by.pk)


def _audited(field: CustomField, texts: Sequence[str]) -> str:
    """Write a value for the trail, a personal one masked."""
    return kinds.masked(texts) if field.is_personal else _(", ").join(texts)


def fingerprint(record: models.Model, field: CustomField, texts: Sequence[str]) -> str:
    """Tell one value from others without telling what it is."""
    key = f"{field.subject}|{record.pk}|{field.pk}|" + "\x1f".join(texts)
    return salted_hmac("guanxi.shop.fields", key).hexdigest()[:20]


def said(field: CustomField, texts: Sequence[str], *, reader: Any) -> str:
    """Write a value for one reader: masked where it is personal, nothing where the role does not see it."""
    if not texts or (field.is_personal and not reader.may(SEE)):
        return ""
    return kinds.masked(texts) if field.is_personal else kinds.shown(field, texts)


_shelves: dict[str, Shelf] = {}


def register(shelf: Shelf) -> None:
    """Say where the values of a subject stand; called in `AppConfig.ready()`."""
    _shelves[shelf.subject] = shelf


def filled(field: CustomField) -> int:
    """Count the records that say something in a field, as far as lists count."""
    shelf = _shelves[field.subject]
    rows = shelf.model._default_manager.filter(field=field, nth=0)  # noqa: SLF001
    return int(rows.order_by()[: MOST_COUNTED + 1].count())


def in_use(field: CustomField, keys: Collection[str]) -> list[str]:
    """Name which of some choices a record has taken."""
    if field.is_personal or not keys:
        return []
    rows = _shelves[field.subject].model._default_manager.filter(field=field)  # noqa: SLF001
    return [key for key in keys if rows.filter(word=key).exists()]
