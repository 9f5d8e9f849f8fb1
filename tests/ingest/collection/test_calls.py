import datetime as dt
import gzip
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.ingest.collection.calls import Call, Envelope, Kind, NoCall, Reason, read, time_of
from guanxi.ingest.collection.deliveries import NotReadable, TooLarge, of_batch, of_one, unpacked

AT = dt.datetime(2026, 11, 11, 1, tzinfo=dt.UTC)
HERE = Envelope(received_at=AT)
DATA = Path(os.environ["GUANXI_DATA"]) / "api_payloads"
TRACK: dict[str, Any] = {"type": "track", "event": "Product Viewed", "userId": "u1"}


def told(**fields: Any) -> Call:
    return read(json.dumps({**TRACK, **fields}).encode(), HERE)


def refusal(sent: Any, envelope: Envelope = HERE) -> Reason:
    with pytest.raises(NoCall) as caught:
        read(sent if isinstance(sent, bytes) else json.dumps(sent).encode(), envelope)
    return caught.value.reason


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"type": "track", "userId": "u1"}, Reason.NO_NAME),
        ({**TRACK, "event": "  "}, Reason.NO_NAME),
        ({**TRACK, "event": "x" * 101}, Reason.BAD_NAME),
        ({**TRACK, "event": "Product\nViewed"}, Reason.BAD_NAME),
        ({**TRACK, "event": 7}, Reason.BAD_NAME),
        ({"type": "track", "event": "Product Viewed"}, Reason.NOBODY),
        ({"type": "alias", "previousId": "a", "anonymousId": "b"}, Reason.NOBODY),
        ({"type": "alias", "userId": "a"}, Reason.NO_PREVIOUS),
        ({"type": "group", "userId": "a"}, Reason.NO_GROUP),
        ({**TRACK, "type": "order"}, Reason.BAD_KIND),
        ({**TRACK, "type": ["track"]}, Reason.BAD_KIND),
        ({**TRACK, "userId": {"id": 1}}, Reason.BAD_ID),
        ({**TRACK, "userId": "u" * 256}, Reason.BAD_ID),
        ({**TRACK, "userId": True}, Reason.BAD_ID),
        ({**TRACK, "messageId": "m" * 101}, Reason.BAD_MESSAGE),
        ({**TRACK, "messageId": 5}, Reason.BAD_MESSAGE),
        ({**TRACK, "properties": [1]}, Reason.BAD_OBJECT),
        ({**TRACK, "context": "web"}, Reason.BAD_OBJECT),
        ({**TRACK, "timestamp": "yesterday"}, Reason.BAD_TIME),
        ({**TRACK, "timestamp": "2026-02-30T10:00:00Z"}, Reason.BAD_TIME),
        ({**TRACK, "timestamp": "0001-01-01T00:00:00+23:00"}, Reason.BAD_TIME),
        ({**TRACK, "timestamp": "2026-11-11T01:10:01Z"}, Reason.AHEAD),
        ({**TRACK, "timestamp": "2025-10-01T00:00:00Z"}, Reason.TOO_LATE),
        ({**TRACK, "properties": {"note": "a\0b"}}, Reason.BAD_TEXT),
        ({**TRACK, "properties": {"a\0b": 1}}, Reason.BAD_TEXT),
        ({**TRACK, "userId": "a\0b"}, Reason.BAD_ID),
        ({**TRACK, "properties": {"note": "x" * 33_000}}, Reason.TOO_LARGE),
        ({**TRACK, "properties": {f"k{n}": n for n in range(1_001)}}, Reason.TOO_MANY_KEYS),
        ({**TRACK, "properties": {"deep": json.loads("[" * 21 + "]" * 21)}}, Reason.TOO_DEEP),
        ([1], Reason.NO_OBJECT),
        (b'{"type": "track", "event": "\\ud800", "userId": "u"}', Reason.BAD_TEXT),
        (b'{"type": "track", "event": "\xff", "userId": "u"}', Reason.BAD_TEXT),
        (b'{"type": "track", "properties": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", Reason.TOO_DEEP),
        (b'{"type": "track"', Reason.NOT_JSON),
        (b'{"type": "track", "properties": {"a": NaN}}', Reason.NOT_JSON),
        (b'{"type": "track", "properties": {"a": 1e999}}', Reason.NOT_JSON),
    ],
)
def test_what_is_no_call_is_told_why(sent: Any, reason: Reason) -> None:
    assert refusal(sent) == reason


def test_a_text_that_only_looks_like_a_nul_is_taken() -> None:
    assert told(properties={"note": "\\u0000"}).properties == {"note": "\\u0000"}


def test_whole_numbers_are_ids_too() -> None:
    assert told(userId=97).user == "97"


