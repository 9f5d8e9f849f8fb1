"""The program killed while customers are added: what was answered is there, what was sent again is there once."""

import os
import random
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from guanxi.accounts.models import ApiKey, AuditEntry, Staff
from guanxi.client import Client, Problem
from guanxi.customers.models import Customer
from guanxi.guard.sealing import keyring
from tests.api import MASKED
from tests.web.process import free_port, guanxi, members, status, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]
KILLS, WRITERS = (12, 6) if os.environ.get("GUANXI_TORTURE") else (2, 3)


class Writer(threading.Thread):
    """A program that adds customers, one and five a call, and sends again what was not answered."""

    def __init__(self, port: int, secret: str, name: str) -> None:
        super().__init__()
        self.client = Client(f"http://127.0.0.1:{port}", secret, tries=1_000, pause_seconds=0.05)
        self.mark, self.over = name, threading.Event()
        self.sent, self.answered = set[str](), dict[str, str]()

    def run(self) -> None:
        nth = 0
        while not self.over.is_set():
            names = [f"{self.mark}-{nth}-{n}" for n in range(5 if nth % 2 else 1)]
            self.sent.update(names)
            with suppress(Problem, OSError):
                self.answered.update(zip(names, self._added(names, f"{self.mark}-{nth}"), strict=True))
            nth += 1

    def _added(self, names: list[str], once: str) -> list[str]:
        people: list[dict[str, Any]] = [{"name": name} for name in names]
        if len(people) == 1:
            return [self.client.post("/customers", people[0], once=once)["id"]]
        told = self.client.post("/customers/batch", {"customers": people}, once=once)
        return [each["id"] for each in told["data"]]


def _let_write(writers: list[Writer], turn: int) -> None:
    """Have them write for a while; in the last turn, until each was answered."""
    for writer in writers if turn == 0 else ():
        writer.start()
    until(lambda: all(len(writer.answered) > 6 * turn for writer in writers))
    time.sleep(random.Random(turn).uniform(0, 0.5))  # so that each kill meets them somewhere else
    for writer in writers if turn == KILLS else ():
        writer.over.set()
    for writer in writers if turn == KILLS else ():
        writer.join(60)


def _kill(processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def test_nothing_answered_is_lost_and_nothing_sent_again_is_doubled(
    tmp_path: Path, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.client.LONGEST_WAIT", 0.3)
    secret, _key = ApiKey.make("Sync", list(MASKED), days=1, by=owner, per_minute=1_000_000)
    home, port = tmp_path / "home", free_port()
    home.mkdir(mode=0o700)
    keyring()
    for name in ("secret.key", "master.key"):
        shutil.copy(Path(settings.HOME) / name, home / name)
    writers = [Writer(port, secret, f"w{n}") for n in range(WRITERS)]
    for turn in range(KILLS + 1):
        with guanxi(home, "web", "--port", str(port)) as web:
            until(lambda: status(port) == 200)
            _let_write(writers, turn)
            _kill(members(web.pid))
    names = list(Customer.objects.values_list("name", flat=True))
    answered = {name: key for writer in writers for name, key in writer.answered.items()}
    assert len(names) == len(set(names)), "nothing is there twice"
    assert set(names) <= {name for writer in writers for name in writer.sent}
    kept = {each.name: each.public_id for each in Customer.objects.all()}
    assert answered.items() <= kept.items(), "what was answered is there, under the id that was told"
    assert len(answered) > WRITERS
    assert AuditEntry.objects.filter(act="customer.added").count() == len(names)
