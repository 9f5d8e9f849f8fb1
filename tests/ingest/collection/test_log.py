"""Half a year of a shop's log: however it is shuffled and however often each line is sent, it tells the same story."""

import csv
import datetime as dt
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from guanxi.customers.models import Event, SourceProfile
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.working import drained
from guanxi.ingest.models import EventSource, Quarantined
from guanxi.ingest.presets import named
from tests.conftest import DATA

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.realdata, pytest.mark.crash]
LINES = None if os.environ.get("GUANXI_TORTURE") else 1_200
SIGNS_IN = {"add_to_cart", "account_page", "purchase"}  # before that in a session a device acts, and nobody it knows
TOGETHER = 250  # calls in a batch
Calls = Sequence[dict[str, Any]]


def log() -> list[dict[str, Any]]:
    """Each line as a call; its times moved to the last half year, for what is older than 400 days is taken no more."""
    path = DATA / "synthetic_ecom_clickstream" / "ecom.csv.gz"
    with gzip.open(path, "rt", newline="") as file:
        lines = list(islice(csv.DictReader(file), LINES))
    last = max(dt.datetime.fromisoformat(line["timestamp"]) for line in lines)
    moved = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0) - dt.timedelta(days=1) - last
    return list(_calls(lines, moved))


def _calls(lines: Sequence[dict[str, str]], moved: dt.timedelta) -> Iterator[dict[str, Any]]:
    names, signed_in = named("clickstream-sessions").names, set[str]()
    for n, line in enumerate(lines):
        at = dt.datetime.fromisoformat(line["timestamp"]) + moved
        session, step = line["session_id"], line["event"]
        device = f"{line['user_id']} {line['platform']}" if n % 11 else "the family's tablet"
        call = {"messageId": f"m{n}", "timestamp": f"{at.isoformat()}Z", "anonymousId": device}
        if step in SIGNS_IN and session not in signed_in:
            signed_in.add(session)
            yield {**call, "messageId": f"i{n}", "type": "identify", "userId": line["user_id"], "traits": {"plan": "a"}}
        who = {"userId": line["user_id"]} if session in signed_in else {}
        yield {**call, **who, "type": "track", "event": names[step], "properties": {"session_id": session}}


def played(namespace: str, calls: Calls) -> tuple[Counter[Any], dict[str, frozenset[str]]]:
    """Send calls in batches to a source of its own; gives its events with whose they are, and who is one with whom."""
    source = EventSource.make(namespace, namespace=namespace, by=None)[1]
    for start in range(0, len(calls), TOGETHER):
        inbox.put(source.pk, json.dumps({"batch": calls[start : start + TOGETHER]}).encode())
    list(drained())
    profiles = list(SourceProfile.objects.filter(source=namespace).values_list("key", "customer"))
    together: dict[int | None, set[str]] = {}
    for key, customer in profiles:
        together.setdefault(customer, set()).add(key)
    whose = {key: frozenset(together[customer]) if customer else frozenset[str]() for key, customer in profiles}
    told = Event.objects.filter(source=namespace).values_list(
        "name", "occurred_at", "profile__key", "customer", "properties__session_id"
    )
    events = Counter((*row[:3], frozenset(together[row[3]]) if row[3] else None, row[4]) for row in told)
    return events, whose


def test_a_shuffled_log_with_repetitions_ends_where_the_log_ends(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    calls, dice = log(), Random(20241111)
    again = [call for call in calls for _time in range(dice.randint(1, 3))]
    dice.shuffle(again)
    in_order, shuffled = played("inorder", calls), played("shuffled", again)
    assert in_order == shuffled
    events, whose = in_order
    assert events.total() == sum(call["type"] == "track" for call in calls)
    assert any(each[3] and not each[2].startswith("user") for each in events), "some of it was done before signing in"
    assert whose["device the family's tablet"] == frozenset(), "what several people share is nobody's"
    assert not Quarantined.objects.exists()
