"""Cleaned rows on disk, whole documents together, so that a file of any size is imported in bounded memory.

Staging reads the files once: good rows become Arrow files, one a bucket of documents, rejected ones a sealed list. A
manifest written last says that it is whole; without it staging begins anew, so a crash leaves nothing half-read.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import polars as pl
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from guanxi.guard.filein import TableFile, open_table
from guanxi.ingest import event_rows, own
from guanxi.ingest.cleaning import Cleaning, clean, time_formats_of
from guanxi.ingest.fields import Type
from guanxi.ingest.people import with_known_numbers
from guanxi.ingest.presets import BadMapping, Match, Preset
from guanxi.ingest.rejects import Rejects

Made = TypeVar("Made")

BATCH_ROWS = 65_536
PLACED_BY = {"order_number", "placed_at", "person_key", "name", "occurred_at"}  # without it a row has no place
ALONE = {"people", "customers", "events"}  # the roles whose rows stand for themselves
MANIFEST = "staged.json"
MOMENTS = {Type.TIME, Type.DATE}
FIRST_SEEN = "first-seen.arrow"
BUCKET_ROWS = 2 * BATCH_ROWS


@dataclass(frozen=True)
class Staged:
    """What staging found: rows read, rows rejected, and how many buckets the good ones lie in."""

    rows: int
    rejected: int
    buckets: int


@dataclass(frozen=True)
class Source:
    """One opened file and the sheet it fits."""

    table: TableFile
    match: Match
    number: int


def stage(folder: Path, files: Iterable[tuple[Path, str]], preset: Preset, *, step: Callable[[int], None]) -> Staged:
    """Read, clean and bucket the files once; a finished staging is found again and not repeated.

    `files` are paths with the names people know them by; `step` is called with the rows read so far and may raise
    to stop.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        return Staged(**json.loads(manifest.read_text()))
    staged_in = folder / "staged"
    shutil.rmtree(staged_in, ignore_errors=True)
    staged_in.mkdir(parents=True)
    buckets, first = Buckets(staged_in), FirstSeen()
    with Rejects.fresh(folder) as rejects:
        read = 0
        for source in sources(files, preset):
            shelf = Shelf(staged_in, source.match.sheet.role, source.number, buckets)
            for rows in _clean_file(source, preset, shelf, (rejects, first)):
                read += rows
                step(read)
    first.keep(folder)
    staged = Staged(read, rejects.count, buckets.count)
    draft = manifest.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(staged)))
    draft.rename(manifest)
    return staged


def sources(files: Iterable[tuple[Path, str]], preset: Preset) -> list[Source]:
    """Open the files and fit each to a sheet of the preset; what does not fit is said with its columns."""
    layout = preset.sheets[0].layout
    columns = list(layout.columns) if layout.columns else None
    found = []
    for number, (path, name) in enumerate(files):
        table = open_table(
            path, name=name, header=layout.header, columns=columns, delimiter=layout.delimiter, encoding=layout.encoding
        )
        match = preset.best(table.columns)
        if match.missing:
            raise _misfit(match, table.columns, name)
        found.append(Source(table, match, number))
    return found


def _misfit(match: Match, columns: Iterable[str], name: str) -> BadMapping:
    wanted = "; ".join(f"{' / '.join(match.sheet.columns.get(field, (field,)))}" for field in match.missing)
    return BadMapping(
        _(
            "%(name)s: the column %(wanted)s is missing. The file has: %(there)s. "
            "Choose another preset, or map the columns yourself."
        )
        % {"name": name, "wanted": wanted, "there": ", ".join(columns)}
    )


def cleaning_of(source: Source, preset: Preset, sample: pl.DataFrame) -> Cleaning:
    """Settle how a file's cells are read, from its first rows."""
    sheet = source.match.sheet
    times = [
        column for name, column in source.match.columns.items() if own.field_of(name, preset.subject).type in MOMENTS
    ]
    required = {name for name in sheet.required if name in PLACED_BY}
    if sheet.role in {"flat", "orders", "lines", "payments"}:
        required |= {"order_number"}
    if sheet.role in {"flat", "lines"}:
        required |= {"quantity", "unit_price"} & set(sheet.required)
    return Cleaning(
        subject=preset.subject,
        columns=source.match.columns,
        constants={name: value for name, value in sheet.constants.items() if (name, value) != ("order_number", "row")},
        required=frozenset(required & (source.match.columns.keys() | sheet.constants.keys())),
        time_formats=time_formats_of(sample, times, sheet.layout.time_format),
        negative_quantity=preset.rules.negative_quantity,
    )


