"""kill -9 at any moment of an import, then resume: equal to the uninterrupted one."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from guanxi.ingest.models import Import
from guanxi.ingest.undo import undo
from tests.ingest.shop import imported, write
from tests.warehouse.test_kill import book as address

KILLS = 20 if os.environ.get("GUANXI_TORTURE") else 3


def a_year(folder: Path) -> Path:
    """A file of some thousand documents, a tenth of them cancellations of earlier ones."""
    chance = random.Random(20241111)
    lines = []
    for number in range(2_500):
        day = f"2010-{1 + number // 210:02}-{1 + number % 28:02} 08:26:00"
        who = chance.randrange(400) or ""
        for nth in range(chance.randrange(1, 8)):
            sku, price = f"S{(number + nth) % 90}", f"{1 + nth}.25"
            lines.append(f"{100_000 + number},{sku},Thing {sku},{nth + 1},{day},{price},{who},UK")
            if number % 10 == 0 and nth == 0:
                lines.append(
                    f"C{100_000 + number},{sku},Thing {sku},-1,{day.replace('08:26', '18:00')},{price},{who},UK"
                )
    return write(folder, *lines, name="year.csv")


def importer(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.importer", *arguments],
        env={**os.environ, "GUANXI_HOME": str(home), "GUANXI_DATABASE_URL": address()},
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    lines = process.stdout.read().splitlines()
    assert process.wait() == 0
    return lines[-1]


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_random_moments_and_resumed_equals_the_uninterrupted(tmp_path: Path) -> None:
    file = a_year(tmp_path)
    with importer(tmp_path / "whole", "begin", str(file)) as whole:
        said(whole)
    with importer(tmp_path / "whole", "resume") as shown:
        expected = said(shown)
    assert expected.startswith("done")
    killed = tmp_path / "killed"
    if connection.vendor == "postgresql":  # there is one book, whose keys are in one home
        with importer(tmp_path / "whole", "undo") as undone:
            assert undone.wait() == 0
        killed = tmp_path / "whole"
    chance = random.Random(7)
    with importer(killed, "begin", str(file)) as process:
        kill_soon(process, chance)
    for _ in range(KILLS - 1):
        with importer(killed, "resume") as process:
            kill_soon(process, chance)
    with importer(killed, "resume") as process:
        assert said(process) == expected


def kill_soon(process: "subprocess.Popen[str]", chance: random.Random) -> None:
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    time.sleep(chance.uniform(0.0, 0.5))
    process.kill()
    process.wait()


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_fails_at_any_step_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guanxi.ingest import undo as undoing
    from guanxi.orders.models import Order
    from tests.ingest.shop import LINES

    batch = imported(write(tmp_path, *LINES))
    steps = batch.changes.count()
    real = undoing.bury
    chance, failures = random.Random(7), 0

    def failing(feed: str, ids: list[int]) -> None:
        nonlocal failures
        real(feed, ids)
        if chance.random() < 0.5:
            failures += 1
            raise OSError("the disk is full")

    monkeypatch.setattr(undoing, "bury", failing)
    for _ in range(40 * steps):
        try:
            undo(Import.objects.get(pk=batch.pk))
            break
        except OSError:
            assert Import.objects.get(pk=batch.pk).state == Import.State.UNDOING
    assert failures > 2
    assert not Order.objects.exists()
    assert Import.objects.get(pk=batch.pk).state == Import.State.UNDONE
