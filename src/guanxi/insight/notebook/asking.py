"""How a question is asked: once for each state of the lake, in a job of its own, in the warehouse's cage.

Whoever asks leaves an entry in the audit trail, also where the answer was there already and where nothing was asked.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from time import monotonic

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import GuanxiError, Refused
from guanxi.core.jobs.models import Job
from guanxi.core.jobs.run import Stopped
from guanxi.insight.notebook.models import TOLD, Question
from guanxi.warehouse import analyst, queries
from guanxi.warehouse.models import Moment
from guanxi.warehouse.queries import BadQuery
from guanxi.warehouse.reading import mentioned

ROWS, SECONDS = 100_000, 30
AT_ONCE = 2  # questions of one person
KEPT, KEPT_BYTES = 500, 2 * 1024**3
RECENT = dt.timedelta(minutes=5)  # how long a program is given an answer that depends on the time or on chance
VOLATILE = re.compile(
    r"\b(random|uuid\w*|gen_random_uuid|now|today|age|(get_)?current_\w+|transaction_timestamp|\w*sample|setseed)\b",
    re.I,
)


class TooManyQuestions(Refused):
    """Somebody has all the questions at work that they may have."""


def ask(sql: str, *, by: Staff, on: object) -> Question:
    """Have SQL asked, or find what was answered of the same state of the lake.

    BadQuery where it is not one SELECT over the lake, TooManyQuestions where the person has two at work.
    """
    told = {"sql": (None, sql[:TOLD])}
    try:
        queries.check(sql)
        with transaction.atomic():
            Staff.objects.select_for_update(no_key=True).get(pk=by.pk)  # a second question of theirs waits here
            AuditEntry.write("sql.asked", by=by, on=on, changes=told)  # type: ignore[arg-type]
            return known(sql) or _begin(sql, by)
    except (BadQuery, TooManyQuestions) as error:
        AuditEntry.write("sql.declined", by=by, on=on, changes=told | {"reason": (None, str(error))})  # type: ignore[arg-type]
        raise


def known(sql: str, *, recent: dt.timedelta = dt.timedelta()) -> Question | None:
    """Find the question that is at work or was answered of the lake as it is.

    One that depends on the time or on chance counts as answered for as long as `recent`.
    """
    found = latest(sql)
    if found is None or found.state_key != state_key(sql):
        return None
    if found.is_waiting:
        return found if _at_work(found) else None
    stands = not VOLATILE.search(sql) or (found.finished_at and timezone.now() - found.finished_at < recent)
    return found if found.is_done and stands else None


def latest(sql: str) -> Question | None:
    """Find the newest question with this text, of whatever state of the lake."""
    return Question.objects.filter(text_key=text_key(sql)).order_by("-pk").first()


def answered(sql: str) -> Question | None:
    """Find the newest answer to this text whose rows are still there, of whatever state of the lake."""
    line = Question.objects.filter(text_key=text_key(sql), state=Question.State.DONE).order_by("-pk")
    return next((each for each in line[:10] if each.is_done), None)


def text_key(sql: str) -> str:
    """Compute the checksum of a text."""
    return hashlib.sha256(sql.strip().encode(errors="replace")).hexdigest()


def state_key(sql: str) -> str:
    """Compute a checksum of the snapshots that a text reads, as they are now."""
    moment = Moment.objects.latest_one()
    found = {name: moment.snapshots.get(name) for name in mentioned(sql)} if moment else {}
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _begin(sql: str, by: Staff) -> Question:
    from guanxi.insight.tasks import answer_question  # noqa: PLC0415 - tasks import what they call

    waiting = Question.objects.filter(by=by, state=Question.State.WAITING)
    if sum(1 for each in waiting[: AT_ONCE * 10] if _at_work(each)) >= AT_ONCE:
        raise TooManyQuestions(_("Two of your queries are at work. Wait for one, or stop it."))
    made = Question.objects.create(sql=sql, text_key=text_key(sql), state_key=state_key(sql), by=by)
    made.job = int(answer_question.enqueue(made.pk).id)
    made.save(update_fields=["job"])
    return made


def _at_work(question: Question) -> bool:
    return Job.objects.unfinished().filter(pk=question.job or 0).exists()


@transaction.atomic
def stop(question: Question, *, by: Staff, on: object) -> bool:
    """Stop a question; False where it has ended by itself."""
    for job in Job.objects.filter(pk=question.job or 0):
        job.cancel()
    if not question.end(Question.State.STOPPED):
        return False
    AuditEntry.write("sql.stopped", by=by, on=on)  # type: ignore[arg-type]
    return True


def answer(question_id: int, *, check: Callable[[], None]) -> None:
    """Answer a question that waits; one that was stopped or answered meanwhile is left as it is."""
    question = Question.objects.filter(pk=question_id, state=Question.State.WAITING).first()
    if question is None:
        return
    moment, begun = Moment.objects.latest_one(), monotonic()
    Question.objects.filter(pk=question_id).update(state_key=state_key(question.sql), as_of=moment and moment.taken_at)
    try:
        found = analyst.ask(question.sql, rows=ROWS, seconds=SECONDS, check=check)
    except Stopped:
        raise
    except BadQuery as error:
        question.end(
            Question.State.FAILED, seconds=monotonic() - begun,
            fault={"said": error.said, "text": str(error), "line": error.line, "column": error.column},
        )  # fmt: skip
    except GuanxiError as error:
        question.end(Question.State.FAILED, seconds=monotonic() - begun, fault={"said": "", "text": str(error)})
    else:
        _keep(question, found, monotonic() - begun)
    sweep()


def _keep(question: Question, found: analyst.Answer, seconds: float) -> None:
    question.place.parent.mkdir(parents=True, exist_ok=True)
    part = question.place.with_suffix(".part")
    with pa.ipc.new_file(str(part), found.rows.schema) as out:
        out.write_table(found.rows, max_chunksize=10_000)
    part.replace(question.place)
    told = {"seconds": seconds, "rows": found.rows.num_rows, "truncated": found.truncated, "fault": {}}
    if not question.end(Question.State.DONE, **told):
        question.place.unlink(missing_ok=True)


def sweep() -> None:
    """Forget the oldest questions, and rows that are more than the disk is to hold."""
    old = Question.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1000]
    for question in Question.objects.filter(pk__in=list(old)).exclude(state=Question.State.WAITING):
        question.place.unlink(missing_ok=True)
        question.delete()
    left = KEPT_BYTES
    folder = settings.HOME / "answers"
    for file in sorted(folder.glob("*.arrow"), key=lambda each: each.stat().st_mtime, reverse=True):
        left -= file.stat().st_size
        if left < 0:
            file.unlink(missing_ok=True)


__all__ = ["BadQuery", "TooManyQuestions", "answer", "answered", "ask", "known", "latest", "stop", "sweep"]
