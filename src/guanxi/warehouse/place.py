"""Where the lake's files lie: in a folder of this machine, or under a prefix of a bucket that speaks S3."""

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.core.errors import Failed

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileSystem

SCHEME = "s3://"
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w=-][\w.=-]*)+")
CONNECT_SECONDS, ANSWER_SECONDS = "5", "30"
AGAIN_SECONDS = 5  # before a store that did not answer is asked again
SILENT = "NETWORK_CONNECTION"
AT_ONCE = 8  # requests to the store
PROBE = "probe-of-the-doctor"


One = TypeVar("One")
Other = TypeVar("Other")
_silent: dict[str, tuple[float, str]] = {}


class LakeAway(Failed):
    """The object store in which the lake lies does not answer, or not as it should; the lake itself may be whole."""


@dataclass(frozen=True)
class Found:
    """A file of the lake: its whole path, its size in bytes, and when it was written."""

    path: str
    size: int
    written_at: dt.datetime


def is_bucket() -> bool:
    """Tell whether the lake lies in an object store."""
    return str(settings.LAKE).startswith(SCHEME)


def problems() -> Iterator[str]:
    """Say what the settings do not spell as they should."""
    if "://" in str(settings.LAKE) and not BUCKET.fullmatch(settings.LAKE):
        yield "GUANXI_LAKE names neither a folder nor s3://bucket/prefix, without a slash at its end"
    if bool(settings.LAKE_S3_KEY) != bool(settings.LAKE_S3_SECRET):
        yield "GUANXI_LAKE_S3_KEY and GUANXI_LAKE_S3_SECRET go together: set both or neither"


def options() -> dict[str, str]:
    """What PyIceberg has to know to reach the bucket, secrets too; nothing where the lake is a folder.

    Without keys of its own the machine's are taken: AWS_ACCESS_KEY_ID and the like, a profile, a role.
    """
    if not is_bucket():
        return {}
    told = {
        "s3.endpoint": settings.LAKE_S3_ENDPOINT,
        "s3.region": settings.LAKE_S3_REGION,
        "s3.access-key-id": settings.LAKE_S3_KEY,
        "s3.secret-access-key": settings.LAKE_S3_SECRET,
        "s3.connect-timeout": CONNECT_SECONDS,
        "s3.request-timeout": ANSWER_SECONDS,
        "s3.force-virtual-addressing": "true" if settings.LAKE_S3_VIRTUAL else "",
    }
    return {name: value for name, value in told.items() if value}


def store() -> "FileSystem":
    """The file system in which the lake lies; its paths are those of `key`."""
    from pyarrow.fs import LocalFileSystem  # noqa: PLC0415 - slow to import, and most commands do without

    if not is_bucket():
        return LocalFileSystem()
    return _bucket(urlsplit(settings.LAKE).netloc, tuple(options().items()))


@lru_cache(maxsize=8)
def _bucket(name: str, told: tuple[tuple[str, str], ...]) -> "FileSystem":
    from pyiceberg.io.pyarrow import PyArrowFileIO  # noqa: PLC0415 - half a second, and only here

    return PyArrowFileIO(dict(told)).fs_by_scheme("s3", name)


def key(path: str) -> str:
    """A path of the lake as its file system has it."""
    return path.removeprefix(SCHEME)


def shown() -> str:
    """Name the place, with the object store's address and without what that may tell besides.

    >>> from django.test import override_settings
    >>> with override_settings(LAKE="s3://shop/lake", LAKE_S3_ENDPOINT="https://me:secret@minio.example:9000"):
    ...     shown()
    's3://shop/lake (minio.example:9000)'
    """
    parts = urlsplit(settings.LAKE_S3_ENDPOINT) if is_bucket() else None
    return f"{settings.LAKE} ({parts.netloc.rpartition('@')[2]})" if parts and parts.netloc else str(settings.LAKE)


@contextmanager
def reached() -> Iterator[None]:
    """Say in a sentence that the object store is away; FileNotFoundError stays what it is where only a file is missing.

    A missing file makes a lake broken, and a broken lake is made anew: a store that is away must not look like one.
    """
    since, why = _silent.get(shown(), (0.0, "")) if is_bucket() else (0.0, "")
    if why and monotonic() - since < AGAIN_SECONDS:
        raise _away(why)
    try:
        yield
    except FileNotFoundError as error:
        if is_bucket() and not _is_there():
            raise _away(_("there is no such bucket")) from error
        raise
    except OSError as error:
        if not is_bucket() or not (isinstance(error, PermissionError) or "AWS Error" in str(error)):
            raise
        raise _away(_noted(_reason(str(error)))) from error


