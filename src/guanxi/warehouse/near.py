"""Copies on this machine of the lake's files that lie in a bucket, for the engine inside our process.

Files of a lake never change, so a copy is as good as the file: it is fetched when a query first needs it and removed
an hour after one last did. So queries of people need neither network nor keys, and pages do not wait for the store.
"""

import errno
import os
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from guanxi.guard.errors import NoSpace
from guanxi.warehouse import place

LEAST_SECONDS = 3600
DRAFT = ".part"


def home() -> Path:
    """The folder of the copies."""
    return Path(settings.HOME) / "scratch" / "lake"


def here(path: str) -> str:
    """Where the engine finds a file of the lake: where it lies, or its copy."""
    return str(home() / path.rpartition("/")[2]) if place.is_bucket() else path


def files(paths: Iterable[str]) -> list[str]:
    """Have files of the lake on this machine, and say where; LakeAway, or FileNotFoundError that names the file."""
    if not place.is_bucket():
        return list(paths)
    found = {path: here(path) for path in paths}
    missing = [path for path, copy in found.items() if not _used(copy)]
    if missing:
        sweep()
        list(place.at_once(_fetch, missing))
    return list(found.values())


def forget(path: str) -> None:
    """Remove a copy: its file is gone, or the copy is damaged."""
    if place.is_bucket():
        Path(here(path)).unlink(missing_ok=True)


def sweep() -> None:
    """Remove the copies that no query has asked for lately."""
    limit = time.time() - max(LEAST_SECONDS, 2 * settings.LAKE_GRACE_SECONDS)
    for copy in home().glob("*"):
        try:
            if copy.stat().st_mtime < limit:
                copy.unlink(missing_ok=True)
        except FileNotFoundError:  # another process swept it
            continue


def _used(copy: str) -> bool:
    """Note that a copy is in use; False where there is none."""
    try:
        os.utime(copy)
    except FileNotFoundError:
        return False
    return True


def _fetch(path: str) -> None:
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = home() / f"{uuid.uuid4()}{DRAFT}"
    try:
        place.fetch(path, draft)
        draft.chmod(0o600)
        draft.replace(here(path))
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "The bucket misses it", path) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoSpace(f"{home()} has no room for copies of the lake. Make room.") from error
        raise
    finally:
        draft.unlink(missing_ok=True)
