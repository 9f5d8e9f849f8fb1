"""What a file really is, told by its content and never by its name."""

import gzip
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.guard.errors import BadFile

HEAD_BYTES = 4096
UNPACKED_MAX_BYTES = 200 * 1024**2
RATIO_MAX = 100
ENTRIES_MAX = 10_000
TEXT_WITH_NULS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Kind(StrEnum):
    """The kinds of file we read tables from."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    XLSX = "xlsx"


FOREIGN = (
    (b"%PDF", gettext_noop("a PDF document")),
    (b"\x89PNG", gettext_noop("an image")),
    (b"\xff\xd8\xff", gettext_noop("an image")),
    (b"GIF8", gettext_noop("an image")),
    (b"BM", gettext_noop("an image")),
    (b"RIFF", gettext_noop("a media file")),
    (b"PAR1", gettext_noop("a Parquet file")),
    (b"SQLite format 3", gettext_noop("a database")),
    (b"7z\xbc\xaf", gettext_noop("a 7-Zip archive")),
    (b"Rar!", gettext_noop("a RAR archive")),
    (b"BZh", gettext_noop("a bzip2 archive")),
    (b"\xfd7zXZ", gettext_noop("an XZ archive")),
    (b"\x28\xb5\x2f\xfd", gettext_noop("a Zstandard archive")),
    (b"\x7fELF", gettext_noop("a program")),
    (b"MZ", gettext_noop("a program")),
    (b"{\\rtf", gettext_noop("a text document (RTF)")),
)
BINARY_ONLY = frozenset({b"BM", b"MZ", b"BZh", b"RIFF"})  # a table in text may begin with these letters
MARKUP = (
    ((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta"), gettext_noop("a web page (HTML)")),
    ((b"<?xml", b"<workbook"), gettext_noop("an XML document")),
    ((b'{"', b"{\n", b"{\r", b"[{", b"[\n", b"[\r"), gettext_noop("a JSON document")),
)
PACKED = (
    ("xl/workbook.bin", gettext_noop("a binary Excel workbook (.xlsb)")),
    ("word/document.xml", gettext_noop("a Word document")),
    ("ppt/presentation.xml", gettext_noop("a PowerPoint file")),
    ("content.xml", gettext_noop("an OpenDocument file")),
)


def kind_of(path: Path, name: str) -> Kind:
    """Tell what the file is; raises BadFile, naming what it is instead, where it holds no table.

    `name` is what the person called the file, for the sentence.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b"\x00 \t\r\n"):
        raise BadFile(_("%(name)s is empty. Export it again and upload the new file.") % {"name": name})
    if head.startswith(b"PK"):
        return _packed(path, name)
    if head.startswith(b"\x1f\x8b"):
        _refuse_foreign(_unzipped_head(path, name), name)
        return Kind.CSV_GZ
    _refuse_foreign(head, name)
    return Kind.CSV


def _refuse_foreign(head: bytes, name: str) -> None:
    what = _foreign(head)
    if what:
        raise BadFile(
            _("%(name)s is %(what)s, not a table. Save it as CSV or XLSX and upload that.")
            % {"name": name, "what": _(what)}
        )


def _foreign(head: bytes) -> str:
    """Name what a beginning belongs to, or nothing where it may be a table in text."""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return gettext_noop("an old Excel workbook (.xls), or one locked by a password")
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return gettext_noop("an archive within an archive")
    binary = b"\x00" in head and not _looks_utf16(head)
    for magic, what in FOREIGN:
        if head.startswith(magic) and (binary or magic not in BINARY_ONLY):
            return what
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginnings, what in MARKUP:
        if text.startswith(beginnings):
            return what
    return gettext_noop("a binary file") if binary and head.count(0) * 10 > len(head) else ""


def _looks_utf16(head: bytes) -> bool:
    """Whether the NULs are halves of letters: by the mark, or because they stand in every second place alone."""
    if head.startswith(TEXT_WITH_NULS):
        return True
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) * 3 > len(head) // 2 and min(even, odd) * 20 <= max(even, odd)


def _unzipped_head(path: Path, name: str) -> bytes:
    try:
        with gzip.open(path) as file:
            head = file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        raise broken(name) from None
    if not head.strip(b"\x00 \t\r\n"):
        raise BadFile(_("%(name)s is empty. Export it again and upload the new file.") % {"name": name})
    return head


def broken(name: str) -> BadFile:
    """Say that a compressed file does not unpack."""
    return BadFile(_("%(name)s is damaged and cannot be unpacked. Export or copy it again.") % {"name": name})


def _packed(path: Path, name: str) -> Kind:
    """Accept a workbook whose declared sizes are bearable; nothing is unpacked to find out."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise broken(name) from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        what = next((what for inner, what in PACKED if inner in names), gettext_noop("a ZIP archive"))
        raise BadFile(
            _("%(name)s is %(what)s, not a table. Save it as CSV or XLSX and upload that.")
            % {"name": name, "what": _(what)}
        )
    _refuse_bomb(entries, path, name)
    return Kind.XLSX


def _refuse_bomb(entries: list[zipfile.ZipInfo], path: Path, name: str) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, path.stat().st_size)
    if unpacked > UNPACKED_MAX_BYTES or ratio > RATIO_MAX or len(entries) > ENTRIES_MAX:
        raise BadFile(
            _(
                "%(name)s unpacks to %(size)d MB, %(ratio)d times its size; at most %(most)d MB and %(times)d times "
                "are read. Save the sheet as CSV and upload that."
            )
            % {
                "name": name,
                "size": unpacked // 1024**2,
                "ratio": ratio,
                "most": UNPACKED_MAX_BYTES // 1024**2,
                "times": RATIO_MAX,
            }
        )
