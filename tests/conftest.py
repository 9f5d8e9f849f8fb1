"""What every test stands on: a closed network, a cast of people, and as many random examples as there is time for."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import spark as sparks

pytest_plugins = ["tests.cast", "tests.browser"]

settings.register_profile("small", max_examples=40, deadline=None, print_blob=True)
settings.register_profile(
    "torture", max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("torture" if os.environ.get("GUANXI_TORTURE") else "small")

DATA = Path(os.environ.setdefault("GUANXI_DATA", str(Path(__file__).parents[2] / "shared" / "data")))
NUMBER = re.compile(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+))*")  # 0x7f.1 is an address too
LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


class NetworkClosed(Exception):
    """A test tried to leave this machine; not an OSError, so that no product code takes it for a fault of the line."""


@pytest.hookimpl(tryfirst=True)  # before -m chooses by it
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the book: the rest is the same on every database, and runs once for both."""
    for item in items:
        if item.get_closest_marker("django_db") or "django_db_setup" in getattr(item, "fixturenames", ()):
            item.add_marker("book")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin in the shop's own language, and leave out, with the reason, what this machine has nothing for."""
    translation.deactivate()  # a command of the test before may have chosen another
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("the book of this run is not on PostgreSQL")
    if item.get_closest_marker("realdata") and not DATA.is_dir():
        pytest.skip("the public data sets are not here: name their directory in GUANXI_DATA")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Take a test of the browser or of Spark left out for a failed one where everything has to run."""
    report = yield
    needed = any(item.get_closest_marker(kind) for kind in ("browser", "spark"))
    if report.skipped and needed and os.environ.get("CI") == "true":
        report.outcome, report.longrepr = "failed", f"left out under CI: {report.longrepr[-1]}"
    return report


def _is_local(address: Any) -> bool:
    return isinstance(address, (str, bytes)) or str(address[0]).startswith(LOCAL)  # a text is a Unix socket


def open_the_trail() -> dict[str, str]:
    """Let the audit trail be emptied with the rest; returns what closed it. PostgreSQL's truncation asks no trigger."""
    if connection.vendor != "sqlite":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("select name, sql from sqlite_master where type = 'trigger' and name like 'audit_no_%%'", [])
        closed = dict(cursor.fetchall())
        for name in closed:
            cursor.execute(f'drop trigger "{name}"')
    return closed


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """The address of a Spark Connect server, one for all tests."""
    if not sparks.is_here():
        pytest.skip(sparks.LEFT_OUT)
    with sparks.sail() as (address, _server):
        yield address


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Empty the book without looking for the children of every row: all go, and a year of lines takes minutes."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        closed = open_the_trail()
        with connection.constraint_checks_disabled():
            empty(self)
        with connection.cursor() as cursor:
            for close in closed.values():
                cursor.execute(close)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Have every browser of a test share one list of the static files; each would read the directories anew."""
    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def share(self: WhiteNoiseMiddleware) -> None:
        if not found:
            find(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", share)
        yield


@pytest.fixture(autouse=True)
def names_of_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the names of the classes read once in every test: what a page asks the book is the same at any hour."""
    from guanxi.customers import classes  # apps are not loaded yet where this file is

    classes.forget()
    monkeypatch.setattr(classes, "HELD_SECONDS", 3_600.0)


@pytest.fixture(autouse=True)
def nothing_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it known in every test that sending is not paused, so that pages need not ask."""
    from guanxi.operation import sending  # as above

    monkeypatch.setattr(sending, "HELD_SECONDS", 3_600.0)
    sending.remember(None)


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    """Let sockets reach this machine alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _found(socket.getaddrinfo))
        yield


def _guarded(connect: Any) -> Any:
    def reach(self: socket.socket, address: Any) -> Any:
        if not _is_local(address):
            raise NetworkClosed(f"A test wanted to connect to {address}. Let it talk to a server of its own.")
        return connect(self, address)

    return reach


def _found(look_up: Any) -> Any:
    def find(host: Any, *args: Any, **options: Any) -> Any:
        if host and not str(host).startswith(LOCAL) and not _is_number(str(host)):
            raise socket.gaierror(socket.EAI_NONAME, "tests look up no names of others")
        return look_up(host, *args, **options)

    return find


def _is_number(host: str) -> bool:
    return ":" in host or NUMBER.fullmatch(host) is not None
