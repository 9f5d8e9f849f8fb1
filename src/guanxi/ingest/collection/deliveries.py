"""One request of a tracking library: unpacked, and parted into the calls it brings, each still as its bytes."""

import datetime as dt
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

from guanxi.ingest.collection.calls import MOST_BYTES, Envelope, NoCall, Reason, time_of

MOST_BATCH_BYTES = 500 * 1024
MOST_CALLS = 2_500


class TooLarge(Exception):
    """The body is larger than a request may be."""


class NotReadable(Exception):
    """The body is no JSON object, or its gzip breaks off."""


class Batch(msgspec.Struct):
    """A request's outer fields; the calls in it are read later, one by one."""

    batch: Any = None
    writeKey: Any = None  # noqa: N815 - the names of the interface
    sentAt: Any = None  # noqa: N815 - as above
    context: Any = None


class _Quick(msgspec.Struct):
    batch: list[msgspec.Raw] | None = None
    writeKey: str | None = None  # noqa: N815 - as above
    sentAt: str | None = None  # noqa: N815 - as above
    context: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one request brings: its calls as bytes, and what it says of all of them. `write_key` may be empty."""

    calls: Sequence[bytes]
    write_key: str = ""
    sent_at: dt.datetime | None = None
    context: dict[str, Any] = field(default_factory=dict)

    def envelope(self, received_at: dt.datetime) -> Envelope:
        """Give what holds for all its calls."""
        return Envelope(received_at=received_at, sent_at=self.sent_at, context=self.context)


_quick = msgspec.json.Decoder(_Quick)


def unpacked(body: bytes, encoding: str, *, most: int) -> bytes:
    """Unpack a body that was sent with gzip; raises TooLarge before it has grown past `most` bytes, NotReadable."""
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        plain = body
    else:
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain = stream.decompress(body, most + 1)
        except zlib.error as error:
            raise NotReadable from error
        if not stream.eof and len(plain) <= most:
            raise NotReadable
    if len(plain) > most:
        raise TooLarge
    return plain


def of_one(body: bytes) -> Delivery:
    """Read a request that brings one call. Raises TooLarge and NotReadable.

    >>> of_one(b'{"writeKey": "k", "event": "Signed Up", "userId": "u"}').write_key
    'k'
    """
    if len(body) > MOST_BYTES:
        raise TooLarge
    return Delivery(calls=[body], write_key=_text(_outer(body).writeKey))


def of_batch(body: bytes) -> Delivery:
    """Read a request that brings many. Raises TooLarge and NotReadable.

    >>> of_batch(b'{"batch": [{"type": "page"}, 7], "sentAt": "2026-11-11"}').calls
    [b'{"type": "page"}', b'7']
    """
    if len(body) > MOST_BATCH_BYTES:
        raise TooLarge
    outer = _outer(body)
    if not isinstance(outer.batch, list):
        raise NotReadable
    return Delivery(
        calls=[bytes(call) for call in outer.batch],
        write_key=_text(outer.writeKey),
        sent_at=time_of(outer.sentAt),
        context=outer.context if isinstance(outer.context, dict) else {},
    )


def refused(delivery: Delivery) -> Reason | None:
    """Tell why none of a delivery's calls is taken, if so."""
    return Reason.TOO_MANY if len(delivery.calls) > MOST_CALLS else None


def _outer(body: bytes) -> Batch | _Quick:
    """Read the outer fields; half a character in one call must not keep the others out, so that is read again."""
    try:
        return _quick.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _patiently(body)


def _patiently(body: bytes) -> Batch:
    try:
        told = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotReadable from error
    if not isinstance(told, dict):
        raise NotReadable
    calls = told.get("batch")
    written = [json.dumps(call).encode() for call in calls] if isinstance(calls, list) else calls
    return Batch(written, told.get("writeKey"), told.get("sentAt"), told.get("context"))


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


__all__ = ["Delivery", "NoCall", "NotReadable", "TooLarge", "of_batch", "of_one", "refused", "unpacked"]
