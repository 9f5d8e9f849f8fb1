"""Looking for words wherever they could be: every table, the database's own files, every file of the home, unpacked."""

import base64
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile, is_zipfile

import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection

from guanxi.accounts.models import Answer, Session
from guanxi.ingest.models import Import
from guanxi.ingest.rejects import Rejects


def found(words: Mapping[str, str]) -> dict[str, set[str]]:
    """Say of each word that is anywhere in which places it is."""
    forms = {name: (list(spellings(word)), list(packed(word))) for name, word in words.items()}
    hits: dict[str, set[str]] = {}
    for place, data in (*book(), *sealed(), *files(Path(settings.HOME)), *database_files()):
        low = data.lower()
        for name, (spelled, encoded) in forms.items():
            if any(form in low for form in spelled) or any(form in data for form in encoded):
                hits.setdefault(name, set()).add(place)
    return hits


def spellings(word: str) -> Iterator[bytes]:
    """Give a word as it may lie in a file, in small letters."""
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        yield word.encode(encoding).lower()
    yield quote(word).lower().encode()
    yield json.dumps(word)[1:-1].lower().encode()


def packed(word: str) -> Iterator[bytes]:
    """Give a word as it lies inside of base64, wherever its first letter falls; too short a one would be anything."""
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + word.encode())[4 if shift else 0 : -4]
        if len(whole) >= 8:
            yield whole


def book() -> Iterator[tuple[str, bytes]]:
    """Dump every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"select * from {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield (
                    table,
                    b"\n".join(
                        bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode() for each in row
                    ),
                )


def sealed() -> Iterator[tuple[str, bytes]]:
    """Open what the master key opens: answers, reports, rejected rows, sessions."""
    for answer in Answer.objects.all():
        yield "answers, opened", answer.content.encode()
    for session in Session.objects.all():
        yield "sessions, opened", json.dumps(session.get_decoded(), ensure_ascii=False).encode()
    for batch in Import.objects.all():
        yield "reports, opened", json.dumps(batch.report, ensure_ascii=False).encode()
        for row in Rejects(batch.folder / "rejected.sealed"):
            yield "rejects, opened", json.dumps(row, ensure_ascii=False).encode()


def database_files() -> Iterator[tuple[str, bytes]]:
    """Read SQLite's file with its log, as they lie on the disk."""
    if connection.vendor == "sqlite":
        for ending in ("", "-wal"):
            path = Path(f"{connection.settings_dict['NAME']}{ending}")
            if path.exists():
                yield f"book{ending}", path.read_bytes()


def files(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file():
            yield from ((str(path.relative_to(home)), data) for data in unpacked(path.read_bytes(), path.suffix))


def unpacked(data: bytes, suffix: str = "") -> Iterable[bytes]:
    """Give a file as it lies, and what it holds."""
    yield data
    if suffix == ".parquet":
        yield str(pq.read_table(io.BytesIO(data)).to_pydict()).encode()
    elif suffix == ".avro":
        yield from blocks(data)
    elif data.startswith(b"\x1f\x8b"):
        yield from unpacked(gzip.decompress(data))
    elif is_zipfile(io.BytesIO(data)):
        with ZipFile(io.BytesIO(data)) as archive:
            for each in archive.infolist():
                yield from unpacked(archive.read(each))


def blocks(data: bytes) -> Iterator[bytes]:
    """Inflate the blocks of an Avro file: a count and a size as varints, then the data, then the file's mark."""
    mark = data[-16:]
    for block in data.split(mark)[1:-1]:
        rest = block
        for _number in range(2):
            while rest[0] & 0x80:
                rest = rest[1:]
            rest = rest[1:]
        try:
            yield zlib.decompress(rest, -15)
        except zlib.error:
            yield rest
