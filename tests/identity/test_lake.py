"""The lake holds golden records alone: who was merged leaves it at once, and is there again after an unmerge."""

from pathlib import Path
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.identity.merging import merge, unmerge
from guanxi.warehouse import sync
from guanxi.warehouse.reading import snapshot
from tests.identity.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE, settings.LAKE_GRACE_SECONDS = str(tmp_path / "lake"), 0


def in_lake() -> dict[int, str]:
    with snapshot() as now:
        rows = now.sql("select customer_id, gender from customers").to_pylist()
    return {row["customer_id"]: row["gender"] for row in rows}


def test_who_is_merged_leaves_the_lake_and_comes_back_with_the_unmerge(agent: Staff) -> None:
    lin, chen = person(1), person(2, gender="male")
    sync.sync()
    assert in_lake() == {lin.pk: "", chen.pk: "male"}
    for _again in range(2):
        (act,) = merge([lin.pk, chen.pk], by=agent)
        sync.sync()
        assert in_lake() == {lin.pk: "male"}
        unmerge(act, by=agent)
        sync.sync()
        assert in_lake() == {lin.pk: "", chen.pk: "male"}
    merge([lin.pk, chen.pk], by=agent)
    sync.sync()
    sync.fold()
    assert in_lake() == {lin.pk: "male"}
    assert Customer.objects.filter(survivor=None).count() == 1
