"""A book moved to PostgreSQL is the same book; a move that does not succeed leaves everything as it was."""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from guanxi.operation import tally

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TORTURE = bool(os.environ.get("GUANXI_TORTURE"))
SCALE, PATIENCE = ("1", 3_600) if TORTURE else ("0.004", 300)  # the demo as shops see it, or a corner of it
SQL = "select class, count(*) as n, sum(monetary_minor) as net from customer_rfm group by class order by class"


def guanxi(home: Path, *arguments: str, url: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "guanxi", *arguments],
        env={**os.environ, "GUANXI_HOME": str(home), "GUANXI_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def answer(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop on SQLite."""
    home = tmp_path_factory.mktemp("demo") / "home"
    answer(guanxi(home, "demo", "--no-serve", "--scale", SCALE, "--json"))
    return home


@pytest.fixture
def shop(demo: Path, tmp_path: Path) -> Path:
    """The demo shop, to be moved."""
    return shutil.copytree(demo, tmp_path / "home")


@pytest.fixture
def url(db: None) -> Iterator[str]:
    """The address of an empty database."""
    name, given = f"target_{secrets.token_hex(4)}", connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    who = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}"
    yield f"postgresql://{who}@{given['HOST']}:{given['PORT']}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(url) as database:
        return database.execute(sql).fetchall()


@pytest.mark.crash
def test_the_demo_moves_verified_and_goes_on(shop: Path, url: str) -> None:
    with closing(sqlite3.connect(shop / "book.sqlite3")) as book:
        orders = book.execute("select id, number, net_minor, substr(placed_at, 1, 19) from orders_order").fetchall()
        book.execute("update sqlite_sequence set seq = seq + 5000 where name = 'orders_order'")
        book.commit()
    told = answer(guanxi(shop, "move-to-postgres", url, "--json"))
    assert told["verified"]
    assert told["rows"] > len(orders)
    there = "select id, number, net_minor, to_char(placed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')"
    assert sorted(ask(url, f"{there} from orders_order")) == sorted(orders)
    assert ask(url, "select nextval(pg_get_serial_sequence('orders_order', 'id'))")[0][0] > max(orders)[0] + 5000
    assert ask(url, "select count(*) from pg_constraint where contype = 'f' and not convalidated") == [(0,)]
    with connection.cursor() as cursor:  # every key and index is there again
        cursor.execute("select count(*) from pg_indexes where schemaname = 'public' and tablename not like 'toy%'")
        assert ask(url, "select count(*) from pg_indexes where schemaname = 'public'") == cursor.fetchall()
    assert answer(guanxi(shop, "sql", SQL, "--json", url=url)) == answer(guanxi(shop, "sql", SQL, "--json"))
    answer(guanxi(shop, "lake", "sync", "--json", url=url))
    assert ask(url, "select count(*) from operation_pause") == [(0,)]  # it was moved, not copied
    left = guanxi(shop, "up", "--port", "1")
    assert left.returncode == 1
    assert "GUANXI_DATABASE_URL" in left.stderr
    answer(guanxi(shop, "move-to-postgres", "--stay", "--json"))
    assert "moved" not in guanxi(shop, "worker", "--help").stderr


def test_a_database_that_holds_tables_is_left_alone(shop: Path, url: str) -> None:
    import psycopg

    with psycopg.connect(url) as database:
        database.execute("create table orders_order (id int); insert into orders_order values (7)")
    done = guanxi(shop, "move-to-postgres", url)
    assert done.returncode == 1
    assert "Move into an empty one" in done.stderr
    assert ask(url, "select * from orders_order") == [(7,)]


def test_a_book_in_use_is_not_moved(shop: Path, url: str) -> None:
    with closing(sqlite3.connect(shop / "book.sqlite3")) as somebody:
        somebody.execute("select count(*) from orders_order").fetchall()
        done = guanxi(shop, "move-to-postgres", url)
    assert done.returncode == 1
    assert "Stop it, then move" in done.stderr
    assert ask(url, "select count(*) from pg_class where relname = 'orders_order'") == [(0,)]


def test_a_move_that_was_killed_is_begun_again(shop: Path, url: str) -> None:
    arguments = [sys.executable, "-m", "guanxi", "move-to-postgres", url]
    environment = {**os.environ, "GUANXI_HOME": str(shop), "GUANXI_DATABASE_URL": ""}
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "orders_order" not in process.stderr.readline():
            assert process.poll() is None
        process.kill()
    for _try in range(50):
        if ask(url, "select count(*) from pg_stat_activity where datname = current_database()") == [(1,)]:
            break
        time.sleep(0.1)
    assert ask(url, "select count(*) from pg_class where relname = 'orders_order'") == [(0,)]
    assert answer(guanxi(shop, "move-to-postgres", url, "--json"))["verified"]


def test_a_row_that_postgresql_does_not_take_is_named(shop: Path, url: str) -> None:
    with closing(sqlite3.connect(shop / "book.sqlite3")) as book:
        book.execute("update orders_order set number = 'a' || char(0) where id = (select min(id) from orders_order)")
        book.commit()
    done = guanxi(shop, "move-to-postgres", url)
    assert done.returncode == 1
    assert "orders_order" in done.stderr.splitlines()[-1]
    assert ask(url, "select count(*) from pg_class where relname = 'orders_order'") == [(0,)]


KINDS = {"a": "bigint", "b": "text", "c": "timestamp with time zone", "d": "date", "e": "boolean", "f": "bytea"}
ROW = (2**40 + 7, "山房茶事", "2024-11-11 23:59:59.999999", "1970-01-01", 1, b"\x00\x01")


@pytest.mark.parametrize(
    "other",
    [
        (2**40 + 8, *ROW[1:]),
        (2**41 + 7, *ROW[1:]),
        (ROW[0], "山房茶", *ROW[2:]),
        (*ROW[:2], "2024-11-11 23:59:59.999998", *ROW[3:]),
        (*ROW[:2], "2024-11-12 23:59:59.999999", *ROW[3:]),
        (*ROW[:3], "1970-01-02", *ROW[4:]),
        (*ROW[:4], 0, ROW[5]),
        (*ROW[:4], None, ROW[5]),
        (*ROW[:5], b"\x00"),
    ],
)
def test_a_value_that_differs_is_found_by_the_sums(other: tuple[Any, ...]) -> None:
    with closing(sqlite3.connect(":memory:")) as book, connection.cursor() as cursor:
        book.execute("create table pair (a, b, c, d, e, f)")
        book.execute("insert into pair values (?, ?, ?, ?, ?, ?)", ROW)
        here = book.execute(tally.query("pair", KINDS, on="sqlite")).fetchone()
        columns = ", ".join(f"{name} {kind}" for name, kind in KINDS.items())
        for row, alike in ((ROW, True), (other, False)):
            cursor.execute(f"create temp table pair ({columns})")
            with cursor.copy("copy pair from stdin") as copy:
                copy.write_row(row)
            cursor.execute(tally.query("pair", KINDS, on="postgresql"))
            assert tally.same(here, cursor.fetchone()) is alike
            cursor.execute("drop table pair")
