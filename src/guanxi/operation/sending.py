"""Whether anything may be sent: whatever sends calls `check()` before it does.

The book remembers the fingerprint of the place it ran in. Found in another place it is a copy, and a copy must not
write to customers a second time: all sending pauses until a person confirms that this is the shop that sends.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from time import monotonic

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.operation.errors import SendingPaused
from guanxi.operation.models import Fingerprint, Pause

MACHINE = Path("/etc/machine-id")
HELD_SECONDS = 5.0
_held: list[tuple[float, Pause | None]] = []


def fingerprint(directory: Path | None = None) -> str:
    """Name the place the book lies in: machine, directory and file, or the database of a PostgreSQL cluster.

    `directory` is where the file will lie, for one that is moved there later.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "select system_identifier, (select oid from pg_database where datname = current_database()) "
                "from pg_control_system()"
            )
            place = list(cursor.fetchone())
    else:
        book = Path(connection.settings_dict["NAME"]).resolve()
        place = [MACHINE.read_text().strip() if MACHINE.exists() else "", directory or book.parent, book.stat().st_ino]
    return hashlib.sha256("|".join(map(str, place)).encode()).hexdigest()


def settle() -> Pause | None:
    """Look whether the book is where it was, pause where it is not, and give the pause that lasts."""
    known, created = Fingerprint.objects.get_or_create(pk=1, defaults={"value": fingerprint()})
    if not created and known.value != fingerprint():
        pause(Pause.Reason.COPIED)
    return Pause.objects.open().first()


@lru_cache(maxsize=1)
def _settled() -> None:
    settle()


def check() -> None:
    """Raise SendingPaused while nothing may be sent."""
    _settled()
    if Pause.objects.open().exists():
        raise SendingPaused(_("Sending is paused. An owner can end the pause on the page Jobs."))


@transaction.atomic
def pause(reason: Pause.Reason, *, by: Staff | None = None) -> None:
    """Pause all sending; does nothing where it is paused."""
    Pause.objects.bulk_create([Pause(reason=reason, by=by)], ignore_conflicts=True)
    if by is not None:
        AuditEntry.write("operation.sending_paused", by=by, on="operation:sending")
    forget()


@transaction.atomic
def resume(*, by: Staff | None = None) -> None:
    """Let everything be sent again, from here: this is where the book belongs now."""
    Pause.objects.open().update(ended_at=timezone.now(), ended_by=by)
    settle_here()
    if by is not None:
        AuditEntry.write("operation.sending_resumed", by=by, on="operation:sending")
    forget()


def settle_here(directory: Path | None = None) -> None:
    """Remember this place as the book's."""
    found = {"value": fingerprint(directory and directory.resolve()), "seen_at": timezone.now()}
    Fingerprint.objects.update_or_create(pk=1, defaults=found)


def shown() -> Pause | None:
    """Give the pause that lasts, as of some seconds ago: every page asks."""
    if not _held or monotonic() - _held[0][0] > HELD_SECONDS:
        remember(Pause.objects.open().first())
    return _held[0][1]


def remember(pause: Pause | None) -> None:
    """Know for the next seconds how it stands."""
    _held[:] = [(monotonic(), pause)]


def forget() -> None:
    """Have the next page look again."""
    _held.clear()
