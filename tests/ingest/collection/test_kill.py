"""The program killed while shops tell it what happens: what was answered is in the book once, and in the lake once."""

import json
import os
import shutil
import signal
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings as now_in_force

from guanxi.customers.models import Event
from guanxi.guard.sealing import keyring
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import EventSource, Quarantined
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.web.process import free_port, guanxi, members, status, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]
KILLS, SHOPS = (30, 4) if os.environ.get("GUANXI_TORTURE") else (2, 2)
TOGETHER = 25  # calls in a batch


class Shop(threading.Thread):
    """A library in a page: it sends batches, and each again, under the same ids, until it is answered."""

    def __init__(self, port: int, key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.address, self.key, self.mark, self.over = f"http://127.0.0.1:{port}/v1/batch", key, name, threading.Event()
        self.sent, self.answered = set[str](), set[str]()

    def run(self) -> None:
        nth = 0
        while not self.over.is_set():
            names = [f"{self.mark}-{nth}-{n}" for n in range(TOGETHER)]
            self.sent.update(names)
            body = json.dumps({"batch": [self._call(name, n) for n, name in enumerate(names)], "writeKey": self.key})
            if self._delivered(body.encode()):
                self.answered.update(names)
            nth += 1

    def _call(self, name: str, n: int) -> dict[str, Any]:
        who = {"userId": f"u{n % 7}"} if n % 3 else {"anonymousId": f"b{n % 5}"}
        return {"type": "track", "event": "Product Viewed", "messageId": name, "properties": {"sku": name}, **who}

    def _delivered(self, body: bytes) -> bool:
        """Send until it is answered, or over."""
        asked = urllib.request.Request(self.address, body, {"Content-Type": "application/json"})
        while not self.over.is_set():
            with suppress(OSError), urllib.request.urlopen(asked, timeout=10) as answer:
                return bool(answer.status == 200)
            time.sleep(0.05)
        return False


def _kill(*groups: int) -> None:
    for group in groups:
        for process in members(group):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _live(home: Path, port: int, shops: list[Shop], turn: int, chance: Random) -> None:
    """Serve, work and bring the lake up to date for a while, then kill it all at some moment."""
    worked, told = Event.objects.count(), sum(len(shop.answered) for shop in shops)
    with guanxi(home, "web", "--port", str(port)) as web, guanxi(home, "worker") as worker:
        until(lambda: status(port) == 200)
        for shop in shops if turn == 0 else ():
            shop.start()
        until(lambda: sum(len(shop.answered) for shop in shops) > told and Event.objects.count() > worked)
        with guanxi(home, "lake", "sync") as bringing:
            time.sleep(chance.uniform(0, 3))
            groups = [web.pid, worker.pid, bringing.pid]
            chance.shuffle(groups)
            _kill(*groups)


def test_nothing_answered_is_lost_and_nothing_is_there_twice(tmp_path: Path, settings: Any) -> None:
    key, _source = EventSource.make("Own shop", namespace="web", by=None)
    home, port = tmp_path / "home", free_port()
    home.mkdir(mode=0o700)
    keyring()
    for name in ("secret.key", "master.key"):
        shutil.copy(Path(now_in_force.HOME) / name, home / name)
    shops = [Shop(port, key, f"s{n}") for n in range(SHOPS)]
    chance = Random(20241111)
    for turn in range(KILLS):
        _live(home, port, shops, turn, chance)
    for shop in shops:
        shop.over.set()
    for shop in shops:
        shop.join(30)
    settings.HOME, settings.LAKE = home, str(home / "lake")
    list(drained())
    sync()
    answered, sent = set().union(*(s.answered for s in shops)), set().union(*(s.sent for s in shops))
    with snapshot() as lake:
        in_the_lake = Counter(lake.sql("select sku from events")["sku"].to_pylist())
    in_the_book = Counter(Event.objects.values_list("properties__sku", flat=True))
    assert in_the_book == in_the_lake
    assert set(in_the_book.values()) == {1}, "nothing is there twice"
    assert answered <= in_the_book.keys() <= sent, "what was answered is there, and nothing that was never sent"
    assert len(answered) > KILLS * TOGETHER
    assert not Quarantined.objects.exists()
