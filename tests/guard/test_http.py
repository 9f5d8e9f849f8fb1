"""Calls out go to public addresses, are short, and follow nobody."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from guanxi.guard import http
from guanxi.guard.errors import BadAddress, Unreachable
from guanxi.guard.http import call, may_call


class Shop(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, bytes, str]] = []

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://10.0.0.1/")
            self.end_headers()
        elif self.path == "/drip":
            self._drip()
        elif self.path == "/short":
            self._reply(b"half", length=8)
        else:
            self._reply(b"x" * (2 << 20) if self.path == "/large" else b"tea")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.command, self.path, body, self.headers["Host"]))
        self._reply(b"thanks")

    def _reply(self, body: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(body)))
        self.send_header("X-Shop", "Lin")
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        stop = threading.Event()
        for _ in range(100):
            try:
                self.wfile.write(b".")
            except OSError:
                return
            stop.wait(0.05)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.handle_error = lambda *_args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def allowed(settings: object) -> None:
    settings.HTTP_OUT_ALLOWED = ["127.0.0.0/8"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::",
        "fe80::1", "fc00::1", "ff02::1", "fec0::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2002:a00:1::1", "2002:7f00:1::", "2001:0:a00:1::1", "::10.0.0.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_of_the_house_are_never_called(address: str) -> None:
    assert not may_call(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_call(ipaddress.ip_address(address))


def test_loopback_is_refused_before_anything_is_sent(shop: str) -> None:
    Shop.seen.clear()
    with pytest.raises(BadAddress, match="private network"):
        call("POST", f"{shop}/hook", body=b"{}")
    assert Shop.seen == []


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    with pytest.raises(BadAddress, match=r"shop\.example"):
        call("GET", "https://shop.example/")


@pytest.mark.usefixtures("allowed")
def test_the_checked_address_is_called_in_the_name_of_the_host(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(shop.rpartition(":")[2])
    asked: list[object] = []

    def answer(host: str, *_args: object, **_kwargs: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    Shop.seen.clear()
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **kw: answer(host) if host == "shop.example" else real(host, *args, **kw),
    )
    reply = call(
        "POST", f"http://shop.example:{port}/hook?a=1", body=b"{}", headers={"Content-Type": "application/json"}
    )
    assert (reply.status, reply.body, reply.headers["x-shop"]) == (200, b"thanks", "Lin")
    assert Shop.seen == [("POST", "/hook?a=1", b"{}", f"shop.example:{port}")]
    assert asked == ["shop.example"]


@pytest.mark.usefixtures("allowed")
def test_a_redirect_is_an_answer_not_an_order(shop: str) -> None:
    reply = call("GET", f"{shop}/moved")
    assert (reply.status, reply.headers["location"]) == (302, "http://10.0.0.1/")


@pytest.mark.usefixtures("allowed")
def test_more_than_a_megabyte_is_not_read(shop: str) -> None:
    with pytest.raises(Unreachable, match="1 MB"):
        call("GET", f"{shop}/large")


@pytest.mark.usefixtures("allowed")
def test_an_answer_broken_off_is_no_answer(shop: str) -> None:
    with pytest.raises(Unreachable, match="broke it off"):
        call("GET", f"{shop}/short")


@pytest.mark.usefixtures("allowed")
def test_an_answer_that_drips_is_cut_off(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.3)
    with pytest.raises(Unreachable, match="did not answer"):
        call("GET", f"{shop}/drip")


@pytest.mark.usefixtures("allowed")
def test_a_closed_door_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="refused"):
            call("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/")


@pytest.mark.usefixtures("allowed")
def test_a_shop_that_speaks_no_tls_is_no_secure_shop(shop: str) -> None:
    with pytest.raises(Unreachable):
        call("GET", shop.replace("http:", "https:"))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://shop.example/", "shop.example", "http://", "http://user:secret@shop.example/",
        "http://shop.example:99999/", "http://shop.example/a b", "http://shop.example/\r\nX: y", "http://[::1", "https://店.example/",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        call("GET", url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "[::ffff:127.0.0.1]"])
def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises((BadAddress, Unreachable)):
        call("GET", f"http://{host}/")


@pytest.mark.usefixtures("allowed")
def test_a_header_cannot_carry_a_second_one(shop: str) -> None:
    with pytest.raises(BadAddress, match="malformed"):
        call("GET", shop, headers={"X-A": "1\r\nX-B: 2"})
