"""What the bell tells of figures."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.core.jobs.models import DIED, Job, State
from guanxi.insight import tasks
from guanxi.insight.models import ShopRun
from tests.cast import notices_of


@pytest.mark.parametrize(("today", "missing"), [((2035, 9, 30), False), ((2035, 10, 1), True), ((2036, 2, 1), True)])
def test_a_calendar_without_the_coming_festivals_is_told_in_time(
    owners_browser: Client, monkeypatch: pytest.MonkeyPatch, today: tuple[int, int, int], missing: bool
) -> None:
    monkeypatch.setattr("guanxi.insight.news.timezone.localdate", lambda: dt.date(*today))
    assert ("The calendar of 2036 is missing: Spring Festival, Mid-Autumn" in notices_of(owners_browser)) is missing


def test_figures_that_wait_too_long_to_be_added_up_are_notices_of(
    owners_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ShopRun.objects.create(as_of=dt.date(2026, 11, 1), basis={"orders": 1}, finished_at=timezone.now(), seconds=1)
    monkeypatch.setattr("guanxi.insight.daily.is_due", lambda: True)
    assert "out of date" not in notices_of(owners_browser)
    ShopRun.objects.filter(pk=run.pk).update(finished_at=timezone.now() - dt.timedelta(days=20))
    assert "The shop&#x27;s figures are out of date" in notices_of(owners_browser)


def test_a_scoring_whose_worker_died_is_told_in_the_reader_s_language(owners_browser: Client, owner: Staff) -> None:
    path = tasks.refresh_rfm.module_path
    Job.objects.create(task=path, state=State.DEAD, error=DIED, finished_at=timezone.now())
    assert DIED in notices_of(owners_browser)
    Staff.objects.filter(pk=owner.pk).update(language="zh-hans")
    html = notices_of(owners_browser)
    assert "没能给客户打分" in html
    assert DIED not in html
