"""What of privacy is done from the command line: `customers export ID`, `customers erase ID`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.accounts.models import AuditEntry
from guanxi.customers.models import Customer
from guanxi.customers.verbs import Verb
from guanxi.privacy import copying
from guanxi.privacy.erasing import erase
from guanxi.privacy.models import Erasure, NotErasable, Reason

Note = Callable[[str], None]
WHY = "command line"


def export(*, id: str, file: Path | None, note: Note, **_more: Any) -> dict[str, Any]:  # noqa: A002 - the word of the command
    """Write everything about one person into a new file."""
    customer = _found(id)
    path = (file or Path(f"{customer.public_id}.zip")).absolute()
    if path.exists():
        raise NotErasable(f"{path} is there already. Name another file.")
    found = copying.told_of(customer)
    rows = sum(len(each.rows) for each in found)
    AuditEntry.write("customer.exported", by=None, on=customer, changes={"rows": (None, rows)}, why=WHY)
    copying.write(path, found, customer)
    note("The file holds everything in the clear. Delete it when it was handed over.")
    return {"file": str(path), "customer": customer.public_id, "rows": rows}


def erase_one(*, id: str, yes: bool, note: Note, **_more: Any) -> dict[str, Any]:  # noqa: A002 - as above
    """Erase one person for good; at a terminal their number is typed once more."""
    erasure = _begun(id) or _begin(_found(id), yes=yes, note=note)
    is_over = erase(erasure, wait=None, at_once=True)
    erasure.refresh_from_db()
    note("Erased. Backups taken before still hold the person." if is_over else erasure.waits_for)
    return {
        "customer": erasure.public_id,
        "erasure": erasure.pk,
        "is_over": is_over,
        "waits_for": erasure.waits_for,
        "rows": sum(erasure.counts.values()),
        "counts": erasure.counts,
    }


def _begin(customer: Customer, *, yes: bool, note: Note) -> Erasure:
    if not yes and sys.stdin.isatty():
        note(f"This cannot be undone. Type {customer.public_id} to erase this customer:")
        if sys.stdin.readline().strip().casefold() != customer.public_id.casefold():
            raise NotErasable("Another number was typed; nobody was erased.")
    return Erasure.ask(customer.pk, reason=Reason.ASKED)


def _begun(word: str) -> Erasure | None:
    """Find an erasure that was cut short: its customer may be gone already."""
    return Erasure.objects.unfinished().filter(customer=Customer.key_of(word) or 0).first()


def _found(word: str) -> Customer:
    customer = Customer.objects.filter(pk=Customer.key_of(word) or 0).first()
    if customer is None:
        raise NotErasable(f"There is no customer {word}. Give a number such as cus_9WDVSQ5ZMMZ0N.")
    return customer


def _one(parser: CommandParser) -> None:
    parser.add_argument("id", metavar="ID", help="the customer's number, such as cus_9WDVSQ5ZMMZ0N")


def _exported(parser: CommandParser) -> None:
    _one(parser)
    parser.add_argument("file", nargs="?", type=Path, help="the file to write; named by the customer unless given")


def _erased(parser: CommandParser) -> None:
    _one(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask for the number once more")


VERBS = (
    Verb(name="export", help="write everything about one customer into a file", run=export, arguments=_exported),
    Verb(name="erase", help="erase one customer for good", run=erase_one, arguments=_erased),
)
