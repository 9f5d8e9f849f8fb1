"""Parquet files of a lake table: rows in, a data file with its statistics out, ready to be committed."""

import uuid
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from guanxi.warehouse import place
from guanxi.warehouse.lake import CHANGES, HIDDEN
from guanxi.warehouse.place import reached
from guanxi.warehouse.registry import Table, tables

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable

GROUP_ROWS = 250_000
MOST_DIGITS = 18  # of a decimal that fits into 64 bits


def file_schema(table: "IcebergTable") -> pa.Schema:
    """The schema of a table's files: plain types, with Iceberg's field ids."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow  # noqa: PLC0415 - slow to import; most commands do without

    return pa.schema(
        [
            pa.field(
                field.name, pa.string() if pa.types.is_large_string(field.type) else field.type, metadata=field.metadata
            )
            for field in schema_to_pyarrow(table.schema(), include_field_ids=True)
        ]
    )


@reached()
def write(table: "IcebergTable", part: int, batches: Iterable[pa.RecordBatch]) -> "DataFile | None":
    """Write rows of one part into a new file; None where there are none."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    filled = (batch for batch in batches if batch.num_rows)
    first = next(filled, None)
    if first is None:
        return None
    schema = file_schema(table)
    declared = tables().get(table.name()[-1])
    most = declared.group_rows if declared else GROUP_ROWS
    path = f"{table.location()}/data/_part={part}/{uuid.uuid4()}.parquet"
    options = {
        "compression": "zstd",
        "store_decimal_as_integer": True,
        "use_dictionary": [
            field.name for field in schema if pa.types.is_string(field.type)
        ],  # numbers gain nothing by it
        "column_encoding": {field.name: "DELTA_BINARY_PACKED" for field in schema if _is_whole(field.type)},
    }
    with table.io.new_output(path).create() as sink, pq.ParquetWriter(sink, schema, **options) as writer:
        for batch in chain([first], filled):
            writer.write_table(fitted(pa.Table.from_batches([batch]), schema), row_group_size=most)
    return _described(table, path, part, writer.writer.metadata)


def _is_whole(kind: pa.DataType) -> bool:
    """Tell whether values lie in a file as whole numbers; told by their differences they are read twice as fast."""
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= MOST_DIGITS)
    return bool(pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Bring rows into the files' order and types; a column they lack is null."""
    have = set(rows.column_names)
    return pa.table(
        [rows[f.name].cast(f.type) if f.name in have else pa.nulls(rows.num_rows, f.type) for f in schema], schema
    )


def adopt(table: "IcebergTable", part: int, source: Path) -> "DataFile":
    """Move a file written for a table like this one among its files, and describe it."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    path = f"{table.location()}/data/_part={part}/{uuid.uuid4()}.parquet"
    footer = pq.read_metadata(source)
    place.adopt(source, path)
    with reached():
        return _described(table, path, part, footer)


def _described(table: "IcebergTable", path: str, part: int, footer: object) -> "DataFile":
    from pyiceberg.io import pyarrow as parquet  # noqa: PLC0415 - as above
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat  # noqa: PLC0415
    from pyiceberg.typedef import Record  # noqa: PLC0415

    statistics = parquet.data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer,
        stats_columns=parquet.compute_statistics_plan(table.schema(), table.properties),
        parquet_column_mapping=parquet.parquet_path_to_id_mapping(table.schema()),
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(part),
        file_size_in_bytes=len(table.io.new_input(path)),
        sort_order_id=None,
        spec_id=table.metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def parted(declared: Table, rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Split base rows by the month that tells their part."""
    if declared.month_of is None:
        yield 0, rows
        return
    moments = rows[declared.month_of]
    months = pc.fill_null(pc.add(pc.multiply(pc.year(moments), 100), pc.month(moments)), 0)
    parts = sorted(pc.unique(months).to_pylist())
    for part in parts:
        yield part, rows if len(parts) == 1 else rows.filter(pc.equal(months, part))


def marked(rows: pa.Table, part: int, *, versions: pa.Array | int = 1, deleted: bool = False) -> pa.Table:
    """Put our hidden columns before the rows' own."""
    count = rows.num_rows
    version = pa.repeat(pa.scalar(versions, pa.int32()), count) if isinstance(versions, int) else versions
    hidden = [pa.repeat(pa.scalar(part, pa.int32()), count), version, pa.repeat(pa.scalar(deleted), count)]
    return pa.table([*hidden, *rows.columns], names=[*(field.name for field in HIDDEN), *rows.column_names])


def base_files(table: "IcebergTable", declared: Table, rows: pa.Table) -> "Iterator[DataFile]":
    """Write rows that are in the lake for the first time."""
    for part, mine in parted(declared, rows):
        some = mine.sort_by([(name, "ascending") for name in declared.sort]) if declared.sort else mine
        file = write(table, part, marked(some, part).to_batches())
        if file is not None:
            yield file


def change_files(
    table: "IcebergTable", rows: pa.Table, versions: pa.Array, *, deleted: bool = False
) -> "Iterator[DataFile]":
    """Write newer versions of rows, or tombstones, into the change part."""
    file = write(table, CHANGES, marked(rows, CHANGES, versions=versions, deleted=deleted).to_batches())
    if file is not None:
        yield file