class Buckets:
    """Where documents go: each into the bucket that was filling when it was first met, as the files have them.

    A bucket then holds neighbours in time, and the indexes they are written to grow at their ends.
    """

    def __init__(self, home: Path) -> None:
        self.home, self._filling, self._rows = home, 0, 0
        self._met = pl.DataFrame(schema={"_document": pl.UInt64, "_bucket": pl.Int64})

    @property
    def count(self) -> int:
        """How many there are."""
        return self._filling + (self._rows > 0)

    def spread(self, rows: pl.DataFrame) -> Iterator[tuple[Path, pl.DataFrame]]:
        """Split the rows of one batch by their documents' buckets; rows of one document stay together."""
        documents = rows.select(_document=pl.col("order_number").hash(seed=7))
        places = documents.join(self._met, on="_document", how="left", maintain_order="left")
        new = places.filter(pl.col("_bucket").is_null()).unique().with_columns(_bucket=pl.lit(self._filling, pl.Int64))
        self._met = pl.concat([self._met, new])
        placed = rows.with_columns(places.get_column("_bucket").fill_null(self._filling))
        for (bucket,), share in placed.partition_by("_bucket", as_dict=True, include_key=False).items():
            yield bucket_home(self.home, int(bucket)), share
        self._rows += rows.height
        if self._rows >= BUCKET_ROWS:
            self._filling, self._rows = self._filling + 1, 0


def bucket_home(staged: Path, bucket: int) -> Path:
    """Where the rows of a bucket lie."""
    return staged / f"bucket-{bucket:04}"


@dataclass(frozen=True)
class Shelf:
    """Where the rows of one file go: whole documents into one bucket; what stands for itself is not bucketed."""

    home: Path
    role: str
    number: int
    buckets: Buckets

    def put(self, rows: pl.DataFrame, part: int) -> None:
        """Write the rows of one batch, in the order of the file."""
        name = f"{self.role}-{self.number:02}-{part:05}.arrow"
        if self.role in ALONE:
            rows.write_ipc(self.home / name, compression="lz4")
            return
        for home, share in self.buckets.spread(rows):
            home.mkdir(exist_ok=True)
            share.write_ipc(home / name, compression="lz4")


class FirstSeen:
    """When the files first name each customer number, whichever bucket its documents lie in."""

    COLUMNS = ("customer_external_id", "placed_at")

    def __init__(self) -> None:
        schema = pl.Schema({"customer_external_id": pl.String(), "placed_at": pl.Datetime("us")})
        self.times = pl.DataFrame(schema=schema)

    def look(self, rows: pl.DataFrame) -> None:
        """Take the rows of one batch into account."""
        if set(self.COLUMNS) <= set(rows.columns):
            both = pl.concat([self.times, with_known_numbers(rows.select(self.COLUMNS).drop_nulls())])
            self.times = both.group_by("customer_external_id").agg(pl.col("placed_at").min())

    def keep(self, folder: Path) -> None:
        """Write it beside the staged rows."""
        self.times.drop_nulls().rename({"placed_at": "first_seen_at"}).write_ipc(folder / FIRST_SEEN)


def first_seen(folder: Path) -> pl.DataFrame:
    """Read when each customer number was first named: `customer_external_id, first_seen_at` by the store's clock."""
    return pl.read_ipc(folder / FIRST_SEEN)


