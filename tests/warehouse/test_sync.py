"""The lake follows the book."""

import datetime as dt

import pytest
from tests.warehouse.toy import Person, Sale, sell

from guanxi.warehouse.models import CHANGED, bury
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync

pytestmark = pytest.mark.usefixtures("shop")


def rows(query: str) -> list[dict[str, object]]:
    with snapshot() as lake:
        return lake.sql(query).to_pylist()


def test_a_new_sale_is_in_the_lake_after_a_sync() -> None:
    ada = Person.objects.create(customer_id=7)
    sale = sell("N1", person=ada.pk)
    assert sync().rows == 2
    assert rows("select * from sales") == [
        {
            "sale_id": sale.pk,
            "number": "N1",
            "person_id": ada.pk,
            "customer_id": 7,
            "placed_at": dt.datetime(2024, 11, 11, 12),
            "placed_on": dt.date(2024, 11, 11),
            "is_paid": True,
            "net_minor": 1000,
            "note": None,
        }
    ]
