import base64
import gzip
import io
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from guanxi.accounts.models import Staff
from guanxi.ingest.collection import inbox, keys
from guanxi.ingest.collection.door import Door
from guanxi.ingest.collection.keys import FRESH, KEYS, STRANGERS
from guanxi.ingest.collection.rate import Rate
from guanxi.ingest.models import EventSource, WriteKey

pytestmark = pytest.mark.django_db
CALL = {"event": "Product Viewed", "anonymousId": "a1", "properties": {"sku": "龙井"}}


class Told:
    """One answer of the door."""

    def __init__(self, environ: dict[str, Any]) -> None:
        body = Door(lambda _environ, start: [start("200 OK", []) or b"inner"])(environ, self.start)
        self.body = b"".join(body)

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = int(status[:3]), dict(headers)

    @property
    def told(self) -> Any:
        return json.loads(self.body)


def send(path: str, sent: Any = b"", *, method: str = "POST", **more: Any) -> Told:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "HTTP_HOST": "shop.example:8000", "wsgi.url_scheme": "http", **more,
    }  # fmt: skip
    return Told(environ)


def basic(key: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


@pytest.fixture
def key(owner: Staff, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    settings.HOME = tmp_path
    monkeypatch.setattr(keys, "close_old_connections", lambda: None)  # the transaction of the test is open
    KEYS.forget()
    yield EventSource.make("Own shop", namespace="shop", by=owner)[0]
    KEYS.forget()


def source() -> EventSource:
    return EventSource.objects.get()


@pytest.mark.parametrize(
    "name", ["track", "t", "identify", "i", "page", "p", "screen", "s", "group", "g", "alias", "a"]
)
def test_a_call_is_on_disk_when_it_is_answered(key: str, name: str) -> None:
    answer = send(f"/v1/{name}", CALL, **basic(key))
    assert (answer.status, answer.told) == (200, {"success": True})
    (kept,) = inbox.oldest(9)
    assert (kept.source, kept.kind[0], json.loads(kept.body)) == (source().pk, name[0], CALL)


@pytest.mark.parametrize("name", ["batch", "b", "import"])
def test_a_batch_is_kept_whole(key: str, name: str) -> None:
    body = {"batch": [{"type": "track", **CALL}] * 3, "writeKey": key}
    assert send(f"/v1/{name}", body).status == 200
    (kept,) = inbox.oldest(9)
    assert (kept.kind, json.loads(kept.body)) == ("", body)


def test_a_packed_body_is_unpacked(key: str) -> None:
    packed = gzip.compress(json.dumps({"batch": []}).encode())
    assert send("/v1/batch", packed, HTTP_CONTENT_ENCODING="gzip", **basic(key)).status == 200
    assert inbox.oldest(1)[0].body == b'{"batch": []}'


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("/v1/track", b"{", 400, "not_json"),
        ("/v1/track", b"[1]", 400, "not_json"),
        ("/v1/batch", {"batch": "x"}, 400, "not_json"),
        ("/v1/batch", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "not_json"),
        ("/v1/track", {**CALL, "properties": {"note": "x" * 33_000}}, 400, "too_large"),
        ("/v1/batch", {"batch": ["x" * 520_000]}, 400, "too_large"),
        ("/v1/nothing", CALL, 404, "not_here"),
    ],
)
def test_what_cannot_be_taken_is_answered_as_the_libraries_expect(
    key: str, path: str, sent: Any, status: int, code: str
) -> None:
    answer = send(path, sent, **basic(key))
    assert (answer.status, answer.told["code"]) == (status, code)
    assert answer.told["message"]
    assert inbox.waiting() == 0


@pytest.mark.parametrize("sent", [{}, {"writeKey": "gxw_nobody"}, {"writeKey": 7}])
def test_a_key_of_nobody_is_told_loudly(key: str, sent: dict[str, Any]) -> None:
    answer = send("/v1/track", {**CALL, **sent})
    assert (answer.status, answer.told["code"], inbox.waiting()) == (401, "unknown_key", 0)


def test_a_key_in_the_body_opens_where_the_header_has_another_one(key: str) -> None:
    assert send("/v1/track", {**CALL, "writeKey": key}, **basic("else")).status == 200


def test_a_retired_source_writes_no_more_and_a_rotated_key_a_day_longer(key: str, owner: Staff) -> None:
    with time_machine.travel("2026-11-11T00:00:00Z") as clock:
        new = source().rotate(by=owner)
        KEYS.forget()
        assert [send("/v1/track", CALL, **basic(each)).status for each in (key, new)] == [200, 200]
        clock.shift(25 * 3600)
        KEYS.forget()
        assert [send("/v1/track", CALL, **basic(each)).status for each in (key, new)] == [401, 200]
    source().retire(by=owner)
    KEYS.forget()
    assert send("/v1/track", CALL, **basic(new)).status == 401


