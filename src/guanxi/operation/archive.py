"""The file of a backup: a tar, packed and perhaps sealed, whose last member lists every other with its checksum."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from guanxi.guard import strongbox
from guanxi.operation.errors import BadBackup

FORMAT = 1
HEAD, LIST = "guanxi.json", "list.json"
BLOCK = 1024**2


class Writer:
    """Takes members one after the other and remembers what went in."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar, self.sums = tar, {}  # type: tarfile.TarFile, dict[str, str]

    def add(self, name: str, path: Path) -> None:
        """Copy a file in, as long as it is now."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            info.mode = 0o600
            source = _Summed(file, info.size)
            self._tar.addfile(info, source)
            self.sums[name] = source.sum.hexdigest()

    def tell(self, name: str, facts: dict[str, Any]) -> None:
        """Write facts as JSON."""
        text = json.dumps(facts, ensure_ascii=False, default=str).encode()
        info = tarfile.TarInfo(name)
        info.size = len(text)
        info.mode = 0o600
        self._tar.addfile(info, io.BytesIO(text))
        if name not in {HEAD, LIST}:
            self.sums[name] = hashlib.sha256(text).hexdigest()


class _Summed:
    """A file that is summed up while it is read, and not read beyond the size it was announced with."""

    def __init__(self, file: IO[bytes], size: int = -1) -> None:
        self._file, self._left, self.sum = file, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size if self._left < 0 else min(size, self._left) if size >= 0 else self._left)
        self._left -= len(block) if self._left >= 0 else 0
        self.sum.update(block)
        return block


@contextmanager
def written(path: Path, passphrase: str, head: dict[str, Any]) -> Iterator[Writer]:
    """Write a new archive; `head` comes first, the list of checksums last."""
    with (
        strongbox.create(path, passphrase) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        writer = Writer(tar)
        writer.tell(HEAD, {"format": FORMAT, **head})
        yield writer
        writer.tell(LIST, writer.sums)


def head(path: Path, passphrase: str) -> dict[str, Any]:
    """Read what an archive says of itself, from its beginning."""
    with _opened(path, passphrase) as tar:
        return _head(tar, path)


def read(path: Path, passphrase: str, into: Path | None = None) -> dict[str, Any]:
    """Go through an archive, unpack it under `into` where that is given, and give its head.

    Raises BadBackup unless every member is there and is what it was when it went in.
    """
    found: dict[str, str] = {}
    with _opened(path, passphrase) as tar:
        facts = _head(tar, path)
        for member in iter(tar.next, None):  # not over the tar, which would begin at the head again
            source = tar.extractfile(member)
            if source is None or not _is_plain(member.name):
                raise BadBackup(f"{path.name} holds {member.name}, which no backup does.")
            if member.name == LIST:
                _compare(json.loads(source.read()), found, path)
                _ended(tar, path)
                return facts
            found[member.name] = _unpacked(source, into and into / member.name)
    raise BadBackup(f"{path.name} was cut off: its end is missing. Take another backup.")


def _is_plain(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts


def _unpacked(source: IO[bytes], target: Path | None) -> str:
    summed = _Summed(source)
    if target is None:
        while summed.read(BLOCK):
            pass
        return summed.sum.hexdigest()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as file:
        target.chmod(0o600)
        while block := summed.read(BLOCK):
            file.write(block)
    return summed.sum.hexdigest()


def _compare(wanted: dict[str, str], found: dict[str, str], path: Path) -> None:
    odd = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if odd:
        raise BadBackup(f"{path.name} was damaged: {odd[0]} is not what went in. Take another.")


def _ended(tar: tarfile.TarFile, path: Path) -> None:
    """Read to the last byte: nothing but the zeros that fill a tar up comes after its list."""
    rest, is_odd = cast(IO[bytes], tar.fileobj), False
    while block := rest.read(BLOCK):
        is_odd |= bool(block.strip(b"\0"))
    if is_odd or rest.tell() % tarfile.RECORDSIZE:
        raise BadBackup(f"{path.name} was damaged: its end is not what it was. Take another.")


@contextmanager
def _opened(path: Path, passphrase: str) -> Iterator[tarfile.TarFile]:
    try:
        with strongbox.open_packed(path, passphrase) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            yield tar
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            raise BadBackup(f"{path}: {error.strerror}.") from error
        raise BadBackup(f"{path.name} is no whole backup of Guanxi.") from error


def _head(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    first = tar.next()
    source = tar.extractfile(first) if first and first.name == HEAD else None
    if source is None:
        raise BadBackup(f"{path.name} is no backup of Guanxi.")
    facts: dict[str, Any] = json.loads(source.read())
    if facts.get("format") != FORMAT:
        raise BadBackup(f"{path.name} was written by a newer Guanxi. Install that one.")
    return facts
