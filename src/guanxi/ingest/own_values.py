"""What files say in the shop's own fields, written with the records they tell of, and taken back with them.

A file fills what is empty and changes what an import wrote; what a person of the shop wrote stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanxi.core import bulk
from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, CustomerValue, SourceProfile
from guanxi.guard.sealing import unseal
from guanxi.ingest.own import SHELVES, Own, declared
from guanxi.orders.models import Order
from guanxi.shop import kinds
from guanxi.shop.fields import Shelf
from guanxi.shop.kinds import Kept
from guanxi.shop.models import CustomField, FieldValue
from guanxi.warehouse.models import ranges

FORMER = ("id", "nth", "word", "number", "long", "import_id")
COLUMNS = ("field_id", "nth", "word", "number", "long", "sealed", "import_id")
CREATED = {"customers": "values", "orders": "order_values"}  # as the undo log names new rows
LOGGED = {"customers": "customer_value", "orders": "order_value"}  # and whose former values it keeps
RECORDS: Mapping[str, Any] = {"customers": Customer, "orders": Order}
Standing = Mapping[tuple[int, int], Sequence[FieldValue]]


@dataclass
class Written:
    """What was written of the shop's own fields: the new rows, and what stood there before, for the undo log."""

    subject: str
    created: Sequence[int] = ()
    owners: set[int] = field(default_factory=set)
    former: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ranges(self) -> dict[str, list[list[int]]]:
        """The new rows as the undo log keeps them."""
        return {CREATED[self.subject]: ranges(self.created)} if self.created else {}


def write(subject: str, told: Mapping[int, Own], *, import_id: int, fresh: bool = False) -> Written:
    """Write what is said of some records, whose keys these are; a few questions, however many they are.

    Of `fresh` ones nothing is known yet, and nothing is looked up.
    """
    done, known, shelf = Written(subject), declared(subject), SHELVES[subject]
    there = {} if fresh else _standing(shelf, told, known)
    rows: list[FieldValue] = []
    whence = _whence(subject, told, import_id)
    for owner, own in told.items():
        for name, kept in own.items():
            before = there.get((owner, known[name].pk), ())
            if _stays(shelf, before, kept, known[name]):
                continue
            done.owners.add(owner)
            if before:
                aside = _aside(before, whence(owner))
                mine = [row for row in before if row.pk not in aside]
                done.former.append(_former(subject, owner, known[name], mine) | ({"aside": aside} if aside else {}))
            rows += (shelf.row(owner, known[name], nth, each, **whence(owner)) for nth, each in enumerate(kept))
    _delete(shelf, ((each[LOGGED[subject]], each["field"]) for each in done.former))
    done.created = _insert(shelf, rows)
    return done


def changes(subject: str, told: Mapping[int, Own]) -> dict[int, dict[str, tuple[str, str]]]:
    """Say what a file would change of each of some records: what stands there, and what would; masked if personal."""
    known, shelf = declared(subject), SHELVES[subject]
    there = _standing(shelf, told, known)
    found: dict[int, dict[str, tuple[str, str]]] = {owner: {} for owner in told}
    for owner, own in told.items():
        for name, kept in own.items():
            before = there.get((owner, known[name].pk), ())
            if not _stays(shelf, before, kept, known[name]):
                texts = _texts(shelf, known[name], before), [each.text for each in kept]
                shown = [kinds.masked(t) if known[name].is_personal else kinds.shown(known[name], t) for t in texts]
                found[owner][name] = (shown[0], shown[1])
    return found


def put_back(subject: str, log: Mapping[str, Any], *, import_id: int) -> bool:
    """Give a record the values it had before an import; False where somebody wrote others since, or it is gone."""
    shelf, owner = SHELVES[subject], log[LOGGED[subject]]
    whose = {f"{shelf.owner}_id": owner, "field_id": log["field"]}
    rows = shelf.model._default_manager  # noqa: SLF001
    rows.filter(**whose, import_id=import_id).delete()
    if not RECORDS[subject].objects.filter(pk=owner).exists() or rows.filter(**whose).exists():
        return False
    for each in CustomerValue.objects.filter(pk__in=log.get("aside", ()), profile__customer=owner).order_by("pk"):
        each.move(owner)
    for row in log["rows"]:  # under their former keys, by which the import that wrote them takes them back
        sealed = bytes.fromhex(row["sealed"]) if row["sealed"] else None
        rows.create(**whose, sealed=sealed, **{name: row[name] for name in (*FORMER, "profile_id") if name in row})
    if subject == "customers" and not rows.filter(**whose).exists():
        _seat_again(owner, log["field"])
    return True