def _clean_file(source: Source, preset: Preset, shelf: Shelf, notes: tuple[Rejects, FirstSeen]) -> Iterator[int]:
    """Clean a file batch by batch; yields how many rows each took."""
    rejects, first = notes
    how: Cleaning | None = None
    judge = event_rows.Judge(preset) if shelf.role == "events" else None
    with source.table as table:
        batches = ahead((cells, table.take_rejects()) for cells in table.batches(BATCH_ROWS))
        for part, (cells, malformed) in enumerate(batches):
            how = how or cleaning_of(source, preset, cells)
            cleaned = clean(cells, how)
            rejects.add_cells(cleaned.rejected, cells)
            good = cleaned.good.with_columns(_role=pl.lit(shelf.role))
            if judge:
                good, refused = judge.part(good, source.match.columns)
                rejects.add_cells(refused, cells)
            if source.match.sheet.constants.get("order_number") == "row":
                good = numbered_by_content(good)
            first.look(good)
            if good.height:
                shelf.put(good, part)
            yield cells.height + rejects.add_malformed(malformed)
        if last := rejects.add_malformed(table.take_rejects()):
            yield last


def ahead(each: Iterator[Made]) -> Iterator[Made]:
    """Have the next one made on another thread while this one is used; what it says is in the language of this one."""
    language = get_language()

    def make() -> Made | None:
        with override(language):
            return next(each, None)

    with ThreadPoolExecutor(1, thread_name_prefix="import") as maker:
        coming = maker.submit(make)
        while (made := coming.result()) is not None:
            coming = maker.submit(make)
            yield made


def numbered_by_content(rows: pl.DataFrame) -> pl.DataFrame:
    """Give each row an order number of its own, from what it says: the same row is the same order in every file.

    What it says in the shop's own fields counts for nothing: that may be mapped later, and changes.
    """
    said = [name for name in rows.columns if name not in {"_row", "_role"} and not name.startswith(own.PREFIX)]
    digests = [_digest(row) for row in rows.select(said).iter_rows()]
    return rows.with_columns(order_number=pl.Series(digests, dtype=pl.String), _alone=pl.lit(value=True))


def _digest(row: tuple[object, ...]) -> str:
    return f"row-{blake2b(repr(row).encode(), digest_size=10).hexdigest()}"


def bucket_rows(folder: Path, bucket: int) -> pl.DataFrame:
    """Read one bucket's rows, people joined in where they came in a file of their own."""
    home = folder / "staged"
    people = _frames(home.glob("people*.arrow"))
    parts = list(bucket_home(home, bucket).glob("*.arrow"))
    rows = pl.concat(_frames(parts), how="diagonal_relaxed") if parts else pl.DataFrame()
    if rows.is_empty():
        return rows
    rows = _with_people(rows, people) if people else rows
    return _told_apart(rows) if "_alone" in rows.columns else rows


def parts_of(folder: Path, role: str = "customers") -> list[Path]:
    """The parts of files whose rows stand alone, in the order of the files."""
    return sorted((folder / "staged").glob(f"{role}-*.arrow"))


def _frames(paths: Iterable[Path]) -> list[pl.DataFrame]:
    return [pl.read_ipc(path) for path in sorted(paths)]


def _with_people(rows: pl.DataFrame, people: list[pl.DataFrame]) -> pl.DataFrame:
    """Look each order's person up in the file of people."""
    known = pl.concat(people, how="diagonal_relaxed").drop("_row", "_role").unique("person_key", keep="first")
    return rows.drop([name for name in known.columns if name in rows.columns and name != "person_key"]).join(
        known, on="person_key", how="left", maintain_order="left"
    )


def _told_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """Count equal rows, so that two of them are two orders and stay two when the file comes again."""
    nth = pl.int_range(pl.len()).over("order_number")
    number = pl.when(nth > 0).then(pl.format("{}-{}", "order_number", nth + 1)).otherwise("order_number")
    return rows.with_columns(order_number=number)


def each_bucket(folder: Path, staged: Staged, *, first: int = 0) -> Iterator[tuple[int, pl.DataFrame]]:
    """Read the buckets one after the other from `first` on."""
    for bucket in range(first, staged.buckets):
        yield bucket, bucket_rows(folder, bucket)


def headers_of(path: Path, name: str) -> list[str]:
    """Read the column names of a file."""
    with open_table(path, name=name) as table:
        return list(table.columns)
