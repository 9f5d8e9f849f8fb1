"""The page of the jobs: what is at work, what was given up, what is done; and what an owner does about it."""

import importlib
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from django_tasks.base import Task
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.core.jobs.models import Job, State
from guanxi.operation import queue, sending
from guanxi.operation.models import Pause

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def given_up(**values: object) -> Job:
    return Job.objects.create(
        task="guanxi.ingest.tasks.run_import", state=State.DEAD, attempts=5, finished_at=timezone.now(),
        error="Traceback\nOSError", **values,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def english(owner: Staff) -> None:
    Staff.objects.update(language="en")


def test_the_page_says_how_the_work_stands(owners_browser: Client) -> None:
    assert "Nothing is waiting, and nothing was given up" in read(owners_browser, "/jobs/")
    Job.objects.create(
        task="guanxi.ingest.tasks.run_import", state=State.RUNNING, worker="w", attempts=1, started_at=timezone.now(),
        progress={"done": 1200, "total": 5000, "unit": "rows"},
    )  # fmt: skip
    Job.objects.create(task="guanxi.warehouse.tasks.sync_lake")
    given_up()
    page = read(owners_browser, "/jobs/")
    assert "<h1>1 given up, 1 at work, 1 waiting</h1>" in page
    for words in ("1,200 of 5,000", "Bring the figures up to date", "Running", "Waiting"):
        assert words in page, words
    assert "OSError" not in page
    assert "OSError" in read(owners_browser, "/jobs/?view=dead")


def test_a_job_that_was_given_up_is_tried_again_from_the_beginning(owners_browser: Client) -> None:
    job = given_up()
    owners_browser.post(f"/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.finished_at) == (State.READY, 0, None)
    assert job in Job.objects.due()


def test_only_what_was_given_up_is_tried_again(owners_browser: Client) -> None:
    done = Job.objects.create(task="x", state=State.DONE, finished_at=timezone.now())
    running = Job.objects.create(task="x", state=State.RUNNING, worker="w", attempts=2)
    for job in (done, running):
        owners_browser.post(f"/jobs/{job.pk}/retry/")
    assert list(Job.objects.order_by("pk").values_list("state", "attempts")) == [(State.DONE, 0), (State.RUNNING, 2)]
    assert owners_browser.post("/jobs/999/retry/").status_code == 404


def test_a_job_is_asked_to_stop(owners_browser: Client) -> None:
    waiting = Job.objects.create(task="x")
    running = Job.objects.create(task="x", state=State.RUNNING, worker="w", attempts=1)
    for job in (waiting, running):
        owners_browser.post(f"/jobs/{job.pk}/cancellation/")
    assert Job.objects.get(pk=waiting.pk).state == State.DONE
    assert Job.objects.get(pk=running.pk).cancel_requested_at is not None
    assert "Stopping" in read(owners_browser, "/jobs/")


def test_older_jobs_follow_page_by_page(owners_browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SHOWN", 2)
    jobs = [given_up() for _ in range(5)]
    rows, older = queue.of("dead")
    assert [row.job.pk for row in rows] == [jobs[4].pk, jobs[3].pk]
    assert f"before={older}" in read(owners_browser, "/jobs/?view=dead")
    assert [row.job.pk for row in queue.of("dead", before=older)[0]] == [jobs[2].pk, jobs[1].pk]
    for odd in ("?view=nothing", "?before=x", "?before=99999999999999999999999", "?view=dead&before=-1"):
        read(owners_browser, f"/jobs/{odd}")


def test_the_page_asks_the_same_few_questions_however_many_jobs_there_are(
    owners_browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(40):
        given_up()
    with django_assert_max_num_queries(15):
        read(owners_browser, "/jobs/?view=dead")


def test_jobs_are_for_owners(agent: Staff) -> None:
    client = Client()
    client.force_login(agent)
    job = given_up()
    assert client.get("/jobs/").status_code == 403
    for address in (f"/jobs/{job.pk}/retry/", f"/jobs/{job.pk}/cancellation/", "/jobs/pause/", "/jobs/pause/end/"):
        assert client.post(address).status_code == 403
    assert Job.objects.get().state == State.DEAD
    assert Pause.objects.count() == 0
    assert "/jobs/" not in client.get("/customers/").content.decode()


def test_while_nothing_is_sent_every_page_says_so(owners_browser: Client, owner: Staff, agent: Staff) -> None:
    assert "Nothing is sent" not in read(owners_browser, "/orders/")
    sending.pause(Pause.Reason.RESTORED)
    told = "Nothing is sent to customers: this shop was restored from a backup."
    assert told in read(owners_browser, "/orders/")
    agents = Client(headers={"Accept-Language": "en"})
    agents.force_login(Staff.objects.get(pk=agent.pk))
    Staff.objects.update(language="en")
    page = read(agents, "/orders/")
    assert told in page
    assert "See and end the pause" not in page
    assert "Send from here" in read(owners_browser, "/jobs/")
    owners_browser.post("/jobs/pause/end/")
    assert "Nothing is sent" not in read(owners_browser, "/orders/")
    assert Pause.objects.get().ended_by == owner


def test_an_owner_pauses_all_sending_by_hand(owners_browser: Client, owner: Staff) -> None:
    owners_browser.post("/jobs/pause/")
    assert Pause.objects.open().get().by == owner
    assert "paused by hand" in read(owners_browser, "/jobs/")


def test_every_task_is_named_for_the_owner() -> None:
    places = [config.name for config in apps.get_app_configs() if (Path(config.path) / "tasks.py").exists()]
    modules = [importlib.import_module(f"{name}.tasks") for name in places if name.startswith("guanxi.")]
    tasks = {each.module_path for module in modules for each in vars(module).values() if isinstance(each, Task)}
    assert len(tasks) > 10
    assert tasks - {*queue.TITLES} == set()
