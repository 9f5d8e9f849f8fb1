"""Making the lake anew from the book: everything counts as never exported, and the tables are emptied.

Readers keep the last moment until the new one is complete. The beginning is recorded in the book, so that a rebuild
cut short is taken up by the next sync: half of it would show readers a lake with too little or too much. Of a table
whose rows outlive the book, those that the book has no more stay.
"""

from itertools import count

import pyarrow as pa
from django.db import transaction
from django.db.models import Max

from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.warehouse import lake, outliving
from guanxi.warehouse.models import Arrival, LakeSource, Moment, SyncBatch, Tombstone
from guanxi.warehouse.registry import feeds, marts, tables

MARK = "*"  # the feed that stands for all
AT_ONCE = 2_000


def begin() -> None:
    """Record that the lake has to be made anew; the next sync does it."""
    SyncBatch.objects.get_or_create(feed=MARK, state=SyncBatch.State.CLAIMED)


def resume(held: Heartbeat) -> None:
    """Empty the tables and mark all rows as never exported, where a rebuild was begun."""
    mark = SyncBatch.objects.filter(feed=MARK, state=SyncBatch.State.CLAIMED).first()
    if mark is None:
        return
    for name, declared in tables().items():
        held.check()
        if declared.outlives:
            outliving.thin(declared, held)
        else:
            _empty(name, declared.stored)
    _forget_lost_marts()
    for feed in feeds().values():
        _reset(feed.model, held)
    Tombstone.objects.all().delete()
    with transaction.atomic():
        SyncBatch.objects.filter(state=SyncBatch.State.CLAIMED).delete()


def _forget_lost_marts() -> None:
    """Have marts of which the lake knows nothing count as never computed: it is another one, or lost them."""
    for name, head in Moment.objects.heads(marts()).items():
        try:
            table = lake.find(name)
        except lake.LakeBroken:
            table = None
        if table is None or table.snapshot_by_id(head) is None:
            Moment.objects.forget_table(name)


def _empty(name: str, columns: pa.Schema) -> None:
    try:
        table = lake.made(name, columns)
        files = lake.files(table)
    except (lake.LakeBroken, FileNotFoundError):
        lake.drop(name)
        Moment.objects.all().delete()  # what they name is gone
        return
    if files.base or files.changes:
        lake.commit(table, removed=(*files.base, *files.changes))


def _reset(model: type[LakeSource], held: Heartbeat) -> None:
    rows = model._default_manager  # noqa: SLF001 - Django's documented name
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    for first in count(0, AT_ONCE):
        if first > last:
            return
        held.check()
        _reset_some(model, first, first + AT_ONCE - 1)


@transaction.atomic
def _reset_some(model: type[LakeSource], first: int, last: int) -> None:
    """Have rows wait by themselves, and take them out of what was announced, lest they be exported twice."""
    rows = model._default_manager.filter(pk__range=(first, last), lake_batch__isnull=False)  # noqa: SLF001
    rows.update(lake_batch=None)
    label = model._meta.label_lower  # noqa: SLF001
    for arrival in Arrival.objects.filter(model=label, first_id__lte=last, last_id__gte=first):
        outside = [(arrival.first_id, first - 1), (last + 1, arrival.last_id)]
        Arrival.objects.bulk_create(Arrival(model=label, first_id=a, last_id=b) for a, b in outside if a <= b)
        arrival.delete()
