"""How often a key may call: counted by the handful, and never more than it may, however many processes count."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import Meter
from guanxi.accounts.models import meter as module

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "time", lambda: 60_000_000.0)


def called(processes: list[module._Taken], most: int, patch: pytest.MonkeyPatch) -> int:
    """Have processes call by turns far oftener than they may; gives how often they were let in."""
    draw, let_in = random.Random(5), 0
    for _nth in range(most + 40):
        patch.setattr(module, "_taken", draw.choice(processes))
        let_in += Meter.spend("key:1", of="a", most=most, every_seconds=60)[0] >= 0
    return let_in


@pytest.mark.parametrize("most", [1, 2, 60, 600])
def test_processes_together_never_get_more_than_there_is_and_nearly_all_of_it(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in = called([module._Taken() for _ in range(8)], most, monkeypatch)
    assert 0.98 * most <= let_in <= most


def test_few_calls_write_and_a_key_that_took_the_place_of_another_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_taken", module._Taken())
    with CaptureQueriesContext(connection) as queries:
        left = [Meter.spend("key:1", of="a", most=640, every_seconds=60)[0] for _ in range(100)]
    assert left == list(range(639, 539, -1))
    assert len(queries) <= 14
    Meter.objects.all().delete()
    assert Meter.spend("key:1", of="b", most=640, every_seconds=60) == (639, 60)


def test_a_new_turn_begins_with_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for _nth in range(5):
        Meter.spend("key:1", of="c", most=2, every_seconds=60)
    assert Meter.spend("key:1", of="c", most=2, every_seconds=60)[0] == -1
    monkeypatch.setattr(module.time, "time", lambda: 60_000_060.0)
    assert Meter.spend("key:1", of="c", most=2, every_seconds=60)[0] == 1
