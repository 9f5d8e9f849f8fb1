"""Making the lake forget: what left the book is rewritten away, and the files that still hold it are removed.

A reader may be at an older moment, so files go only after the grace period, which is longer than the longest read.
"""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from guanxi.warehouse import lake, place, upkeep
from guanxi.warehouse.models import Moment, SyncBatch
from guanxi.warehouse.sync import alone, run


def rewrite(*, wait: dt.timedelta | None = None) -> dt.datetime:
    """Fold every change in, and forget all earlier moments; gives when. Files written before still lie there."""
    with alone(wait=wait) as held:
        run(held, whole=True)
        Moment.objects.advance(dict(_without_traces()))
        last = Moment.objects.order_by("-pk").values_list("pk", flat=True)[:1]
        Moment.objects.exclude(pk__in=list(last)).delete()
        SyncBatch.objects.filter(state=SyncBatch.State.APPENDED).delete()
        return timezone.now()


def _without_traces() -> Iterator[tuple[str, int]]:
    """Commit once more to every table: the newest snapshot names removed files, with the bounds of their values."""
    for _space, name in lake.catalog().list_tables(lake.NAMESPACE):
        table = lake.find(name)
        if table is not None and lake.snapshot_id(table) is not None:
            lake.commit(table)
            yield name, lake.snapshot_id(table) or 0


def left_since(moment: dt.datetime, *, at_once: bool = False) -> int:
    """Remove what nobody reads any more, and say how many files from before a moment are still waited for.

    `at_once` removes them whoever reads.
    """
    grace = dt.timedelta(0) if at_once else None
    with alone(wait=dt.timedelta(seconds=30)):
        return sum(_left(name, moment, grace) for _space, name in lake.catalog().list_tables(lake.NAMESPACE))


def _left(name: str, moment: dt.datetime, grace: dt.timedelta | None) -> int:
    table = lake.find(name)
    if table is None or not place.listed(table.location()):
        return 0
    upkeep.expire(table)
    for _time in range(2):  # found dead, then removed
        upkeep.sweep(table, grace=grace)
    return upkeep.unnamed(table, before=moment)
