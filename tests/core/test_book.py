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
