import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from guanxi.core import book

pytestmark = pytest.mark.django_db


def test_a_book_that_is_up_to_date_costs_one_query(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        book.prepare()


def test_a_missing_migration_is_found_by_its_file() -> None:
    MigrationRecorder(connection).record_unapplied("core", "0001_initial")
    assert book.pending() == ["core.0001_initial"]


BEGUN = """
import django; django.setup()
from django.db import IntegrityError, connection
from guanxi.core import book
looks = []
def watch(execute, sql, *rest):
    looks.extend([sql] if "foreign_key_check" in sql else [])
    return execute(sql, *rest)
with connection.execute_wrapper(watch):
    book.prepare()
print(len(looks), book.pending())
"""
LOST = """
from guanxi.customers.models import Tag
with connection.cursor() as cursor:
    cursor.execute("PRAGMA foreign_keys=OFF")
Tag.objects.create(name="tea", group_id=987)
book.pending = lambda: ["one more"]
try:
    book.prepare()
except IntegrityError as error:
    print(error)
"""


def told(home: Path, script: str) -> list[str]:
    """What a script says that runs on a new SQLite book, whatever the book of this run is."""
    names = {**os.environ, "GUANXI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "guanxi.settings"}
    names["GUANXI_DATABASE_URL"] = ""
    done = subprocess.run([sys.executable, "-c", script], env=names, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_references_are_proven_once_after_all_migrations_and_one_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    looks, lost = told(tmp_path, BEGUN + LOST)
    assert looks == "1 []"
    assert "customers_tag" in lost
    assert "987" in lost
