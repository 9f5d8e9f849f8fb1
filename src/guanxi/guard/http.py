"""The one way out: HTTP calls to addresses that were looked at first.

The host is resolved, every address it has is checked, and the connection is made to a checked address, so that a name
cannot change its mind between the check and the call. Redirects are not followed: they are answers like any other.

`settings.HTTP_OUT_ALLOWED` names private networks that may be called all the same, an ERP in the house for one.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi import __version__
from guanxi.guard.errors import BadAddress, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Found = tuple[int, int, int, str, tuple[str | int | bytes, ...]]  # what getaddrinfo finds
CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 15.0
BODY_MAX_BYTES: Final = 1 << 20
PORTS: Final = {"http": 80, "https": 443}
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Reply:
    """What the other side answered; header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


def call(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Reply:
    """Make one request within 15 seconds and 1 MB.

    Raises BadAddress where the URL may not be called, Unreachable where no whole answer came.
    """
    parts = _parsed(method, url)
    deadline = time.monotonic() + TOTAL_SECONDS
    addresses = _resolved(parts)
    connection = _Pinned(parts, addresses)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return _exchange(connection, deadline, (method, target, body, dict(headers or {})))
    except ValueError as error:
        raise BadAddress(_("The call to %(host)s is malformed: check its URL and headers.") % _at(parts)) from error
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() >= deadline
        raise (_too_slow(parts) if late else _no_answer(parts)) from error
    finally:
        connection.close()


def check(url: str) -> None:
    """Look whether a URL may be called; raises BadAddress where it may not, Unreachable where its host is unknown."""
    _resolved(_parsed("GET", url))


def may_call(address: Address) -> bool:
    """Whether an address is a public one, or in a network the settings allow."""
    if any(address in network for network in _allowed() if network.version == address.version):
        return True
    inner = _embedded(address)
    if inner is not None:
        return may_call(inner)
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or (isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in NAT64_LOCAL))
    )


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Find the IPv4 address that an IPv6 address is a way to."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _allowed() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(network) for network in settings.HTTP_OUT_ALLOWED]


def _parsed(method: str, url: str) -> SplitResult:
    """Take the URL apart; only plain web addresses without a password in them are called."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in PORTS and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        fit = False
    if not fit or method not in METHODS or any(ord(letter) <= 32 or ord(letter) >= 127 for letter in url):
        raise BadAddress(_("This is no address that can be called. Write https://, a host and a path, nothing else."))
    return parts


def _resolved(parts: SplitResult) -> list[tuple[str, int]]:
    """Resolve the host and check every address it has."""
    port = parts.port or PORTS[parts.scheme]
    found = [(str(info[4][0]), port) for info in _looked_up(parts, port)]
    for address, _port in found:
        if not may_call(ipaddress.ip_address(address.partition("%")[0])):
            raise BadAddress(
                _("%(host)s leads into a private network, which may not be called. Use a public address.") % _at(parts)
            )
    return list(dict.fromkeys(found))


def _looked_up(parts: SplitResult, port: int) -> list[Found]:
    """Ask the resolver, which knows no time limit of its own, in a thread that may be left behind."""
    asked: Future[list[Found]] = Future()

    def ask() -> None:
        try:
            asked.set_result(list(socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            asked.set_exception(error)

    threading.Thread(target=ask, daemon=True, name="guard-resolve").start()
    try:
        return asked.result(timeout=CONNECT_SECONDS)
    except (OSError, UnicodeError, TimeoutError):
        raise Unreachable(_("%(host)s is not known to the name servers. Check its spelling.") % _at(parts)) from None


class _Pinned(http.client.HTTPConnection):
    """A connection to the first checked address that answers, in the name of the host."""

    def __init__(self, parts: SplitResult, addresses: list[tuple[str, int]]) -> None:
        super().__init__(str(parts.hostname), parts.port or PORTS[parts.scheme], timeout=CONNECT_SECONDS)
        self.default_port = PORTS[parts.scheme]  # so that Host names the port only where it is another one
        self.secure, self.addresses = parts.scheme == "https", addresses

    def connect(self) -> None:
        """Try the addresses in their order, within one connect limit."""
        until = time.monotonic() + CONNECT_SECONDS
        for number, address in enumerate(self.addresses, start=1):
            try:
                self.sock = socket.create_connection(address, timeout=max(0.05, until - time.monotonic()))
                break
            except OSError:
                if number == len(self.addresses) or time.monotonic() >= until:
                    raise
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()


def _exchange(connection: _Pinned, deadline: float, request: tuple[str, str, bytes | None, dict[str, str]]) -> Reply:
    """Send and read; at the deadline the socket is shut, however slowly the other side drips."""
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), _shut, [connection])
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        connection.sock.settimeout(TOTAL_SECONDS)
        method, target, body, headers = request
        connection.request(method, target, body, {"User-Agent": f"Guanxi/{__version__}", **headers})
        answer = connection.getresponse()
        read = answer.read(BODY_MAX_BYTES + 1)
    finally:
        watch.cancel()
    if time.monotonic() >= deadline or (answer.length and len(read) <= BODY_MAX_BYTES):
        raise TimeoutError  # shut by us, or broken off by the other side
    if len(read) > BODY_MAX_BYTES:
        raise Unreachable(_("%(host)s answered with more than 1 MB, which is not read.") % {"host": connection.host})
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)


def _shut(connection: _Pinned) -> None:
    """Break off from another thread: the socket's own shutdown, since TLS's would pull the rug from under a read."""
    if isinstance(connection.sock, socket.socket):
        with contextlib.suppress(OSError):  # closed already
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _at(parts: SplitResult) -> dict[str, str]:
    return {"host": str(parts.hostname)}


def _too_slow(parts: SplitResult) -> Unreachable:
    return Unreachable(_("%(host)s did not answer within 15 seconds. It is tried again later.") % _at(parts))


def _no_answer(parts: SplitResult) -> Unreachable:
    return Unreachable(_("%(host)s refused the connection or broke it off. Check that it is up.") % _at(parts))
