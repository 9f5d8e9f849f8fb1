"""What imports keep of people outside of their tables: files, rejected rows, reports, former values."""

import datetime as dt
import gzip
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers import lifetimes
from guanxi.customers.family import Person, Words
from guanxi.customers.places import NotYet, Place, Spot, nobody, register, words
from guanxi.guard import uploads
from guanxi.ingest import behaviour
from guanxi.ingest.begin import discard
from guanxi.ingest.collection.masking import plainly
from guanxi.ingest.collection.quarantine import read
from guanxi.ingest.models import (
    Delivery,
    EventSource,
    GoodTold,
    Import,
    ImportChange,
    OrderCall,
    Quarantined,
    SavedPreset,
    SeenEvent,
    SourceHour,
    TakenCall,
    TraitsTold,
    WriteKey,
)
from guanxi.ingest.models.quarantine import QuarantinedQuerySet
from guanxi.ingest.rejects import Rejects
from guanxi.orders.models import Order, Refund

State = Import.State
AT_WORK = (State.CHECKING, State.RUNNING, State.UNDOING)
NOT_BEGUN = (State.DRAFT, State.CHECKED)
HALTED = (State.STOPPED, State.FAILED)
LOGGED = ("customer", "customer_value", "order", "order_value", "refund")
AT_ONCE = 200
BLOCK, OVERLAP = 4 * 1024**2, 1024  # bytes; a multiple of what a letter takes in any encoding
STALE = dt.timedelta(minutes=15)  # an upload that lasts longer was left behind


def declare() -> None:
    """Put it into the register."""
    register(
        Spot(name="import_files", title=gettext_lazy("Files of unfinished imports"), erase=drop_files),
        Spot(name="import_rejects", title=gettext_lazy("Rejected rows of imports"), erase=drop_rejects),
        Spot(name="import_reports", title=gettext_lazy("Reports of imports"), erase=drop_reports),
        Spot(name="quarantine", title=gettext_lazy("Calls in quarantine"), erase=drop_quarantined),
        Spot(name="import_log", title=gettext_lazy("Former values in the undo logs of imports"), erase=drop_former),
    )
    lifetimes.register(
        behaviour.lifetime(),
        lifetimes.Lifetime(
            name="rejects", title=gettext_lazy("Rejected rows and reports of imports"), days=365, order=60,
            text=gettext_lazy("The lists of rows that could not be taken are deleted, and what reports quote of them."),
            count=lambda before: len(_old(before)), listed=_listed, forget=_forget,
        )
    )  # fmt: skip
    nobody("read by spots of their own: import_files, import_rejects, import_reports, import_log", Import, ImportChange)
    lifetimes.register(
        lifetimes.Lifetime(
            name="quarantine", title=gettext_lazy("Calls in quarantine"), days=90, order=65,
            text=gettext_lazy("What sources sent and could not be taken is deleted, with what it says of people."),
            count=lambda before: _waiting(before).count(), listed=_calls,
            forget=lambda before: lifetimes.deleted(_waiting(before)),
        )
    )  # fmt: skip
    nobody("how files are read", SavedPreset)
    nobody("read by a spot of its own: quarantine", Quarantined)
    nobody("where events come from, and the keys by which pages write", EventSource, WriteKey)
    nobody("digests of what was taken, by which nobody is found", TakenCall)
    nobody("names of events and of their fields, and how many there were; no values", SeenEvent, SourceHour)
    nobody("requests that wait moments for the worker, sealed; of who was erased nothing is made of them", Delivery)
    nobody("orders and goods that events tell of, by their numbers", OrderCall, GoodTold)
    register(
        Place(
            model=TraitsTold, title=gettext_lazy("When attributes were told"), whose="", profiles_of=("profile",),
            copied={"at": gettext_lazy("When")},
        )
    )  # fmt: skip


def drop_files(person: Person) -> int:
    """Remove the files of unfinished imports that name the person. NotYet while an import is at work."""
    if Import.objects.filter(state__in=AT_WORK).exists():
        raise NotYet(_("An import is at work; the erasure goes on when it has ended."))
    uploads.sweep(older_than=STALE)
    return sum(_drop(batch) for batch in _naming(person))


def _naming(person: Person) -> Iterator[Import]:
    known = Words(words(person))
    for batch in Import.objects.filter(state__in=(*NOT_BEGUN, *HALTED)).defer("sealed_report"):
        kept = [path for path in batch.folder.rglob("*") if path.is_file() and path.suffix != ".sealed"]
        if kept and any(names(path, known) for path in kept):
            yield batch


