"""kill -9 at any moment of a sync: the next one makes lake and book the same."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from tests.warehouse import toy

KILLS = 20 if os.environ.get("GUANXI_TORTURE") else 3


def keeper(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.warehouse.shopkeeper", *arguments],
        env={**os.environ, "GUANXI_HOME": str(home), "GUANXI_LAKE": str(home / "lake"), "GUANXI_DATABASE_URL": book()},
        stdout=subprocess.PIPE,
        text=True,
    )


def book() -> str:
    """The tests' PostgreSQL database, or nothing: then the shop has a SQLite book of its own."""
    if connection.vendor != "postgresql":
        return ""
    given = connection.settings_dict
    who = f"{quote(given['USER'] or '')}:{quote(given['PASSWORD'] or '')}"
    return f"postgresql://{who}@{given['HOST'] or ''}:{given['PORT'] or 5432}/{given['NAME']}"


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_a_killed_sync_loses_and_doubles_nothing(tmp_path: Path) -> None:
    toy.Line.objects.all().delete()
    toy.Sale.objects.all().delete()
    chance = random.Random(20241111)
    for n in range(KILLS):
        with keeper(tmp_path, "live", str(n)) as shop:
            assert shop.stdout
            assert shop.stdout.readline() == "open\n"
            time.sleep(chance.uniform(0.1, 2.5))
            assert shop.poll() is None
            shop.kill()
    with keeper(tmp_path, "compare") as shop:
        assert shop.stdout
        found = json.loads(shop.stdout.read().splitlines()[-1])
    assert found.pop("count") > 100
    assert found == {"sales": True, "lines": True, "left": 0}
    toy.Line.objects.all().delete()
    toy.Sale.objects.all().delete()
