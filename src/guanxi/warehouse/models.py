"""The book's side of the lake: which rows still have to be exported, and which moment of the lake readers see."""

import datetime as dt
import uuid
from collections.abc import Container, Iterable, Sequence
from itertools import islice
from typing import Any, Self

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

ARRIVED = 0  # the lake_batch of rows whose arrival is announced for all of them together
CHANGED: dict[str, Any] = {"version": F("version") + 1, "lake_batch": None}
BURIED_AT_ONCE = 5_000
RUNS_KEPT = 50  # of each mart
LAST_VERSION = 2**31 - 1


class LakeQuerySet(models.QuerySet[Any]):
    """Rows that have copies in the lake."""

    def mark_changed(self) -> int:
        """Have these rows exported again; in the transaction that changes them (`update(…, **CHANGED)` does both)."""
        return self.update(**CHANGED)

    def unexported(self) -> Self:
        """Keep the rows whose present version is not in the lake yet."""
        return self.filter(lake_batch__isnull=True)


class LakeSource(models.Model):
    """A row that the lake holds a copy of. A `Meta` of its own inherits from `LakeSource.Meta`, for the index.

    `version` grows with every change; `lake_batch` names the batch that exported the present version. Rows inserted
    many at a time have ARRIVED there and are announced (`announce`) in the same transaction.
    """

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    lake_batch = models.BigIntegerField(null=True, editable=False)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["version", "id"], condition=Q(lake_batch__isnull=True), name="%(class)s_to_lake")
        ]


class SyncBatch(models.Model):
    """Rows of one feed that go into the lake together, exactly once: the token is written into the lake's snapshots."""

    class State(models.TextChoices):
        CLAIMED = "claimed"
        APPENDED = "appended"

    feed = models.CharField(max_length=60)
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    claimed_at = models.DateTimeField(default=timezone.now)
    appended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(state="claimed"), name="syncbatch_claimed")]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.feed}"

    def widen(self, first: int, last: int) -> None:
        """Remember that rows between these ids were claimed; in the transaction that claims them."""
        self.first_id = first if self.first_id is None else min(self.first_id, first)
        self.last_id = last if self.last_id is None else max(self.last_id, last)
        self.save(update_fields=["first_id", "last_id"])

    def append(self, rows: int) -> None:
        """Forget the arrivals and tombstones that are in the lake, and record it last: a crash leaves none behind."""
        Arrival.objects.filter(lake_batch=self.pk).delete()
        Tombstone.objects.forget(self.pk)
        self.state, self.rows, self.appended_at = self.State.APPENDED, rows, timezone.now()
        self.save(update_fields=["state", "rows", "appended_at"])


