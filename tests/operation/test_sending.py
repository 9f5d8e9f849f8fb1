"""A copy of a shop does not write to its customers a second time."""

import shutil
from pathlib import Path

import pytest
from django.db import connection

from guanxi.accounts.models import Staff
from guanxi.operation import bookcopy, sending
from guanxi.operation.errors import SendingPaused
from guanxi.operation.models import Fingerprint, Pause

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def unsettled() -> None:
    sending._settled.cache_clear()
    sending.forget()


def test_a_book_that_stays_where_it_is_may_send() -> None:
    for _start in range(2):
        assert sending.settle() is None
    sending.check()


def test_a_book_found_elsewhere_is_a_copy_and_sends_nothing(tmp_path: Path, owner: Staff) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("copies of a cluster's files are the operator's, see docs/operate.md")
    sending.settle()
    with connection.cursor() as cursor:
        cursor.execute("pragma wal_checkpoint(truncate)")
    shutil.copy(connection.settings_dict["NAME"], tmp_path / "book.sqlite3")
    with bookcopy.opened(tmp_path / "book.sqlite3"):
        with pytest.raises(SendingPaused):
            sending.check()
        assert Pause.objects.get().reason == Pause.Reason.COPIED
        sending.resume(by=owner)
        sending.check()
        assert sending.settle() is None  # this is its place now
        assert Pause.objects.get().ended_by == owner
    sending.check()  # the original goes on


def test_a_book_in_another_database_is_a_copy(owner: Staff) -> None:
    sending.settle()
    Fingerprint.objects.update(value="of another database")
    assert sending.settle() is not None
    assert sending.settle() is not None
    assert Pause.objects.count() == 1


def test_pausing_twice_is_one_pause(owner: Staff) -> None:
    for _again in range(2):
        sending.pause(Pause.Reason.BY_HAND, by=owner)
    assert Pause.objects.open().count() == 1
    assert sending.shown() is not None
    for _again in range(2):
        sending.resume(by=owner)
    assert sending.shown() is None
    sending.pause(Pause.Reason.BY_HAND, by=owner)
    assert Pause.objects.count() == 2
