"""Restoring a backup: into an empty home, proven before it is put in place, with all sending paused afterwards."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from guanxi.accounts.models import Session
from guanxi.core.jobs.lease import Lease
from guanxi.guard import sealing
from guanxi.operation import archive, bookcopy, rooms, schema, sending, tables
from guanxi.operation.backup import FACTS, FOLDERS
from guanxi.operation.errors import BadBackup, InTheWay, NotTheSame
from guanxi.operation.models import Pause
from guanxi.warehouse import copies, lake, place, rebuild
from guanxi.warehouse.lake import LakeBroken

MARK = "restore-in-progress"  # a home that a restore was killed in; the next one clears it and begins anew
PLACED = ("master.key", *FOLDERS)
Tell = Callable[[str], None]


def examine(path: Path, *, passphrase: str = "", tell: Tell = lambda _sentence: None) -> dict[str, Any]:
    """Try a backup out without touching anything: unpack it, compare every checksum, prove and count the book."""
    begun = monotonic()
    with rooms.stage("restore") as stage:
        tell("Unpacking")
        head = archive.read(path, passphrase, stage)
        facts = _facts(stage)
        _prove(head, facts, stage)
    return _told(head, facts, begun) | {"lake": facts["lake"] is not None}


def restore(path: Path, *, passphrase: str = "", tell: Tell = lambda _sentence: None) -> dict[str, Any]:
    """Put a backup into this home, which has to be empty, and say what came back."""
    begun = monotonic()
    head = archive.head(path, passphrase)
    _check_fits(head)
    _check_empty()
    rooms.check(Path(settings.HOME), path.stat().st_size)
    with rooms.stage("restore") as stage:
        tell("Unpacking")
        archive.read(path, passphrase, stage)
        facts = _facts(stage)
        tell("Checking")
        _prove(head, facts, stage)
        _check_key(facts, stage)
        tell("Putting it in place")
        lake_is_whole = _place(head, facts, stage, tell)
    return _told(head, facts, begun) | {"lake": lake_is_whole, "sending": "paused"}


def _told(head: dict[str, Any], facts: dict[str, Any], begun: float) -> dict[str, Any]:
    counted = {"tables": len(facts["tables"]), "rows": sum(facts["tables"].values())}
    made = {"made_at": head["made_at"], "guanxi": head["guanxi"]}
    return made | counted | {"seconds": round(monotonic() - begun, 1)}


def _check_fits(head: dict[str, Any]) -> None:
    """A file of SQLite goes into SQLite, rows of PostgreSQL into PostgreSQL, and neither into an older program."""
    if head["vendor"] != connection.vendor:
        raise BadBackup(
            "The backup is of a book on PostgreSQL: name an empty database in GUANXI_DATABASE_URL."
            if head["vendor"] == "postgresql"
            else "The backup is of a book on SQLite: restore it without GUANXI_DATABASE_URL, then move it."
        )
    schema.check_known(head["migrations"])


def _check_empty() -> None:
    """Raise InTheWay where anything is here that would be lost; what a killed restore left is removed."""
    home = Path(settings.HOME)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            if tables.names(cursor):
                raise InTheWay("The database holds tables already. Restore into an empty one.")
    elif _holds_tables(home / bookcopy.NAME):
        raise InTheWay(f"{home} holds a book already. Restore into an empty home.")
    if (home / MARK).exists():
        for path in (home / name for name in PLACED):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        copies.clear()
    there = [path for path in (*(home / name for name in PLACED), lake.home()) if rooms.size_of(path)]
    if there:
        raise InTheWay(f"{there[0]} is there already. Restore into an empty home.")
    if place.is_bucket() and copies.size():
        raise InTheWay(f"{settings.LAKE} holds files already. Name another place in GUANXI_LAKE, or empty that one.")


def _holds_tables(book: Path) -> bool:
    if not book.exists():
        return False
    with closing(sqlite3.connect(book)) as opened:
        return bool(opened.execute("select count(*) from sqlite_master").fetchone()[0])


def _facts(stage: Path) -> dict[str, Any]:
    if not (stage / FACTS).exists():
        raise BadBackup("The backup says nothing of what it holds.")
    found: dict[str, Any] = json.loads((stage / FACTS).read_text())
    return found


def _prove(head: dict[str, Any], facts: dict[str, Any], stage: Path) -> None:
    """Compare what came out with what went in."""
    if head["vendor"] == "sqlite":
        found = bookcopy.check(stage / bookcopy.NAME)
        odd = sorted(name for name in facts["tables"].keys() | found if facts["tables"].get(name) != found.get(name))
    else:
        odd = sorted(name for name in facts["tables"] if not (stage / "book" / name).exists())
    if odd:
        raise NotTheSame(f"The table {odd[0]} is not as it was when the backup was taken.")


def _check_key(facts: dict[str, Any], stage: Path) -> None:
    """Make sure that what is sealed in the book can be opened."""
    given, kept = os.environ.get("GUANXI_MASTER_KEY", ""), stage / "home" / "master.key"
    if not given and not kept.exists():
        raise BadBackup("The backup has no master key. Name that of the installation in GUANXI_MASTER_KEY.")
    if not set(facts["master_key"]) <= set(sealing.key_ids(given or kept.read_text())):
        raise BadBackup("GUANXI_MASTER_KEY is not the key that sealed this book. Name the right one.")


def _place(head: dict[str, Any], facts: dict[str, Any], stage: Path, tell: Tell) -> bool:
    """Put everything in its place, the book last: before it is there, nothing can be taken for a shop."""
    home = Path(settings.HOME)
    (home / MARK).touch()
    if connection.vendor == "postgresql":
        _place_files(stage / "home", home)
        bookcopy.put_rows_back(facts | {"migrations": head["migrations"]}, stage)
        whole = _settle(facts, stage, tell)
    else:
        with bookcopy.opened(stage / bookcopy.NAME):
            whole = _settle(facts, stage, tell)
        _place_files(stage / "home", home)
        for ending in ("-wal", "-shm"):
            (home / (bookcopy.NAME + ending)).unlink(missing_ok=True)
        (stage / bookcopy.NAME).replace(home / bookcopy.NAME)
    (home / MARK).unlink()
    return whole


def _place_files(source: Path, home: Path) -> None:
    for path in sorted(source.iterdir()) if source.exists() else ():
        target = home / path.name
        shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
        shutil.move(path, target)


def _settle(facts: dict[str, Any], stage: Path, tell: Tell) -> bool:
    """Bring the book up to date and make it a restored one: nothing is sent, nobody is signed in, nothing is held."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True, without_backup=True)
    sending.pause(Pause.Reason.RESTORED)
    sending.settle_here(Path(settings.HOME))
    Lease.objects.all().delete()
    Session.objects.all().delete()
    return _settle_lake(facts, stage, tell)


def _settle_lake(facts: dict[str, Any], stage: Path, tell: Tell) -> bool:
    if facts["lake"] is not None:
        try:
            copies.show(copies.put_back(facts["lake"], stage / "lake"))
        except LakeBroken as error:
            tell(str(error))
            copies.clear()
        else:
            return True
    copies.show({})
    rebuild.begin()
    tell("The lake is made anew from the book, by the next sync.")
    return False