class Arrival(models.Model):
    """Neighbouring rows of one model that were inserted together and wait for the lake together.

    Claiming one costs the same however many rows it stands for; claiming each of a million rows cost more than
    loading them. What happens to a row later is told by the row itself.
    """

    model = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    lake_batch = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lake_batch", "model", "id"], name="arrival_to_lake")]

    def __str__(self) -> str:
        return f"{self.model} {self.first_id} to {self.last_id}"

    @property
    def rows(self) -> range:
        """The keys."""
        return range(self.first_id, self.last_id + 1)


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Write ids as ranges of neighbours.

    >>> ranges([4, 5, 6, 9])
    [[4, 6], [9, 9]]
    """
    found: list[list[int]] = []
    for pk in ids:
        if found and found[-1][1] == pk - 1:
            found[-1][1] = pk
        else:
            found.append([pk, pk])
    return found


def announce(model: type[LakeSource], ids: Iterable[int]) -> None:
    """Have rows just inserted with ARRIVED as their lake_batch exported; in the transaction that inserts them."""
    label = model._meta.label_lower  # noqa: SLF001 - Django's documented name
    Arrival.objects.bulk_create(Arrival(model=label, first_id=a, last_id=b) for a, b in ranges(sorted(ids)))


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    """Deletions on their way to the lake."""

    def forget(self, batch: int) -> None:
        """Delete the tombstones of an exported batch, a few thousand at a time."""
        while ids := list(self.filter(lake_batch=batch).values_list("pk", flat=True)[:BURIED_AT_ONCE]):
            self.filter(pk__in=ids).delete()


class Tombstone(models.Model):
    """One row deleted from the book that may still be in the lake. Ids never come back, so it beats any version."""

    feed = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    lake_batch = models.BigIntegerField(null=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["lake_batch", "feed", "id"], name="tombstone_to_lake")]

    def __str__(self) -> str:
        return f"{self.feed} {self.row_id}"


def bury(feed: str, ids: Iterable[int]) -> None:
    """Have rows that are about to be deleted leave the lake too; called before, in the same transaction."""
    from guanxi.warehouse.registry import feeds  # noqa: PLC0415 - the registry needs models only for its types

    source = feeds()[feed].model._default_manager  # noqa: SLF001 - Django's documented name
    with transaction.atomic():
        left = iter(ids)
        while some := list(islice(left, BURIED_AT_ONCE)):
            versions = source.filter(pk__in=some).values_list("pk", "version")
            Tombstone.objects.bulk_create(
                Tombstone(feed=feed, row_id=pk, version=version + 1) for pk, version in versions
            )


def bury_unseen(feed: str, ids: Iterable[int]) -> None:
    """Have rows leave the lake of which the book may know nothing any more; in the transaction that decides it."""
    left = iter(ids)
    while some := list(islice(left, BURIED_AT_ONCE)):
        Tombstone.objects.bulk_create(Tombstone(feed=feed, row_id=pk, version=LAST_VERSION) for pk in some)


class MomentQuerySet(models.QuerySet["Moment"]):
    """Moments of the lake, newest last."""

    def latest_one(self) -> "Moment | None":
        """Find the moment readers see."""
        return self.order_by("-pk").first()

    def heads(self, names: Container[str] | None = None) -> dict[str, int]:
        """Give the snapshots readers see, of all tables and marts unless named; of none before the first sync."""
        moment = self.latest_one()
        found = moment.snapshots if moment else {}
        return {name: head for name, head in found.items() if names is None or name in names}

    @transaction.atomic
    def advance(self, changes: dict[str, int], *, seconds: float | None = None) -> "Moment":
        """Let readers see new snapshots of some tables beside the ones they saw of the others.

        `seconds` is how long a sync took. Without one it is still the moment of the last: a mart computed since makes
        the rows under it no newer, nor the next sync later.
        """
        last = self._locked()
        at = {"taken_at": last.taken_at, "seconds": last.seconds}
        if seconds is not None:
            at = {"taken_at": timezone.now(), "seconds": seconds}
        if last.pk and last.snapshots | changes == last.snapshots:
            self.filter(pk=last.pk).update(**at)
            last.refresh_from_db()
            return last
        return self.create(snapshots=last.snapshots | changes, **at)

    @transaction.atomic
    def forget_table(self, name: str) -> None:
        """Let readers see a table as never written."""
        last = self._locked()
        left = {table: snapshot for table, snapshot in last.snapshots.items() if table != name}
        self.create(snapshots=left, taken_at=last.taken_at, seconds=last.seconds)

    def _locked(self) -> "Moment":
        if connection.vendor == "postgresql":  # SQLite's transactions are immediate: nobody comes between
            with connection.cursor() as cursor:
                cursor.execute("lock table warehouse_moment in exclusive mode")
        return self.latest_one() or Moment()

    def forget(self, keep: Sequence[int], before: dt.datetime) -> None:
        """Delete old moments, except those to `keep`."""
        self.exclude(pk__in=keep).filter(taken_at__lt=before).delete()


class Moment(models.Model):
    """One state of the whole lake: the snapshot of every table that readers see together."""

    taken_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0)
    snapshots = models.JSONField(default=dict)

    objects = MomentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"


class MartRunQuerySet(models.QuerySet["MartRun"]):
    """Runs of marts, newest first."""

    def of(self, mart: str) -> Self:
        """Keep the runs of one mart, the newest first."""
        return self.filter(mart=mart).order_by("-pk")

    def newest(self) -> dict[str, "MartRun"]:
        """Find the newest run of every mart, by its name."""
        last = self.order_by().values("mart").annotate(last=models.Max("pk")).values("last")
        return {run.mart: run for run in self.filter(pk__in=last)}

    def keep(self, **told: Any) -> "MartRun":
        """Write a run down, and forget the oldest of the same mart."""
        made = self.create(**told)
        old = list(self.of(made.mart).values_list("pk", flat=True)[RUNS_KEPT : RUNS_KEPT + BURIED_AT_ONCE])
        if old:
            self.filter(pk__in=old).delete()
        return made


class MartRun(models.Model):
    """One computation of a mart that came to an end, or that was left out because a mart it reads had failed.

    `basis` names the snapshots it was computed from, `slices` what each of its months was computed from,
    `text` is the checksum of its SQL; `step` the named step (CTE) that failed, where that is known.
    """

    class State(models.TextChoices):
        DONE = "done"
        FAILED = "failed"
        LEFT_OUT = "left_out"

    mart = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State)
    engine = models.CharField(max_length=300)
    finished_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0)
    rows = models.BigIntegerField(null=True)
    snapshot_id = models.BigIntegerField(null=True)
    basis = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    slices = models.JSONField(default=dict)
    text = models.CharField(max_length=8, blank=True)
    problem = models.TextField(blank=True)
    step = models.CharField(max_length=100, blank=True)

    objects = MartRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mart", "-id"], name="mart_run_newest")]

    def __str__(self) -> str:
        return f"{self.mart} ({self.state})"


class RetiredFile(models.Model):
    """A file of the lake that no live snapshot names; deleted when no reader can be at it any more."""

    path = models.CharField(max_length=700, unique=True)
    retired_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.path


def as_of() -> dt.datetime | None:
    """When the lake was last brought up to date; None before the first time."""
    moment = Moment.objects.latest_one()
    return moment.taken_at if moment else None
