"""What the bell tells of the lake."""

import datetime as dt

from django.test import Client
from django.utils import timezone

from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job, State
from guanxi.warehouse import tasks
from guanxi.warehouse.models import Moment
from tests.cast import hired, notices_of

TRACE = 'File "sync.py", line 7\nLakeBroken: These figures cannot be read.'
FAILED = "The figures cannot follow the orders"
STILL = "All figures stand still"


def ended(state: str, error: str = "") -> None:
    Job.objects.create(task=tasks.sync_lake.module_path, state=state, error=error, finished_at=timezone.now())


def test_work_that_was_given_up_is_told_by_its_sentence_until_it_succeeds(owners_browser: Client) -> None:
    ended(State.DEAD, "older")
    ended(State.DEAD, TRACE)
    html = notices_of(owners_browser)
    assert html.count(FAILED) == 1
    assert "These figures cannot be read." in html
    assert "sync.py" not in html
    assert '<span class="gx-unread">1' in html
    ended(State.DONE)
    assert FAILED not in notices_of(owners_browser)


def test_a_lake_that_stands_still_is_told_however_long_it_has_stood(owners_browser: Client) -> None:
    moment = Moment.objects.create(snapshots={}, taken_at=timezone.now(), seconds=1)
    assert STILL not in notices_of(owners_browser)
    Moment.objects.filter(pk=moment.pk).update(taken_at=timezone.now() - dt.timedelta(days=30))
    assert STILL in notices_of(owners_browser)


def test_who_sees_no_figures_hears_nothing_of_them(db: None) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(hired("an", "An", Role.AGENT))
    ended(State.DEAD, TRACE)
    Moment.objects.create(snapshots={}, taken_at=timezone.now() - dt.timedelta(days=1), seconds=1)
    assert FAILED not in notices_of(client)
    assert STILL not in notices_of(client)
