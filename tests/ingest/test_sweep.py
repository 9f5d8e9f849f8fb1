"""What people sent does not lie about: not after the import, nor where it was prepared and left."""

import datetime as dt
from pathlib import Path

import pytest

from guanxi.core.time import now
from guanxi.ingest.begin import begin
from guanxi.ingest.models import Import
from guanxi.ingest.tasks import sweep_imports
from tests.ingest.shop import LINES, imported, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_files_of_a_finished_import_are_gone(tmp_path: Path) -> None:
    batch = imported(write(tmp_path, *LINES))
    assert {path.name for path in batch.folder.rglob("*") if path.is_file()} == {"rejected.sealed"}


def test_a_draft_left_for_a_week_is_forgotten_with_its_files(tmp_path: Path) -> None:
    left, recent = begin([write(tmp_path, *LINES)]), begin([write(tmp_path, *LINES)])
    Import.objects.filter(pk=left.pk).update(created_at=now() - dt.timedelta(days=8))
    sweep_imports.func()
    assert list(Import.objects.values_list("pk", flat=True)) == [recent.pk]
    assert (left.folder.exists(), recent.folder.exists()) == (False, True)
