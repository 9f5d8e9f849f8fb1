"""The page of the runs: how each result stands, what failed, and the button that computes them."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django.fixtures import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job, State
from guanxi.insight import computations
from guanxi.warehouse import runs
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.runs import computed
from guanxi.warehouse.tasks import run_marts
from tests.cast import hired

PAGE = "/insight/runs/"


@pytest.fixture
def browser(client: Client, owner: Staff) -> Client:
    client.force_login(owner)
    return client


def read(browser: Client, **headers: str) -> str:
    answer = browser.get(PAGE, headers=headers or {"accept-language": "en"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def ran(mart: str, state: str = "done", **told: Any) -> MartRun:
    given = {"engine": "duckdb", "rows": 1_234 if state == "done" else None, "seconds": 2.345}
    return MartRun.objects.keep(**{"mart": mart, "state": state, **given, **told})


def test_every_result_is_listed_before_anything_was_computed(browser: Client) -> None:
    shown = read(browser)
    assert "<h1>Nothing was computed yet</h1>" in shown
    assert shown.count("Not computed yet") == len(computed())
    assert all(str(title) in shown for title in computations.TITLES.values())
    assert set(computations.TITLES) <= set(computed())


def test_what_is_not_computed_yet_is_not_called_computed(browser: Client) -> None:
    ran("customer_rfm")
    assert f"1 of {len(computed())} results are computed, the last one " in read(browser)


def test_figures_are_told_in_both_languages(browser: Client) -> None:
    for mart in computed():
        ran(mart)
    assert "Every result is computed, the last one " in read(browser)
    assert "1,234" in read(browser)
    assert "2.3 s" in read(browser)
    with translation.override("zh-hans"):
        shown = read(browser, **{"accept-language": "zh-CN"})
    assert "各项结果都已算好" in shown
    assert "2.3 秒" in shown


def test_a_failure_comes_first_with_its_step_and_the_age_of_the_rows_that_stay(browser: Client) -> None:
    for mart in computed():
        ran(mart)
    ran("sales_by_day", "failed", problem="The step priced failed: <b>Overflow</b>", step="priced")
    ran("customer_rfm", "left_out", problem="It reads orders_x, which failed.")
    shown = read(browser)
    assert f"<h1>2 of {len(computed())} results could not be computed</h1>" in shown
    assert "Failed at the step priced" in shown
    assert "&lt;b&gt;Overflow" in shown
    assert shown.index("sales_by_day") < shown.index("product_days")
    assert shown.count("1,234") == len(computed())


def test_a_run_elsewhere_names_the_server(browser: Client) -> None:
    ran("sales_by_day", engine="sc://spark.example:15002")
    assert "Computed by sc://spark.example:15002" in read(browser)


def test_the_button_has_them_computed_once(browser: Client) -> None:
    assert "Compute now" in read(browser)
    for _ in range(2):
        assert browser.post(f"{PAGE}new/").status_code == 302
    job = Job.objects.get(task=run_marts.module_path)
    shown = read(browser)
    assert "Compute now" not in shown
    assert "It begins as soon as a worker is free." in shown
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, progress={"done": 3, "total": 8, "unit": "marts"})
    shown = read(browser)
    assert f"/jobs/{job.pk}/cancellation/" in shown
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    assert f"/jobs/{job.pk}/cancellation/" not in read(browser)


def test_who_may_not_change_sees_no_button(client: Client, agent: Staff) -> None:
    client.force_login(hired("tan", "谭分析", Role.ANALYST))
    assert "Compute now" not in read(client)
    assert client.post(f"{PAGE}new/").status_code == 403
    client.force_login(agent)
    assert client.get(PAGE).status_code == 403
    assert not Job.objects.exists()


def test_the_page_asks_the_same_few_questions_however_many_runs_there_are(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for nth in range(40):
        for mart in computed():
            ran(mart, "failed" if nth % 2 else "done")
    with django_assert_max_num_queries(12):
        shown = read(browser)
    assert len(shown.encode()) < 60_000


def test_the_task_computes_all_and_says_how_it_went(lake: Path, today: dt.date) -> None:
    alone = SimpleNamespace(task_result=SimpleNamespace(id="alone", worker_ids=[]), attempt=1)
    assert run_marts.func(alone) == dict.fromkeys(runs.ordered(), "done")
    assert run_marts.func(alone) == dict.fromkeys(runs.ordered(), "unchanged")
    assert {run.rows for run in MartRun.objects.newest().values()} == {0}
