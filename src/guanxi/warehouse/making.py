"""How the rows of a mart come into the lake: all of them, or those of the months that would come out otherwise."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.core.jobs.lease import lease
from guanxi.warehouse import engines, lake, queries, slices, translation, upkeep
from guanxi.warehouse.engine import connect
from guanxi.warehouse.files import marked, write
from guanxi.warehouse.headers import MartBroken, Slices
from guanxi.warehouse.models import MartRun, Moment
from guanxi.warehouse.plans import scan

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile

    from guanxi.warehouse.marts import Mart

FOREVER = None
WRITERS = 2  # files written side by side: compressing takes one core each
LEASE = gettext_noop("mart")


@dataclass(frozen=True)
class Made:
    """What the lake has of a mart now: rows, its snapshot, and what each of its months was computed from."""

    rows: int
    head: int
    slices: Mapping[str, str]


@dataclass
class Work:
    """What one computation takes out of a mart's table and puts into it."""

    mart: "Mart"
    params: Mapping[str, Any]
    engine: str
    check: Callable[[], None]
    table: Any
    kept: "list[DataFile]" = field(default_factory=list)
    added: "list[DataFile]" = field(default_factory=list)
    slices: Mapping[str, str] = field(default_factory=dict)


def make(mart: "Mart", params: Mapping[str, Any], *, engine: str, check: Callable[[], None], anew: bool) -> Made:
    """Compute a mart and put its rows into the lake in one step; StepFailed says where the engine gave up."""
    with lease(f"{LEASE} {mart.name}", wait=FOREVER) as held:
        check()
        table = table_of(mart)
        before = lake.files(table)
        work = Work(mart, params, engine, check, table)
        if mart.header.slices:
            _slice(work, mart.header.slices, before.base, anew=anew)
        else:
            _whole(work)
        held.check()
        gone = [file for file in (*before.base, *before.changes) if file not in work.kept]
        if work.added or gone or lake.snapshot_id(table) is None:
            lake.commit(table, added=work.added, removed=gone)
        head = lake.snapshot_id(table) or 0
        Moment.objects.advance({mart.name: head})
        if len(table.metadata.snapshots) > upkeep.KEPT_MOMENTS:
            upkeep.tidy(table)
    return Made(sum(file.record_count for file in (*work.kept, *work.added)), head, work.slices)


def _whole(work: Work) -> None:
    with engines.moment(work.engine, work.mart.types) as now, _told(work, now, work.params):
        file = write(work.table, 0, _marked(_rows(work, now, work.params), 0))
    work.added += [file] if file else []


def _slice(work: Work, parts: Slices, before: "Sequence[DataFile]", *, anew: bool) -> None:
    """Keep the files of the months that stand, and compute the others some at a time."""
    heads, text = Moment.objects.heads(), work.mart.sql
    work.slices = slices.signatures(parts, work.mart.reads, heads, work.params, text)
    known = {} if anew else _known(work, heads)
    stale = [int(month) for month, told in work.slices.items() if known.get(month) != told]
    work.kept += [file for file in before if str(file.partition[0]) in work.slices and file.partition[0] not in stale]
    with engines.moment(work.engine, work.mart.types) as now:
        for months in slices.chunks(stale):
            params = {**work.params, **slices.bounds(months)}
            with _told(work, now, params):
                batches = list(_rows(work, now, params))
            if batches:  # an engine may call null what the header does not: the file casts
                old = {} if anew else {int(file.partition[0]): file for file in before}
                _parted(work, pa.Table.from_batches(batches), parts.column, months, old)


def _known(work: Work, heads: Mapping[str, int]) -> Mapping[str, str]:
    """What the months in the lake were computed from; nothing where another run or engine wrote them."""
    last = MartRun.objects.of(work.mart.name).filter(state=MartRun.State.DONE).first()
    if last is None or last.engine != engines.shown(work.engine) or heads.get(work.mart.name) != last.snapshot_id:
        return {}
    return dict(last.slices)


