import datetime as dt
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest
from django.utils import timezone

from guanxi.accounts.models import OwnerLink
from guanxi.core.jobs.models import Job, State
from tests.core import chores
from tests.web.process import free_port, guanxi, members, status, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


def test_guanxi_comes_up_is_healthy_works_and_stops_leaving_nothing(home: Path, diary: Path) -> None:
    port = free_port()
    with guanxi(home, "up", "--port", str(port), "--json") as up:
        until(lambda: status(port) == 200)
        assert up.stdout
        welcome = json.loads(up.stdout.readline())
        token = welcome["owner_link"].rstrip("/").rpartition("/")[2]
        assert OwnerLink.opens(token)
        assert status(port, f"/welcome/{token}/") == 200
        chores.write.enqueue(str(diary), "worked")
        until(lambda: diary.read_text() == "worked\n")
        up.terminate()
        assert up.wait(timeout=30) == 0
        assert members(up.pid) == []


def test_a_part_that_falls_is_started_again(home: Path) -> None:
    port = free_port()
    with guanxi(home, "up", "--port", str(port)) as up:
        until(lambda: status(port) == 200)
        parts = set(members(up.pid)) - {up.pid}
        for part in parts:
            os.kill(part, signal.SIGKILL)
        until(lambda: status(port) == 200 and not parts & set(members(up.pid)))
        assert up.poll() is None


def test_nobody_is_left_when_the_supervisor_is_killed(home: Path) -> None:
    port = free_port()
    with guanxi(home, "up", "--port", str(port)) as up:
        until(lambda: status(port) == 200)
        up.kill()
        until(lambda: members(up.pid) == [])


def test_a_port_in_use_is_said_in_one_sentence(home: Path) -> None:
    port = free_port()
    with guanxi(home, "web", "--port", str(port)):
        until(lambda: status(port) == 200)
        with guanxi(home.with_name("second"), "up", "--port", str(port)) as second:
            assert second.wait(timeout=60) == 1
        assert "--port" in (home.parent / "log").read_text().splitlines()[-1]


def test_the_job_of_a_killed_worker_is_done_by_the_next(home: Path, diary: Path) -> None:
    chores.sleep_through.enqueue(str(diary))
    with guanxi(home, "worker") as first:
        until(lambda: "begun" in diary.read_text())
        first.kill()
    job = Job.objects.get(task__endswith="sleep_through")
    assert job.state == State.RUNNING
    Job.objects.update(lease_until=job.started_at)
    with guanxi(home.with_name("second"), "worker"):
        until(lambda: diary.read_text().count("begun") == 2)
        assert Job.objects.get(pk=job.pk).attempts == 2


@pytest.mark.parametrize("seed", range(20 if os.environ.get("GUANXI_TORTURE") else 3))
def test_workers_killed_at_any_moment_lose_no_job(home: Path, diary: Path, seed: int) -> None:
    dice, kills, count = random.Random(seed), 4, 150
    for number in range(count):
        chores.write.enqueue(str(diary), str(number))
    mine = Job.objects.filter(task__endswith=".write")
    for kill in range(kills):
        with guanxi(home.with_name(f"home-{kill}"), "worker") as worker:
            until(lambda least=kill * 20: diary.read_text().count("\n") > least)
            time.sleep(dice.uniform(0, 0.1))
            worker.kill()
            worker.wait()
        Job.objects.filter(state=State.RUNNING).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    with guanxi(home, "worker"):
        until(lambda: mine.filter(state=State.DONE).count() == count)
    done = diary.read_text().split()
    assert set(done) == {str(number) for number in range(count)}
    assert len(done) <= count + kills


def test_a_worker_that_is_asked_to_end_gives_its_job_back_at_once(home: Path, diary: Path) -> None:
    chores.count_up.enqueue(str(diary))
    with guanxi(home, "worker") as worker:
        until(lambda: "begun" in diary.read_text())
        worker.terminate()
        assert worker.wait(timeout=20) == 0
    job = Job.objects.get(task__endswith="count_up")
    assert (job.state, job.attempts) == (State.READY, 0)


def test_a_job_that_does_not_look_up_is_given_back_when_the_grace_is_over(home: Path, diary: Path) -> None:
    chores.sleep_through.enqueue(str(diary))
    with guanxi(home, "worker") as worker:
        until(lambda: "begun" in diary.read_text())
        worker.terminate()
        assert worker.wait(timeout=30) == 0
    assert Job.objects.get(task__endswith="sleep_through").state == State.READY