def _drop(batch: Import) -> int:
    if batch.state in NOT_BEGUN:
        discard(batch)
        return 1
    for name in ("files", "staged", "aside"):
        shutil.rmtree(batch.folder / name, ignore_errors=True)
    for path in batch.folder.glob("*"):
        if path.is_file() and path.suffix != ".sealed":
            path.unlink()
    said = _("Its files held somebody who was erased, so it cannot go on. Take it back, or bring the file in again.")
    batch.set(state=State.FAILED, error=said)
    return 1


def names(path: Path, known: Words) -> bool:
    """Tell whether a file names a person: in any encoding we read, packed ones too; what cannot be read may."""
    try:
        return any(known.in_text(text) for block in _blocks(path) for text in _texts(block))
    except (OSError, ValueError, BadZipFile, EOFError, zlib.error):
        return True


def _blocks(path: Path) -> Iterator[bytes]:
    """Give the content of a file, unpacked, in blocks that overlap by more than a word."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"PK\x03\x04"):
        with ZipFile(path) as packed:
            for each in packed.infolist():
                with packed.open(each) as member:
                    yield from _read(member)
        return
    with gzip.open(path) if head.startswith(b"\x1f\x8b") else path.open("rb") as file:
        yield from _read(file)


def _read(file: Any) -> Iterator[bytes]:
    kept = b""
    while block := file.read(BLOCK):
        yield kept + block
        kept = block[-OVERLAP:]


def _texts(block: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        yield block.decode(encoding, errors="ignore")


def drop_rejects(person: Person) -> int:
    """Rewrite the lists of rejected rows without those that name the person."""
    known, done = Words(words(person)), 0
    for batch in Import.objects.only("pk"):
        path = batch.folder / "rejected.sealed"
        if not path.exists():
            continue
        rows = list(Rejects(path))
        left = [row for row in rows if not known.in_text(str(row))]
        if len(left) < len(rows):
            draft = Rejects(path.with_suffix(".draft"))
            draft.path.unlink(missing_ok=True)
            draft.add(left)
            draft.path.touch()
            draft.path.replace(path)
            done += len(rows) - len(left)
    return done


def drop_reports(person: Person) -> int:
    """Leave the person out of what imports found and of the errors they ended with."""
    known, done = Words(words(person)), 0
    for batch in Import.objects.exclude(sealed_report=None, error="").iterator(chunk_size=AT_ONCE):
        report, error = known.without(batch.report), known.without(batch.error)
        if report != batch.report or error != batch.error:
            batch.set(report=report, error=error)
            done += 1
    return done


def drop_former(person: Person) -> int:
    """Take the former values of the person, their orders and refunds out of the undo logs."""
    whose = {name: set(person.customers) for name in ("customer", "customer_value")}
    orders = set(Order.objects.filter(customer__in=person.customers).values_list("pk", flat=True))
    refunds = set(Refund.objects.filter(customer__in=person.customers).values_list("pk", flat=True))
    whose |= {"order": orders, "order_value": orders, "refund": refunds}
    done = 0
    for change in ImportChange.objects.exclude(changed=[]).iterator(chunk_size=AT_ONCE):
        left = [each for each in change.changed if not _is_of(each, whose)]
        if len(left) < len(change.changed):
            done += len(change.changed) - len(left)
            ImportChange.objects.filter(pk=change.pk).update(changed=left)
    return done


def _is_of(former: dict[str, Any], whose: dict[str, set[int]]) -> bool:
    return any(former.get(name) in whose[name] for name in LOGGED)


def drop_quarantined(person: Person) -> int:
    """Drop the calls in quarantine that name the person, however they were spelled; what cannot be read may."""
    known, done = Words(words(person)), 0
    for call in Quarantined.objects.iterator(chunk_size=AT_ONCE):
        sent = call.sent
        if read(sent) is None or known.in_text(plainly(sent)):
            done += call.delete()[0]
    return done


def _waiting(before: dt.datetime) -> QuarantinedQuerySet:
    return Quarantined.objects.filter(received_at__lt=before)


def _calls(before: dt.datetime, most: int) -> list[tuple[str, str]]:
    found = _waiting(before).order_by("pk").defer("sealed")[:most]
    return [(each.title, reverse("quarantined", args=[each.pk])) for each in found]


def _old(before: dt.datetime) -> list[Import]:
    ended = Import.objects.filter(finished_at__lt=before, state__in=(State.DONE, State.UNDONE, State.CANCELLED))
    return [each for each in ended if each.sealed_report or (each.folder / "rejected.sealed").exists()]


def _listed(before: dt.datetime, most: int) -> list[tuple[str, str]]:
    return [(", ".join(each.file_names), reverse("import", args=[each.pk])) for each in _old(before)[:most]]


def _forget(before: dt.datetime) -> int:
    found = _old(before)
    for each in found:
        (each.folder / "rejected.sealed").unlink(missing_ok=True)
        Import.objects.filter(pk=each.pk).update(sealed_report=None)
    return len(found)
