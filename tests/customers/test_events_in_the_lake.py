"""Every event is in the lake once, with what it says of goods and money, and leaves it with the person."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from guanxi.core.ids import reserve
from guanxi.customers.models import Event
from guanxi.warehouse.models import bury
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.book]
AT = datetime(2026, 11, 11, 8, tzinfo=UTC)


def happened(name: str, **told: Any) -> int:
    (pk,) = reserve(Event, 1)
    columns = ["id", "name", "occurred_at", "received_at", "source", "properties"]
    Event.objects.append(columns, [(pk, name, AT, AT, "shop", json.dumps(told))])
    return pk


@pytest.fixture
def lake(settings: Any, tmp_path: Path) -> None:
    settings.LAKE = str(tmp_path / "lake")
    settings.LAKE_GRACE_SECONDS = 0


def rows(columns: str) -> list[tuple[Any, ...]]:
    with snapshot() as found:
        told = found.sql(f"select {columns} from events order by event_id")
    return list(zip(*told.to_pydict().values(), strict=True))


@pytest.mark.parametrize(
    ("told", "worth"),
    [
        ({"value": 12.5, "currency": "CNY"}, 1250),
        ({"price": 19.99, "quantity": 3, "currency": "USD"}, 5997),
        ({"price": 500, "currency": "JPY"}, 500),
        ({"revenue": 30, "total": 40, "currency": "XYZ"}, 3000),
        ({"total_minor": 12345, "currency": "CNY", "value": 1}, 12345),
        ({"value": "a lot", "currency": "CNY"}, None),
        ({"value": 1e300}, None),
        ({}, None),
    ],
)
def test_an_event_is_worth_what_it_says_or_what_its_goods_cost(
    lake: None, told: dict[str, Any], worth: int | None
) -> None:
    happened("Product Added", sku="T1", category="Tea", **told)
    sync()
    assert rows("sku, category, value_minor, currency") == [("T1", "Tea", worth, told.get("currency"))]


def test_the_lake_has_every_event_once_and_loses_those_the_book_forgets(lake: None) -> None:
    one, two = happened("Product Viewed", sku="T1"), happened("Products Searched", query="茶")
    Event.objects.create(name="Note Added", occurred_at=AT, source="guanxi", properties={"by": 1})
    sync()
    sync()
    assert [row[0] for row in rows("name")] == ["Product Viewed", "Products Searched", "Note Added"]
    bury("events", [one])
    Event.objects.filter(pk=one).delete()
    sync()
    assert next(row[0] for row in rows("event_id")) == two