def test_a_new_key_is_known_within_moments_and_an_old_one_kept_for_seconds(
    key: str, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(keys, "monotonic", lambda: clock[0])
    assert send("/v1/track", CALL, **basic(key)).status == 200
    another = EventSource.make("App", namespace="shop", by=owner)[0]
    clock[0] += STRANGERS
    assert send("/v1/track", CALL, **basic(another)).status == 200
    EventSource.objects.get(name="App").retire(by=owner)
    assert send("/v1/track", CALL, **basic(another)).status == 200
    clock[0] += FRESH
    assert send("/v1/track", CALL, **basic(another)).status == 401


def test_only_pages_of_the_shop_write_where_it_names_them(key: str) -> None:
    EventSource.objects.update(origins=["https://tea.example"])
    mine = send("/v1/t", CALL, HTTP_ORIGIN="https://tea.example", **basic(key))
    other = send("/v1/t", CALL, HTTP_ORIGIN="https://evil.example", **basic(key))
    server = send("/v1/t", CALL, **basic(key))
    assert [mine.status, other.status, server.status] == [200, 403, 200]
    assert mine.headers["Access-Control-Allow-Origin"] == "https://tea.example"


def test_a_page_may_ask_before_it_sends(key: str) -> None:
    asked = send("/v1/t", method="OPTIONS", HTTP_ORIGIN="https://tea.example")
    assert (asked.status, asked.body) == (204, b"")
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    named = {"HTTP_ORIGIN": "https://tea.example", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,sentat"}
    assert send("/v1/t", method="OPTIONS", **named).headers["Access-Control-Allow-Headers"] == "authorization,sentat"


def test_a_library_learns_where_to_send_to(key: str) -> None:
    told = send(f"/v1/projects/{key}/settings", method="GET").told["integrations"]["Segment.io"]
    assert told == {"apiKey": key, "apiHost": "shop.example:8000/v1", "protocol": "http"}
    assert send("/v1/projects/nobody/settings", method="GET").status == 401


def test_behind_a_proxy_that_ends_tls_a_page_is_told_to_send_by_https(key: str, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    told = send(f"/v1/projects/{key}/settings", method="GET", HTTP_X_FORWARDED_PROTO="https")
    assert told.told["integrations"]["Segment.io"]["protocol"] == "https"


def test_the_library_of_rudderstack_finds_its_source_and_sends_to_nobody_else(key: str) -> None:
    told = send("/sourceConfig/", method="GET", QUERY_STRING=f"p=npm&writeKey={key}").told["source"]
    assert (told["id"], told["enabled"], told["config"], told["destinations"]) == (str(source().pk), True, {}, [])
    assert send("/v1/sourceConfig/", method="GET", **basic(key)).status == 200
    assert send("/sourceConfig", method="GET", QUERY_STRING="&".join("a" * 30)).status == 401


def test_a_page_that_is_left_names_its_key_in_the_address(key: str) -> None:
    assert send("/beacon/v1/batch", {"batch": [CALL]}, QUERY_STRING=f"writeKey={key}").status == 200
    assert inbox.waiting() == 1


def test_a_body_is_read_no_further_than_it_was_said_to_be_long(key: str) -> None:
    sent = json.dumps({**CALL, "writeKey": key}).encode()
    more = {"CONTENT_LENGTH": str(len(sent)), "wsgi.input": io.BytesIO(sent + b"of the next request")}
    assert send("/v1/track", sent, **more).status == 200


def test_any_page_may_load_our_script_and_asks_for_it_once(key: str) -> None:
    first = send("/v1/guanxi.js", method="GET", HTTP_ACCEPT_ENCODING="gzip, br")
    assert (first.status, first.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(first.body) <= 4_000, "the budget is 6 KB, packed"
    assert gzip.decompress(first.body) == send("/v1/guanxi.js", method="GET").body
    again = send("/v1/guanxi.js", method="GET", HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert send("/v1/guanxi.js", method="HEAD").body == b""
    assert send("/v1/guanxi.js", CALL).status == 404


def test_too_many_requests_are_told_when_to_come_again(key: str) -> None:
    EventSource.objects.update(per_second=2)
    with time_machine.travel("2026-11-11T00:00:00Z", tick=False):
        answers = [send("/v1/t", CALL, **basic(key)) for _ in range(3)]
    assert [each.status for each in answers] == [200, 200, 429]
    assert (answers[2].headers["Retry-After"], answers[2].headers["X-RateLimit-Reset"]) == ("1", "1")


def test_figures_of_the_libraries_are_taken_and_forgotten(key: str) -> None:
    assert (send("/v1/m", {"series": []}).status, inbox.waiting()) == (200, 0)


def test_other_methods_and_addresses_are_left_to_others(key: str) -> None:
    assert send("/v1/track", method="GET").status == 405
    assert send("/customers/", method="GET").body == b"inner"


def test_a_full_disk_is_answered_so_that_it_is_tried_again(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(inbox, "_write", full)
    answer = send("/v1/track", CALL, **basic(key))
    assert (answer.status, answer.told["code"], answer.headers["Retry-After"]) == (503, "closed", "5")


def test_the_inbox_gives_the_oldest_first_and_keeps_it_until_it_is_done(key: str) -> None:
    for number in range(3):
        inbox.put(1, str(number).encode())
    first, second = inbox.oldest(2)
    assert (first.body, second.body, inbox.waiting()) == (b"0", b"1", 3)
    inbox.done([first.key, second.key])
    assert [each.body for each in inbox.oldest(9)] == [b"2"]


def test_nothing_of_a_delivery_can_be_read_from_the_file(key: str, tmp_path: Any) -> None:
    send("/v1/identify", {"userId": "u1", "traits": {"email": "canary@example.com"}}, **basic(key))
    assert all(b"canary" not in path.read_bytes() for path in tmp_path.glob("inbox*"))


def test_a_key_is_shown_again_and_kept_sealed(key: str) -> None:
    kept = WriteKey.objects.get()
    assert kept.secret == key
    assert key.encode() not in bytes(kept.sealed)


def test_processes_count_together_what_a_source_sends(tmp_path: Any) -> None:
    one, other = Rate(tmp_path / "rates"), Rate(tmp_path / "rates")
    taken = [rate.wait(7, 3, at=5.0) == 0 for rate in (one, other, one, other)]
    assert taken == [True, True, True, False]
    assert other.wait(8, 3, at=5.0) == 0, "another source has a bucket of its own"
    assert one.wait(7, 3, at=6.0) == 0, "a second later it may send again"