def take_back(subject: str, ids: Sequence[int], *, import_id: int) -> int:
    """Remove what an import wrote where there was nothing; what somebody wrote since has another key."""
    rows = SHELVES[subject].model._default_manager.filter(pk__in=ids, import_id=import_id)  # noqa: SLF001
    return int(rows.delete()[0])


def _whence(subject: str, owners: Iterable[int], import_id: int) -> Any:
    """Say what stands on the rows of each record: the import, and of people the profile of the house."""
    if subject != "customers":
        return lambda _owner: {"import_id": import_id}
    houses = dict(SourceProfile.objects.filter(home__in=list(owners)).values_list("home", "pk"))
    return lambda owner: {"import_id": import_id, "profile_id": houses.get(owner)}


def _standing(shelf: Shelf, owners: Iterable[int], known: Mapping[str, CustomField]) -> Standing:
    rows = shelf.model._default_manager.filter(  # noqa: SLF001
        **{f"{shelf.owner}__in": list(owners)}, field__in=[each.pk for each in known.values()]
    )
    found: dict[tuple[int, int], list[FieldValue]] = {}
    for row in rows.order_by("field", "nth"):
        found.setdefault((_owner(shelf, row), row.field_id), []).append(row)
    return found


def _owner(shelf: Shelf, row: FieldValue) -> int:
    return int(getattr(row, f"{shelf.owner}_id"))


def _stays(shelf: Shelf, before: Sequence[FieldValue], kept: Sequence[Kept], of: CustomField) -> bool:
    """Tell whether what stands there stays: written by a person, or the same."""
    if any(row.import_id is None for row in before):
        return True
    return _texts(shelf, of, before) == [each.text for each in kept]


def _texts(shelf: Shelf, of: CustomField, rows: Sequence[FieldValue]) -> list[str]:
    if of.is_personal and rows:
        return [unseal(bytes(row.sealed or b""), shelf.place(_owner(shelf, row), of.pk)) for row in rows]
    return [kinds.text_of(of, (row.word, row.number, row.long)) for row in rows]


def _former(subject: str, owner: int, of: CustomField, rows: Sequence[FieldValue]) -> dict[str, Any]:
    told = [
        {
            **{name: getattr(row, name) for name in FORMER},
            **({"profile_id": row.profile_id} if isinstance(row, CustomerValue) else {}),
            "sealed": bytes(row.sealed).hex() if row.sealed else "",
        }
        for row in rows
    ]
    return {LOGGED[subject]: owner, "field": of.pk, "rows": told}


def _aside(before: Sequence[FieldValue], whence: Mapping[str, Any]) -> list[int]:
    """Have what another identity of a person said wait until an unmerge; gives the rows."""
    others = [row for row in before if isinstance(row, CustomerValue) and row.profile_id]
    others = [row for row in others if row.profile_id != whence.get("profile_id")]
    homes = dict(SourceProfile.objects.filter(pk__in=[row.profile_id for row in others]).values_list("pk", "home"))
    for row in others:
        home = homes[row.profile_id or 0]
        row.move(home if home != row.customer_id else None)
    return [row.pk for row in others]


def _seat_again(owner: int, of: int) -> None:
    """Have what a person's own identity said before it was merged stand again where nothing else does any more."""
    waiting = CustomerValue.objects.filter(profile__home=owner, profile__customer=owner, field=of, customer=None)
    for row in {row.nth: row for row in waiting.order_by("pk")}.values():
        row.move(owner)


def _insert(shelf: Shelf, rows: Sequence[FieldValue]) -> Sequence[int]:
    if not rows:
        return ()
    ids = list(reserve(shelf.model, len(rows)))
    of_people = ("profile_id",) if hasattr(rows[0], "profile_id") else ()
    names = (*COLUMNS, f"{shelf.owner}_id", *of_people)
    told = [(pk, *(getattr(row, name) for name in names)) for pk, row in zip(ids, rows, strict=True)]
    bulk.insert(shelf.model, ("id", *names), told)
    return ids


def _delete(shelf: Shelf, pairs: Iterable[tuple[int, int]]) -> None:
    by_field: dict[int, list[int]] = {}
    for owner, of in pairs:
        by_field.setdefault(of, []).append(owner)
    for of, owners in by_field.items():
        shelf.model._default_manager.filter(**{"field": of, f"{shelf.owner}__in": owners}).delete()  # noqa: SLF001
