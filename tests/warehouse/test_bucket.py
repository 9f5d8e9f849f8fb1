"""A lake in a bucket of a real S3 server: written, read, kept small, copied, and said of in a sentence when it is away."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guanxi.warehouse import sync
from guanxi.warehouse.reading import snapshot
from tests import objects
from tests.warehouse.toy import Person, sell

DAY = dt.date(2024, 3, 5)


@pytest.fixture(scope="session")
def store() -> Iterator[objects.Store]:
    objects.needed()
    with objects.serving() as server:
        yield server


@pytest.fixture
def bucket(shop: Path, store: objects.Store, settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The lake of a test in a bucket of its own, its home in a folder of its own."""
    name = f"b{abs(hash(request.node.nodeid)):x}"
    store.make(name)
    settings.HOME = tmp_path / "home"
    objects.use(store, settings, f"s3://{name}/lake")
    return name


def sales() -> list[dict[str, Any]]:
    with snapshot() as now:
        return now.sql("select number, net_minor, customer_id from sales order by 1").to_pylist()


def test_what_is_sold_is_written_into_the_bucket_and_read_out_of_it(bucket: str, store: objects.Store) -> None:
    ada = Person.objects.create(customer_id=7)
    sell("N1", person=ada.pk, net=100, day=DAY)
    sell("N2", net=50)
    sync.sync()
    assert sales() == [
        {"number": "N1", "net_minor": 100, "customer_id": 7},
        {"number": "N2", "net_minor": 50, "customer_id": None},
    ]
    print(store.names(bucket))
