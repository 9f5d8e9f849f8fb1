import datetime as dt
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from guanxi.core.jobs.heartbeat import LeaseLost
from guanxi.core.jobs.lease import Lease, LeaseTaken, called, lease

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_two_holds_the_lease() -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(2)
    done = threading.Event()

    def hold() -> None:
        gate.wait()
        try:
            with lease("lake"):
                outcomes.append("held")
                done.wait(5)
        except LeaseTaken:
            outcomes.append("taken")
            done.set()
        connection.close()

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held", "taken"]


def test_a_lease_given_back_can_be_taken_at_once() -> None:
    for _ in range(3):
        with lease("lake") as held:
            held.check()


def test_whoever_waits_says_so_and_gets_it() -> None:
    told: list[str] = []
    Lease.objects.create(name="lake", holder="shop-1:7:7", until=timezone.now() + dt.timedelta(milliseconds=500))
    with lease("lake", wait=dt.timedelta(seconds=10), on_wait=told.append):
        assert Lease.objects.get().holder != "shop-1:7:7"
    assert len(told) == 1
    assert "shop-1:7:7" in told[0]


def test_waiting_in_vain_names_the_holder() -> None:
    Lease.objects.create(name="lake", holder="shop-1:7:7", until=timezone.now() + dt.timedelta(hours=1))
    with pytest.raises(LeaseTaken, match="shop-1:7:7"), lease("lake", wait=dt.timedelta(seconds=0.3)):
        pytest.fail("the lease was not free")


def test_the_work_of_a_lease_is_named_in_the_reader_s_language() -> None:
    assert [called(name) for name in ("the sync of the lake", "import into tea")] == [
        "the sync of the lake",
        "import into tea",
    ]
    with override("zh-hans"):
        assert [called(name) for name in ("the sync of the lake", "import into tea", "x")] == [
            "数据湖同步",
            "导入到 tea",
            "x",
        ]


def test_a_lease_is_renewed_while_the_work_goes_on() -> None:
    with lease("lake", term=dt.timedelta(seconds=0.6)) as held:
        time.sleep(1.5)
        held.check()
        with pytest.raises(LeaseTaken), lease("lake"):
            pytest.fail("the lease had run out")


def test_a_lost_lease_is_noticed() -> None:
    with lease("lake", term=dt.timedelta(seconds=0.6)) as held:
        Lease.objects.update(holder="somebody else")
        time.sleep(0.8)
        with pytest.raises(LeaseLost):
            held.check()
    assert Lease.objects.get().holder == "somebody else"
