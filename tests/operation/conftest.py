"""A small shop in a home of its own, and empty homes to put its backups into."""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.guard import sealing
from guanxi.insight.scoring import score_customers
from guanxi.operation import sending
from guanxi.orders.models import Order
from guanxi.warehouse import lake, sync
from guanxi.warehouse.reading import snapshot
from tests.cast import TODAY, buy

Second = Callable[[], AbstractContextManager[Path]]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The home of the shop."""
    settings.HOME, settings.LAKE, settings.LAKE_GRACE_SECONDS = tmp_path / "home", str(tmp_path / "home" / "lake"), 0
    settings.HOME.mkdir(mode=0o700)
    for kept in (lake._catalog, sealing._read, sending._settled):
        kept.cache_clear()
    yield settings.HOME
    sealing._read.cache_clear()
    sending._settled.cache_clear()


@pytest.fixture
def shop(home: Path, owner: Staff, loyal: Customer, lapsed: Customer, tea_house: Any) -> Path:
    """林晓 and Ada, what they bought, in the lake and in the scores; and the file of an import."""
    (home / "imports" / "1").mkdir(parents=True)
    (home / "imports" / "1" / "orders.csv").write_text("Order\nT1\n")
    (home / "secret.key").write_text("the key of sessions")
    sync.sync()
    score_customers(TODAY)
    buy(loyal, tea_house, on=TODAY, goods_minor=1_000)
    sync.sync()
    return home


@pytest.fixture
def second(tmp_path: Path, settings: Any) -> Second:
    """Go to an empty home, and on PostgreSQL to an empty database; what is there is the book until the block ends."""

    @contextmanager
    def elsewhere() -> Iterator[Path]:
        former, kept = settings.HOME, connection.settings_dict["NAME"]
        place = tmp_path / f"home-{secrets.token_hex(3)}"
        place.mkdir(mode=0o700)
        settings.HOME, settings.LAKE = place, str(place / "lake")
        with empty_database(place) as name:
            move_to(name)
            try:
                yield place
            finally:
                move_to(kept)
                settings.HOME, settings.LAKE = former, str(former / "lake")

    return elsewhere


def move_to(name: Any) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    sealing._read.cache_clear()
    sending._settled.cache_clear()


@contextmanager
def empty_database(place: Path) -> Iterator[Any]:
    if connection.vendor == "sqlite":
        yield place / "book.sqlite3"
        return
    name = f"second_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")


def figures(owner: Staff) -> dict[str, Any]:
    """What the shop knows of itself: in the lake, in the book, under seal, and on its pages."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(Staff.objects.get(pk=owner.pk))
    pages = ("/insight/rfm/", "/orders/", "/customers/", "/glance/metrics/")
    with snapshot() as now:
        in_lake = [
            now.sql("select count(*) as orders, sum(net_minor) as net from orders").to_pylist(),
            now.sql("select customer_id, class, monetary_minor from customer_rfm order by 1").to_pylist(),
        ]
    return {
        "lake": in_lake,
        "orders": list(Order.objects.order_by("pk").values_list("number", "placed_at", "net_minor")),
        "people": [(each.name, each.pk) for each in Customer.objects.order_by("pk")],
        "phones": sorted(each.value for each in identifiers()),
        "pages": [plain(client.get(page).content.decode()) for page in pages],
    }


def identifiers() -> Any:
    from guanxi.customers.models import Identifier

    return Identifier.objects.all()


def plain(page: str) -> str:
    """A page without what differs at every call: tokens, how long ago, and that sending is paused after a restore."""
    body = page.partition("<main")[2].partition("</main>")[0]
    body = body[body.index('class="gx-head') :] if 'class="gx-head' in body else body
    return "\n".join(line for line in body.splitlines() if "csrf" not in line and "<time" not in line)


DAY = dt.timedelta(days=1)
