"""Room on disks: how much there is, how much something takes, and folders for what is half done."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from guanxi.guard.errors import NoSpace

SPARE = 256 * 1024**2
LEFT_BEHIND = 86_400


def size_of(path: Path) -> int:
    """Add up a file, or the files of a folder; nothing there is 0."""
    if path.is_dir():
        return sum(each.stat(follow_symlinks=False).st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size if path.exists() else 0


def size_of_book() -> int:
    """Ask the database how large the book is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    book = Path(connection.settings_dict["NAME"])
    return sum(size_of(book.with_name(book.name + ending)) for ending in ("", "-wal"))


def check(folder: Path, wanted: int) -> None:
    """Raise NoSpace where a folder's disk has less than is wanted."""
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE:
        sizes = f"{free // 1024**2} MB free, and {(wanted + SPARE) // 1024**2} MB are needed"
        raise NoSpace(f"{folder} has {sizes}. Make room.")


@contextmanager
def stage(name: str) -> Iterator[Path]:
    """Give a folder in the home for as long as the block runs; what a killed one left behind is removed a day later."""
    scratch = Path(settings.HOME) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(scratch, f"{name}-*")
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=scratch))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path, pattern: str) -> None:
    """Remove what was half done and left behind by a killed one, a day later."""
    for old in folder.glob(pattern):
        if old.stat().st_mtime < time.time() - LEFT_BEHIND:
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)


def kept(draft: Path, path: Path) -> None:
    """Put a draft in its place for good; what is there already stays, as a FileExistsError."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    os.link(draft, path)
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
