"""Deliveries are read a set ahead by another process, and none is lost or read otherwise when that is gone."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from guanxi.ingest.collection import ahead, inbox
from guanxi.ingest.collection.ahead import Ahead
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.collection.reading import message_key, packed, read_all, unpacked

MOST = 2
STRANGE = [
    {"type": "track", "event": "Viewed Product", "anonymousId": "b1", "properties": {"price": 12.5, "email": "a@b.cn"}},
    {"type": "page", "name": "茶", "anonymousId": "b2", "context": {"traits": {"name": "林"}, "ip": "1.2.3.4"}},
    {"type": "identify", "userId": "u1", "traits": {"phone": "138 1234 5678", "deep": {"list": [1, None, True]}}},
    {"type": "alias", "userId": "u1", "previousId": "b2"},
    {"type": "track", "anonymousId": "b1"},
    7,
]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def reader() -> Iterator[Ahead]:
    made = Ahead(MOST)
    yield made
    made.end()


def deliver(count: int) -> None:
    for nth in range(count):
        inbox.put(nth, json.dumps({"batch": STRANGE}).encode())


def started(reader: Ahead) -> "ahead.Companion":
    """Have the other process be there, by taking sets that are not done."""
    until = monotonic() + 60
    while monotonic() < until:
        reader.take(more=True)
        if reader._companion and reader._companion.ready:
            reader.take(more=False)
            return reader._companion
        sleep(0.1)
    raise AssertionError("it did not start")


def test_readings_are_the_same_after_they_went_to_another_process() -> None:
    deliver(1)
    readings = read_all(inbox.oldest(1))
    assert unpacked(packed(readings)) == readings
    assert [each.call.kind for each in readings.arrived] == ["track", "page", "identify", "alias"]
    assert [each.reason for each in readings.refused] == [Reason.NO_NAME, Reason.NO_OBJECT]


@pytest.mark.django_db
def test_the_next_set_is_read_by_the_other_process_and_given_next(reader: Ahead) -> None:
    deliver(3 * MOST)
    started(reader)
    first, _said = reader.take(more=True)
    assert reader._asked == inbox.oldest(MOST, after=first[-1].key)
    inbox.done([each.key for each in first])
    second, said = reader.take(more=False)
    assert (second, said) == (inbox.oldest(MOST), read_all(second))
    assert reader._asked == []


@pytest.mark.django_db
def test_what_the_other_process_took_along_is_read_here(reader: Ahead) -> None:
    deliver(3 * MOST)
    companion = started(reader)
    reader.take(more=True)
    asked = list(reader._asked)
    companion._process.kill()
    companion._process.join()
    received, said = reader.take(more=True)
    assert (received, said) == (asked, read_all(asked))


@pytest.mark.django_db
def test_what_cannot_be_handed_over_is_read_here(reader: Ahead) -> None:
    deliver(MOST)
    huge = b'{"batch": [{"type": "track", "event": "E", "userId": "u", "properties": {"n": %d}}]}' % 10**40
    for nth in range(MOST):
        inbox.put(nth, huge)
    started(reader)
    companion, (first, _said) = reader._companion, reader.take(more=True)
    received, said = reader.take(more=False)
    assert (received, said) == (inbox.oldest(MOST, after=first[-1].key), read_all(received))
    assert reader._companion is companion


@pytest.mark.django_db
def test_little_is_read_here_and_a_process_without_work_ends(reader: Ahead, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(MOST)
    reader.take(more=True)
    assert reader._companion is None
    deliver(MOST)
    started(reader)
    reader.take(more=False)
    reader.rest()
    assert reader._companion is not None
    monkeypatch.setattr(ahead, "REST", 0.0)
    reader.rest()
    assert reader._companion is None


def test_names_that_tell_the_time_are_neighbours_and_all_differ() -> None:
    names = [f"ajs-next-{1764288000000 + nth}-{nth * 7919 % 1000:03x}" for nth in range(1000)]
    keys = [message_key(name) for name in names]
    assert sorted(keys) == keys
    assert len({*keys, message_key("ajs-next-1764288000000-zzz"), message_key("no time")}) == 1002
    assert {len(message_key(name)) for name in ["", "x", "9" * 40, "1764288000000", "三" * 100]} == {16}


@pytest.mark.django_db
def test_a_delivery_kept_by_an_older_version_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox.zlib, "compress", lambda body, _level: body)
    deliver(1)
    assert json.loads(inbox.oldest(1)[0].body) == {"batch": STRANGE}