@pytest.mark.parametrize(
    ("said", "sent_at", "at"),
    [
        ("2026-11-11T00:59:00Z", None, "2026-11-11T00:59:00+00:00"),
        ("2026-11-11T08:59:00+08:00", None, "2026-11-11T00:59:00+00:00"),
        ("2031-01-01T12:00:00Z", "2031-01-01T12:00:30Z", "2026-11-11T00:59:30+00:00"),
        ("1999-01-01T12:00:00", "1999-01-01T12:01:00", "2026-11-11T00:59:00+00:00"),
        ("2026-11-11T00:59:00Z", "never", "2026-11-11T00:59:00+00:00"),
        (None, "2026-11-11T00:59:00Z", "2026-11-11T01:00:00+00:00"),
    ],
)
def test_a_clock_that_goes_wrong_does_not_move_what_happened(said: str | None, sent_at: str | None, at: str) -> None:
    assert told(timestamp=said, sentAt=sent_at).occurred_at.isoformat() == at


def test_rudderstacks_name_of_the_time_is_read_where_no_other_is_given() -> None:
    early = "2026-11-11T00:50:00Z"
    assert told(originalTimestamp=early).occurred_at.isoformat() == "2026-11-11T00:50:00+00:00"
    assert told(originalTimestamp=early, timestamp="2026-11-11T00:55:00Z").occurred_at.minute == 55


def test_a_page_is_called_by_its_name_and_keeps_its_category() -> None:
    page = read(b'{"anonymousId": "a", "name": "Oolong", "category": "Tea", "properties": {}}', HERE, kind="page")
    assert (page.kind, page.name, page.properties) == ("page", "Oolong", {"category": "Tea"})


@pytest.mark.realdata
@pytest.mark.parametrize("path", sorted(DATA.glob("segment_*/*.json")), ids=lambda path: path.stem)
def test_every_example_of_the_interface_is_taken_once_it_says_of_whom(path: Path) -> None:
    sent = json.loads(path.read_text())
    kind = path.stem.partition("_")[0] if path.parent.name == "segment_spec" else "track"
    kind = "track" if kind == "email" else kind  # in the spelling of old libraries, which names nobody by our fields
    if "userId" not in sent and "anonymousId" not in sent:
        with pytest.raises(NoCall, match=Reason.NOBODY):
            read(json.dumps(sent).encode(), HERE, kind=kind)
    call = read(json.dumps({"anonymousId": "a1", **sent, "timestamp": None}).encode(), HERE, kind=kind)
    assert (call.kind, call.name) == (kind, sent.get("event") or sent.get("name") or "")
    assert call.properties.items() >= sent.get("properties", {}).items()
    assert call.traits == sent.get("traits", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = ["type", "event", "userId", "anonymousId", "properties", "context", "timestamp", "sentAt", "messageId"]


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.sampled_from(["", *Kind.values]))
def test_whatever_is_sent_is_a_call_or_told_why(sent: dict[str, Any], kind: str) -> None:
    with suppress(NoCall):
        call = read(json.dumps(sent).encode("utf-8", "surrogatepass"), HERE, kind=kind)
        assert call.user or call.anonymous
        assert (
            "\0" not in json.dumps([call.properties, call.traits, call.context], ensure_ascii=False).encode().decode()
        )


def test_one_bad_call_keeps_no_other_out() -> None:
    body = b'{"batch": [{"a": "\\ud800"}, {"type": "page", "userId": "u"}, 3], "writeKey": "k"}'
    delivery = of_batch(body)
    assert (len(delivery.calls), delivery.write_key) == (3, "k")
    assert refusal(delivery.calls[0]) == Reason.BAD_TEXT
    assert read(delivery.calls[1], HERE).user == "u"
    assert refusal(delivery.calls[2]) == Reason.NO_OBJECT


def test_what_a_batch_says_of_all_holds_for_each() -> None:
    delivery = of_batch(b'{"batch": [{"type": "page", "userId": "u", "context": {"a": 1}}], "context": {"b": 2}}')
    assert read(delivery.calls[0], delivery.envelope(AT)).context == {"a": 1, "b": 2}


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b'{"batch": 3}', b'{"batch": [NaN]}', b"\xff\xfe"])
def test_a_body_that_is_no_batch_cannot_be_read(body: bytes) -> None:
    with pytest.raises(NotReadable):
        of_batch(body)


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge):
        of_one(b" " * 32_769)
    with pytest.raises(TooLarge):
        of_batch(b" " * 512_001)


def test_a_packed_body_is_not_unpacked_past_its_limit() -> None:
    small, bomb = gzip.compress(b'{"batch": []}'), gzip.compress(b" " * 50_000_000)
    assert unpacked(small, "gzip", most=100) == b'{"batch": []}'
    with pytest.raises(TooLarge):
        unpacked(bomb, "gzip", most=512_000)
    with pytest.raises(NotReadable):
        unpacked(small[:-9], "gzip", most=100)
    with pytest.raises(NotReadable):
        unpacked(b"{}", "gzip", most=100)


def test_times_without_a_zone_are_utc() -> None:
    assert time_of("2026-11-11T01:00:00") == AT
