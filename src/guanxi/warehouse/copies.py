"""The lake on its way into a backup and out of one.

Iceberg's metadata names every file by its whole path, so a lake cannot be moved as it is. A copy is the data files of
each table's newest snapshot; in the new place the tables are made again from them, without reading a row.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from guanxi.warehouse import lake, near, place
from guanxi.warehouse.files import adopt
from guanxi.warehouse.models import Moment, RetiredFile, SyncBatch


def size() -> int:
    """Add up the files of the lake, in bytes, wherever they lie."""
    return sum(file.size for file in place.listed(str(settings.LAKE)))


def clear() -> None:
    """Remove what a restore that was cut short has put back."""
    place.clear()
    shutil.rmtree(lake.home(), ignore_errors=True)


def prepare() -> None:
    """Fetch from a bucket what `take` is going to link, so that the sync waits for the newest files alone."""
    if place.is_bucket():
        for name in _names():
            _fetch(name)


def _names() -> list[str]:
    return sorted(name for _space, name in lake.catalog().list_tables(lake.NAMESPACE))


def _fetch(name: str) -> None:
    table = lake.find(name)
    found = lake.files(table) if table else lake.Files()
    try:
        near.files(file.file_path for file in (*found.base, *found.changes))
    except FileNotFoundError:
        return  # `take` says so


def take(into: Path) -> list[dict[str, Any]]:
    """Link every live file of the lake under `into`, and say what each table consists of; under the sync's lease.

    Files of a lake never change, and links keep those that are removed meanwhile: this takes a moment, packing them may
    take its time. Files of a bucket are fetched for it.
    """
    return [_taken(name, into / name) for name in _names()]


def _taken(name: str, into: Path) -> dict[str, Any]:
    table = lake.find(name)
    if table is None:
        raise lake.LakeBroken(f"The lake's table {name} is gone.")
    into.mkdir(parents=True)
    found = lake.files(table)
    parts = []
    for number, file in enumerate((*found.base, *found.changes)):
        _link(file.file_path, into / f"{number}.parquet")
        parts.append(file.partition[0])
    tokens = {s.summary.get(lake.BATCH) for s in table.metadata.snapshots if s.summary} - {None}
    return {"name": name, "schema": table.schema().model_dump_json(), "parts": parts, "batches": sorted(tokens)}


def _link(source: str, target: Path) -> None:
    try:
        os.link(near.files([source])[0], target)
    except FileNotFoundError as error:
        raise lake.LakeBroken(f"The lake misses {source}. Run `guanxi lake rebuild`.") from error
    except OSError:  # another disk, or one without links
        shutil.copyfile(near.here(source), target)


def put_back(tables: Sequence[dict[str, Any]], source: Path) -> dict[str, int]:
    """Make the tables of a copy in an empty lake, and give the newest snapshot of each; the files are moved."""
    claimed = {str(token) for token in _claimed()}
    return dict(_put_back(told, source / told["name"], claimed) for told in tables)


def _claimed() -> Iterator[Any]:
    yield from SyncBatch.objects.filter(state=SyncBatch.State.CLAIMED).values_list("token", flat=True)


def _put_back(told: dict[str, Any], source: Path, claimed: Collection[str]) -> tuple[str, int]:
    from pyiceberg.schema import Schema  # noqa: PLC0415 - see lake._catalog

    schema = Schema.model_validate_json(told["schema"])
    table = lake.created(told["name"], schema)
    if [(f.field_id, f.name) for f in table.schema().fields] != [(f.field_id, f.name) for f in schema.fields]:
        raise lake.LakeBroken(f"The columns of {told['name']} are numbered otherwise in its files.")
    added = [adopt(table, part, source / f"{number}.parquet") for number, part in enumerate(told["parts"])]
    half_done = [
        token for token in told["batches"] if token in claimed
    ]  # a crash left them; the next sync looks them up
    first = {lake.BATCH: half_done[0]} if half_done else None
    lake.commit(table, added=added, properties=first)
    for token in half_done[1:]:
        lake.commit(table, properties={lake.BATCH: token})
    return told["name"], lake.snapshot_id(table) or 0


def show(heads: dict[str, int]) -> None:
    """Have readers see the tables put back, as old as they are; what the book knew of the former files is forgotten."""
    former = Moment.objects.latest_one()
    Moment.objects.all().delete()
    RetiredFile.objects.all().delete()
    if former and heads:
        Moment.objects.create(taken_at=former.taken_at, seconds=former.seconds, snapshots=heads)