def _parted(work: Work, found: pa.Table, column: str, months: Sequence[int], old: "Mapping[int, DataFile]") -> None:
    """Write rows, a file a month; a month that came out as it lies in the lake stays, for those who read it."""
    days = found[column]
    each = pc.add(pc.multiply(pc.year(days), 100), pc.month(days))
    told = set(pc.unique(each).to_pylist())
    if strays := told - set(months):
        raise MartBroken(f"Mart {work.mart.name} gives rows of the months {strays}, but was asked for {months}.")

    def written(month: int) -> "tuple[DataFile | None, DataFile | None]":
        mine = found.filter(pc.equal(each, month)).combine_chunks()  # in one piece, for few and large row groups
        if month in old and _holds(work, old[month], mine):
            return old[month], None
        return None, write(work.table, month, _marked(mine.to_batches(), month))

    with ThreadPoolExecutor(WRITERS) as hands:
        for kept, added in hands.map(written, sorted(told)):
            work.kept += [kept] if kept else []
            work.added += [added] if added else []


def _holds(work: Work, file: "DataFile", rows: pa.Table) -> bool:
    """Tell whether a file holds these rows and no others, in whichever order."""
    if file.record_count != rows.num_rows:
        return False
    ids = {field.name: field.field_id for field in work.table.schema().fields}
    with connect() as engine:
        engine.register("found", rows.cast(work.mart.schema))
        lies = scan([file.file_path], work.mart.schema, ids)
        sums = [engine.sql(slices.summed(work.mart.schema.names, of)).fetchall() for of in ("found", lies)]
    return sums[0] == sums[1]


@contextmanager
def _told(work: Work, now: engines.Reader, params: Mapping[str, Any]) -> Iterator[None]:
    """Say at which step the engine gave up."""
    try:
        yield
    except engines.EngineAway:
        raise
    except Exception as error:
        if not _is_engines(error):
            raise
        raise StepFailed(_step(work.mart, now, params), error) from error


def _is_engines(error: Exception) -> bool:
    import duckdb  # noqa: PLC0415 - slow to import, and many commands do without

    return isinstance(error, duckdb.Error | engines.EngineFailed)


class StepFailed(engines.EngineFailed):
    """The engine could not compute a step of a mart."""

    def __init__(self, step: str, error: Exception) -> None:
        self.step = step
        said = {"step": step, "error": " ".join(str(error).split("\n\n")[0].split())}
        where = _("The step %(step)s failed: %(error)s") if step else _("It failed: %(error)s")
        super().__init__(where % said)


def _step(mart: "Mart", now: engines.Reader, params: Mapping[str, Any]) -> str:
    """Find the first named step that cannot be computed by itself; empty where each can."""
    for name, asked in translation.steps(mart.sql).items():
        used = queries.parameters(asked)
        try:
            for _batch in now.reader(asked, **{key: value for key, value in params.items() if key in used}):
                pass
        except Exception as error:
            if not _is_engines(error):
                raise
            return name
    return ""


def _rows(work: Work, now: engines.Reader, params: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
    mart = work.mart
    found = now.reader(mart.sql, **params)
    if found.schema.names != mart.schema.names:
        raise MartBroken(f"Mart {mart.name} gives {found.schema.names}, but its header says {mart.schema.names}.")
    for batch in found:
        work.check()
        yield batch


def _marked(batches: Iterable[pa.RecordBatch], part: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from marked(pa.Table.from_batches([batch]), part).to_batches()


def table_of(mart: "Mart") -> Any:
    """Find or make the table of a mart in the lake."""
    try:
        return lake.made(mart.name, mart.schema)
    except lake.LakeBroken:  # a column has another type now, or files are missing: it is computed anew anyhow
        Moment.objects.forget_table(mart.name)
        lake.drop(mart.name)
        return lake.made(mart.name, mart.schema)
