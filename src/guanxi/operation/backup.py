"""Backups: book, lake, files and keys in one file, taken while everything runs, and proven by reading it back.

The book is copied first, then the lake's files are linked, both under the lease of the lake's sync: so the lake holds
what the book believes it to hold. Files of imports follow; they are there before a row speaks of them.
"""

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from guanxi import __version__
from guanxi.guard import sealing
from guanxi.operation import archive, bookcopy, rooms, schema
from guanxi.operation.errors import InTheWay
from guanxi.warehouse import copies, lake, place, sync
from guanxi.warehouse.place import LakeAway

KEYS = ("master.key", "secret.key")
FOLDERS = ("imports", "media")
FACTS = "facts.json"
DIARY = "backups.jsonl"
COPYING, PACKING, READING = "Copying the book", "Packing", "Reading it back"
Tell = Callable[[str], None]


def back_up(path: Path, *, passphrase: str = "", tell: Tell = lambda _sentence: None) -> dict[str, Any]:
    """Write a backup to `path`, a new file or a folder, and say what is in it."""
    begun = monotonic()
    path = (path / f"guanxi-{timezone.now():%Y-%m-%dT%H%M%SZ}.backup" if path.is_dir() else path).absolute()
    _check_free(path)
    draft = path.with_name(f".{path.name}.part")
    rooms.sweep(path.parent, ".*.backup.part")
    draft.unlink(missing_ok=True)
    try:
        with rooms.stage("backup") as stage:
            facts = _staged(stage, tell)
            tell(PACKING)
            _pack(draft, passphrase, stage, facts)
        tell(READING)
        archive.read(draft, passphrase)
        rooms.kept(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    told = _told(path, facts, sealed=bool(passphrase)) | {"seconds": round(monotonic() - begun, 1)}
    with (Path(settings.HOME) / DIARY).open("a") as file:
        file.write(json.dumps(told) + "\n")
    return told


def _check_free(path: Path) -> None:
    if path.exists():
        raise InTheWay(f"{path} is there already. Name another file, or a folder.")
    if not path.parent.is_dir():
        raise InTheWay(f"There is no folder {path.parent}. Make it first.")
    book, files = rooms.size_of_book(), sum(rooms.size_of(_home() / name) for name in FOLDERS)
    figures = _size_of_lake()
    rooms.check(_home(), book + (figures if place.is_bucket() else 0))
    rooms.check(path.parent, book + files + figures)


def _size_of_lake() -> int:
    try:
        return copies.size()
    except LakeAway:  # it will not be in the backup, which says so
        return 0


def _home() -> Path:
    return Path(settings.HOME)


def _staged(stage: Path, tell: Tell) -> dict[str, Any]:
    """Copy what changes, all as of one moment."""
    with contextlib.suppress(LakeAway, lake.LakeBroken):
        copies.prepare()
    with sync.alone(note=tell):
        tell(COPYING)
        facts = bookcopy.take(stage) | {"migrations": schema.applied(), "master_key": sealing.key_ids()}
        facts["lake"] = _lake(stage / "lake", tell)
    return facts


def _lake(into: Path, tell: Tell) -> list[dict[str, Any]] | None:
    """Link the lake's files; without a whole lake the backup is whole all the same, for the book makes it anew."""
    try:
        return copies.take(into)
    except (LakeAway, lake.LakeBroken) as error:
        tell(str(error))
        return None


def _pack(draft: Path, passphrase: str, stage: Path, facts: dict[str, Any]) -> None:
    head = {
        "guanxi": __version__,
        "vendor": connection.vendor,
        "made_at": timezone.now(),
        "migrations": facts["migrations"],
    }
    with archive.written(draft, passphrase, head) as writer:
        writer.tell(FACTS, facts)
        for path in _files(stage):
            if facts["lake"] is not None or not path.is_relative_to(stage / "lake"):
                writer.add(path.relative_to(stage).as_posix(), path)
        for path in (_home() / name for name in KEYS):
            if path.exists():
                writer.add(f"home/{path.name}", path)
        for path in (path for name in FOLDERS for path in _files(_home() / name)):
            writer.add(f"home/{path.relative_to(_home()).as_posix()}", path)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _told(path: Path, facts: dict[str, Any], *, sealed: bool) -> dict[str, Any]:
    return {
        "file": str(path),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "guanxi": __version__,
        "bytes": path.stat().st_size,
        "sealed": sealed,
        "tables": len(facts["tables"]),
        "rows": sum(facts["tables"].values()),
        "lake": facts["lake"] is not None,
    }


def diary() -> list[dict[str, Any]]:
    """Tell of the backups taken from this home, the oldest first."""
    path = _home() / DIARY
    lines = path.read_text().split("\n") if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def last() -> dict[str, Any] | None:
    """Tell of the last backup taken from this home; None where none is known."""
    told = diary()
    return told[-1] if told else None


def age() -> dt.timedelta | None:
    """How old the last backup is."""
    told = last()
    return timezone.now() - dt.datetime.fromisoformat(told["made_at"]) if told else None
