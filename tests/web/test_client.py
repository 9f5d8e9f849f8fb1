"""The client for programs: against a stub that misbehaves, and against the program itself, two processes at once."""

import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from guanxi.accounts.models import ApiKey, Staff
from guanxi.client import Client, Problem, _address
from guanxi.customers.models import Customer
from guanxi.guard.sealing import keyring
from tests.api import MASKED
from tests.web.process import free_port, guanxi, status, until

Said = tuple[int, Any, dict[str, str]]


class Stub(HTTPServer):
    """Answers what it was told, one after another, and keeps what it was asked."""

    def __init__(self, answers: list[Said]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = answers, list[dict[str, Any]]()

    @property
    def client(self) -> Client:
        return Client(f"http://127.0.0.1:{self.server_port}", "gxk_x", pause_seconds=0.01)


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        stub: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stub.asked.append({"method": self.command, "path": self.path, "body": body, **self.headers})
        code, told, headers = stub.answers.pop(0)
        if not code:
            self.close_connection = True
            self.connection.close()
            return
        text = b"" if told is None else json.dumps(told).encode()
        self.send_response(code)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815 - named by http.server

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def stubbed(request: pytest.FixtureRequest) -> Iterator[Stub]:
    stub = Stub(list(request.param))
    thread = threading.Thread(target=stub.serve_forever)
    thread.start()
    yield stub
    stub.shutdown()
    thread.join()
    stub.server_close()


PAGES = [(200, {"data": [{"id": 1}, {"id": 2}], "next": "two"}, {}), (200, {"data": [{"id": 3}], "next": None}, {})]
BUSY = (429, {"detail": "Wait."}, {"Retry-After": "0"})
WRONG = (422, {"type": "urn:guanxi:problem:not-valid", "detail": "Some…", "fields": {"name": "Too long."}}, {})


@pytest.mark.parametrize("stubbed", [PAGES], indirect=True)
def test_a_list_is_walked_to_its_end(stubbed: Stub) -> None:
    assert [each["id"] for each in stubbed.client.walk("/customers", tag="tag_1", limit=None)] == [1, 2, 3]
    assert [each["path"] for each in stubbed.asked] == [
        "/api/v1/customers?tag=tag_1", "/api/v1/customers?tag=tag_1&after=two",
    ]  # fmt: skip
    assert stubbed.asked[0]["Authorization"] == "Bearer gxk_x"


@pytest.mark.parametrize("stubbed", [[BUSY, (0, None, {}), (503, None, {}), (201, {"id": "cus_1"}, {})]], indirect=True)
def test_what_got_lost_is_sent_again_under_the_same_idempotency_key(stubbed: Stub) -> None:
    assert stubbed.client.post("/customers", {"name": "林晓"}) == {"id": "cus_1"}
    assert len({each["Idempotency-Key"] for each in stubbed.asked}) == 1
    assert [json.loads(each["body"]) for each in stubbed.asked] == [{"name": "林晓"}] * 4


CUT = (201, {"id": "cus_1"}, {"Content-Length": "900"})


@pytest.mark.parametrize("stubbed", [[CUT, (201, {"id": "cus_1"}, {})]], indirect=True)
def test_an_answer_that_broke_off_is_asked_for_again(stubbed: Stub) -> None:
    assert stubbed.client.post("/customers", {"name": "林晓"}) == {"id": "cus_1"}
    assert len({each["Idempotency-Key"] for each in stubbed.asked}) == 1
    assert len(stubbed.asked) == 2


@pytest.mark.parametrize("stubbed", [[CUT] * 4], indirect=True)
def test_a_line_that_always_breaks_is_told_as_that(stubbed: Stub) -> None:
    with pytest.raises(ConnectionError, match="broke off"):
        stubbed.client.get("/customers")


@pytest.mark.parametrize("stubbed", [[WRONG]], indirect=True)
def test_a_refusal_is_told_with_its_fields_and_not_sent_again(stubbed: Stub) -> None:
    with pytest.raises(Problem, match="Some") as told:
        stubbed.client.patch("/customers/cus_1", {"name": "x" * 300})
    assert (told.value.status, told.value.fields) == (422, {"name": "Too long."})
    assert len(stubbed.asked) == 1


@pytest.mark.parametrize("stubbed", [[BUSY] * 4], indirect=True)
def test_it_gives_up_in_the_end(stubbed: Stub) -> None:
    with pytest.raises(Problem, match="Wait"):
        stubbed.client.get("/customers")
    assert len(stubbed.asked) == 4


@pytest.mark.parametrize("stubbed", [[(302, None, {"Location": "http://127.0.0.1:1/"})]], indirect=True)
def test_a_key_follows_no_redirect(stubbed: Stub) -> None:
    with pytest.raises(Problem):
        stubbed.client.get("/customers")


@pytest.mark.parametrize("stubbed", [[(202, {"id": "imp_1"}, {}), (204, None, {}), (200, {}, {})]], indirect=True)
def test_files_are_sent_and_places_filled_and_emptied(stubbed: Stub, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(b"a,b\n1,2\n")
    assert stubbed.client.send_file("/imports", tmp_path / "orders.csv", subject="orders")["id"] == "imp_1"
    stubbed.client.delete("/customers/cus_1/consents/sms/marketing")
    stubbed.client.put("/customers/cus_1/consents/sms/marketing", {"source": "staff"})
    sent = stubbed.asked[0]
    assert b'name="subject"\r\n\r\norders\r\n' in sent["body"]
    assert b'filename="orders.csv"' in sent["body"]
    assert sent["Idempotency-Key"]
    assert "Idempotency-Key" not in stubbed.asked[2]


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_of_many_equal_requests_to_two_processes_one_is_done(tmp_path: Path, owner: Staff) -> None:
    secret, _key = ApiKey.make("Sync", list(MASKED), days=1, by=owner, per_minute=60_000)
    home, ports = tmp_path / "home", [free_port(), free_port()]
    home.mkdir(mode=0o700)
    keyring()
    for name in ("secret.key", "master.key"):
        shutil.copy(Path(settings.HOME) / name, home / name)
    with ExitStack() as running:
        for port in ports:
            running.enter_context(guanxi(home, "web", "--port", str(port)))
        until(lambda: all(status(port) == 200 for port in ports))
        clients = [Client(f"http://127.0.0.1:{port}", secret) for port in ports]

        def add(nth: int) -> Any:
            return clients[nth % 2].post("/customers", {"name": f"Kim {nth // 8}"}, once=f"once-{nth // 8}")

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(add, range(32)))
        clients[0].post(f"/customers/{told[0]['id']}/notes", {"text": "打包要稳"})
        assert [each["id"] for each in clients[1].walk("/customers", limit=3)] == sorted(
            {each["id"] for each in told}, key=lambda word: Customer.key_of(word) or 0
        )
    assert [told[nth] for nth in range(0, 32, 8) for _each in range(8)] == told
    assert sorted(Customer.objects.values_list("name", flat=True)) == [f"Kim {nth}" for nth in range(4)]


def test_a_parameter_may_be_given_several_times() -> None:
    assert _address("/customers", {"field": ["cups:3", "vip:yes"], "city": "杭州", "tag": None}) == (
        "/customers?field=cups%3A3&field=vip%3Ayes&city=%E6%9D%AD%E5%B7%9E"
    )
