"""Files on their way in: kept under random names, in a directory that only we may enter, outside every web root."""

import os
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.guard.errors import BadFile, NoSpace

SPARE_BYTES = 256 * 1024**2
NAME_MAX = 120


@dataclass(frozen=True)
class Upload:
    """One file a person sent: where it lies, what they called it, how large it is."""

    path: Path
    name: str
    size_bytes: int

    @classmethod
    def keep(cls, chunks: Iterable[bytes], *, name: str, size_bytes: int | None = None) -> Self:
        """Store what arrives (`UploadedFile.chunks()`); too large a declared size is refused before reading."""
        name = shown_name(name)
        check_size(size_bytes or 0, name)
        check_space(size_bytes or 0)
        path = scratch(".upload")
        try:
            return cls(path, name, _write(chunks, path, name))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def discard(self) -> None:
        """Delete the file; nothing happens where it is gone already."""
        self.path.unlink(missing_ok=True)


def incoming() -> Path:
    """Return the directory of incoming files, made on first use."""
    directory = Path(settings.HOME) / "incoming"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory


def scratch(suffix: str) -> Path:
    """Make an empty file of a random name, readable by its owner alone."""
    path = incoming() / (secrets.token_hex(16) + suffix)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def sweep(*, older_than: timedelta) -> int:
    """Delete files that a killed process left behind; return how many."""
    limit, swept = time.time() - older_than.total_seconds(), 0
    for path in incoming().iterdir():
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def shown_name(name: str) -> str:
    """Reduce a file name from outside to what may stand in a sentence."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-NAME_MAX:] or _("The file")


def check_size(size_bytes: int, name: str) -> None:
    """Raise BadFile where a file is larger than is read."""
    if size_bytes > settings.IMPORT_MAX_BYTES:
        raise BadFile(
            _("%(name)s has %(size)d MB; at most %(most)d MB are read. Split it, or pack it with gzip.")
            % {"name": name, "size": size_bytes // 1024**2, "most": settings.IMPORT_MAX_BYTES // 1024**2}
        )


def check_space(size_bytes: int) -> None:
    """Raise NoSpace where the file would fill the disk."""
    free = shutil.disk_usage(incoming()).free
    if free < size_bytes + SPARE_BYTES:
        raise NoSpace(
            _("The disk has %(free)d MB left, too few for this file. Free some space and upload it again.")
            % {"free": free // 1024**2}
        )


def _write(chunks: Iterable[bytes], path: Path, name: str) -> int:
    """Write as it comes, with an eye on the limits that a declared size may have hidden."""
    total = 0
    with path.open("wb") as file:
        for chunk in chunks:
            total += len(chunk)
            check_size(total, name)
            check_space(len(chunk))
            file.write(chunk)
    return total