def _noted(why: str) -> str:
    """Remember that nobody answered: a reader of forty tables would wait for each."""
    if why.startswith(SILENT):
        _silent[shown()] = (monotonic(), why)
    return why


def _is_there() -> bool:
    """Tell whether the bucket itself is there; what is missing in one that cannot be asked for is not missing."""
    from pyarrow.fs import FileType  # noqa: PLC0415 - see store

    with reached():
        return bool(store().get_file_info(urlsplit(settings.LAKE).netloc).type != FileType.NotFound)


def _away(why: str) -> LakeAway:
    return LakeAway(
        _(
            "The object store of the lake, %(place)s, does not answer as it should: %(error)s. "
            "Nothing is lost; what is waiting goes on when it is back. Ask whoever runs the server."
        )
        % {"place": shown(), "error": why}
    )


def _reason(said: str) -> str:
    """Take from the client's many words the two that tell.

    >>> _reason("When listing: AWS Error NETWORK_CONNECTION during ListObjectsV2: curlCode: 7, Couldn't connect to it")
    "NETWORK_CONNECTION (Couldn't connect to it)"
    """
    kind = re.search(r"AWS Error ([A-Z_]+)", said)
    curl = re.search(r"curlCode: \d+, ([\w' ]+)", said)
    return (kind[1] if kind else "ACCESS_DENIED") + (f" ({curl[1].strip()})" if curl else "")


def at_once(work: "Callable[[One], Other]", things: "Iterable[One]") -> "Iterable[Other]":
    """Do something with each, many at a time where each has to be asked of an object store; given in their order."""
    if not is_bucket():
        return map(work, things)
    language = translation.get_language()

    def told(thing: "One") -> "Other":
        with translation.override(language):
            return work(thing)

    with ThreadPoolExecutor(AT_ONCE) as hands:
        return list(hands.map(told, things))


def named(error: FileNotFoundError) -> str:
    """Take the file's path from what the client says of one that is missing.

    >>> named(FileNotFoundError("[Errno 2] Path does not exist 'shop/lake/a.avro'. Detail: [errno 2] No such file"))
    'shop/lake/a.avro'
    """
    found = re.search(r"'(.+?)'", str(error))
    return found[1] if found else str(error)


@reached()
def listed(location: str) -> list[Found]:
    """List the files under a path, however deep; none where there is nothing."""
    from pyarrow.fs import FileSelector  # noqa: PLC0415 - see store

    scheme = SCHEME if is_bucket() else ""
    there = store().get_file_info(FileSelector(key(location), allow_not_found=True, recursive=True))
    return [
        Found(scheme + info.path, info.size, info.mtime) for info in there if info.is_file and "." in info.base_name
    ]


@reached()
def remove(path: str) -> None:
    """Remove a file; one that is gone already is no error."""
    if not is_bucket():
        Path(path).unlink(missing_ok=True)
        return
    try:
        store().delete_file(key(path))
    except FileNotFoundError:
        return


@reached()
def clear() -> None:
    """Remove everything under the lake's prefix; a folder is left to whoever made it."""
    if is_bucket():
        store().delete_dir_contents(key(settings.LAKE), missing_dir_ok=True)


@reached()
def adopt(source: Path, path: str) -> None:
    """Move a file of this machine to its place in the lake."""
    from pyarrow.fs import LocalFileSystem, copy_files  # noqa: PLC0415 - see store

    if not is_bucket():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, path)
        return
    copy_files(str(source), key(path), source_filesystem=LocalFileSystem(), destination_filesystem=store())
    source.unlink()


@reached()
def fetch(path: str, target: Path) -> None:
    """Copy a file of the bucket to this machine."""
    from pyarrow.fs import LocalFileSystem, copy_files  # noqa: PLC0415 - see store

    copy_files(key(path), str(target), source_filesystem=store(), destination_filesystem=LocalFileSystem())


def opened(path: str) -> "pa.NativeFile":
    """Open a file where it lies, to read parts of it."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    with reached():
        return store().open_input_file(key(path)) if is_bucket() else pa.OSFile(path)


@reached()
def try_out() -> None:
    """Write a file into the bucket, read it, list it and remove it, as the lake's writers do."""
    path = key(f"{settings.LAKE}/{PROBE}")
    with store().open_output_stream(path) as sink:
        sink.write(PROBE.encode())
    with store().open_input_stream(path) as source:
        source.read()
    listed(settings.LAKE)
    store().delete_file(path)
