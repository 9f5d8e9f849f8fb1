import datetime as dt
import threading
from pathlib import Path

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from guanxi.core.jobs import periodic
from guanxi.core.jobs.models import Job, State
from guanxi.core.jobs.run import stopping
from guanxi.core.jobs.worker import Worker
from tests.core import chores
from tests.web.process import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


@pytest.fixture
def rhythm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "_periodic", {})
    periodic.every(60, chores.tick)


def make_due() -> None:
    Job.objects.update(run_after=timezone.now() - dt.timedelta(seconds=1))


def together(*calls: object) -> None:
    """Run functions in threads that start at the same moment, each on its own connection."""
    gate = threading.Barrier(len(calls))

    def go(call: object) -> None:
        gate.wait()
        call()  # type: ignore[operator]
        connection.close()

    threads = [threading.Thread(target=go, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_enqueued_job_is_done_once_and_keeps_its_result(diary: Path) -> None:
    result = chores.write.enqueue(str(diary), "hello")
    assert Worker().drain() == 1
    assert Worker().drain() == 0
    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert result.return_value == "hello"
    assert diary.read_text() == "hello\n"


def test_a_job_is_due_at_once_by_the_clock_of_the_book(diary: Path) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        chores.write.enqueue(str(diary), "once")
    assert Worker().drain() == 1


def test_a_job_of_a_rolled_back_transaction_never_runs(diary: Path) -> None:
    def cause() -> None:
        with transaction.atomic():
            chores.write.enqueue(str(diary), "never")
            raise KeyError

    with pytest.raises(KeyError):
        cause()
    assert Worker().drain() == 0
    assert diary.read_text() == ""


def test_urgent_jobs_go_first_and_later_ones_wait(diary: Path) -> None:
    chores.write.enqueue(str(diary), "ordinary")
    chores.write.using(priority=50).enqueue(str(diary), "urgent")
    chores.write.using(run_after=timezone.now() + dt.timedelta(hours=1)).enqueue(str(diary), "later")
    assert Worker().drain() == 2
    assert diary.read_text().split() == ["urgent", "ordinary"]


def test_a_worker_of_one_queue_leaves_the_others_alone(diary: Path) -> None:
    chores.write.using(queue_name="long").enqueue(str(diary), "long")
    assert Worker(["default"]).drain() == 0
    assert Worker().drain() == 1


def test_a_failing_job_is_tried_again_later_and_then_given_up(diary: Path) -> None:
    chores.fail.enqueue(str(diary))
    for tries in (1, 2, 3):
        make_due()
        assert Worker().drain() == 1
        job = Job.objects.get()
        assert job.attempts == tries
        if tries < 3:
            assert job.state == State.READY
            assert job.run_after > timezone.now()
    assert job.state == State.DEAD
    make_due()
    assert Worker().drain() == 0
    assert diary.read_text().count("tried") == 3


def test_the_pause_between_tries_grows_and_has_an_end() -> None:
    shortest = [min(Job(attempts=tries).pause() for _ in range(50)) for tries in (1, 3, 6, 30)]
    assert shortest == sorted(shortest)
    assert max(Job(attempts=60).pause() for _ in range(50)) <= dt.timedelta(minutes=90)


def test_the_error_that_is_kept_quotes_no_data(diary: Path) -> None:
    chores.fail.enqueue(str(diary))
    Worker().drain()
    error = Job.objects.get().error
    assert "RuntimeError" in error
    assert "13912345679" not in error


def test_a_refusal_is_not_tried_again() -> None:
    chores.refuse.enqueue()
    Worker().drain()
    job = Job.objects.get()
    assert (job.state, job.attempts) == (State.DEAD, 1)
    assert "The shop is closed." in job.error


def test_of_two_workers_one_gets_the_job(diary: Path) -> None:
    for word in range(20):
        chores.write.enqueue(str(diary), str(word))
    together(*[Worker().drain] * 3)
    assert sorted(map(int, diary.read_text().split())) == list(range(20))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_the_job_of_a_dead_worker_is_taken_again(diary: Path) -> None:
    chores.write.enqueue(str(diary), "again")
    assert Job.objects.claim("a worker that died") is not None
    assert Worker().drain() == 0
    Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert Job.objects.reap() == 1
    assert Worker().drain() == 1
    assert Job.objects.get().attempts == 2


def test_a_job_that_kills_its_workers_is_given_up(diary: Path) -> None:
    chores.write.enqueue(str(diary), "poison")
    for _ in range(5):
        assert Job.objects.claim("a worker that died")
        Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        Job.objects.reap()
    assert Job.objects.get().state == State.DEAD


def test_a_worker_that_lost_its_lease_changes_nothing_any_more(diary: Path) -> None:
    chores.write.enqueue(str(diary), "mine")
    stale = Job.objects.claim("slow")
    assert stale
    Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    Job.objects.reap()
    fresh = Job.objects.claim("quick")
    assert fresh
    assert not stale.renew()
    assert not stale.finish("stale")
    assert fresh.finish("fresh")
    assert Job.objects.get().result == "fresh"


def test_a_cancelled_job_stops_where_it_looks(diary: Path) -> None:
    chores.count_up.enqueue(str(diary))
    thread = threading.Thread(target=lambda: (Worker().drain(), connection.close()))
    thread.start()
    until(lambda: "total" in Job.objects.get().progress)
    Job.objects.get().cancel()
    thread.join(timeout=10)
    job = Job.objects.get()
    assert job.state == State.DONE
    assert job.cancel_requested_at
    assert job.progress["total"] == 600
    assert "finished" not in diary.read_text()


def test_a_job_cancelled_while_it_waits_never_begins(diary: Path) -> None:
    chores.write.enqueue(str(diary), "never")
    Job.objects.get().cancel()
    assert Worker().drain() == 0


def test_a_worker_that_ends_gives_its_job_back_uncounted(diary: Path) -> None:
    chores.count_up.using(queue_name="long").enqueue(str(diary))
    stopping.set()
    try:
        Worker(["long"]).step()
    finally:
        stopping.clear()
    job = Job.objects.get(task=chores.count_up.module_path)
    assert (job.state, job.attempts) == (State.READY, 0)


@pytest.mark.usefixtures("rhythm")
def test_periodic_work_comes_once_a_turn_however_many_workers() -> None:
    turn = 1_000 * 60.0
    together(*[lambda: periodic.enqueue_turns(turn + 1)] * 3)
    assert Job.objects.count() == 1
    Worker().drain()
    periodic.enqueue_turns(turn + 30)
    assert Job.objects.count() == 1
    periodic.enqueue_turns(turn + 61)
    assert Job.objects.count() == 2


@pytest.mark.usefixtures("rhythm")
def test_periodic_work_does_not_pile_up_behind_a_slow_turn() -> None:
    periodic.enqueue_turns(60_000)
    periodic.enqueue_turns(60_060)
    assert Job.objects.count() == 1


def test_jobs_that_ended_long_ago_are_forgotten(diary: Path) -> None:
    for word in ("old", "new"):
        chores.write.enqueue(str(diary), word)
    Worker().drain()
    Job.objects.filter(arguments__args__1="old").update(finished_at=timezone.now() - dt.timedelta(days=15))
    assert Job.objects.sweep() == 1
    assert Job.objects.get().arguments["args"][1] == "new"


def test_asking_for_a_job_that_never_was_says_so() -> None:
    with pytest.raises(TaskResultDoesNotExist):
        chores.tick.get_result("999999")
    with pytest.raises(TaskResultDoesNotExist):
        chores.tick.get_result("no number")
