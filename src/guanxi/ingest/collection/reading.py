"""Deliveries out of the inbox, read: the calls they bring, each with a name of its own, and what is none."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from guanxi.ingest.collection.calls import Call, NoCall, Reason, read
from guanxi.ingest.collection.deliveries import Delivery, NotReadable, TooLarge, of_batch, of_one, refused
from guanxi.ingest.collection.happening import fit, happens
from guanxi.ingest.collection.inbox import Received
from guanxi.ingest.collection.properties import Kept

DIGEST_BYTES = 16
TIME_BYTES = 6  # of a call's name, before its digest
TIME = re.compile(r"\d{8,13}")


class Arrived(msgspec.Struct, frozen=True):
    """A call, by which delivery it came and at which place in it."""

    call: Call
    source: int
    token: str
    nth: int
    raw: bytes
    message: bytes
    content: bytes
    event: tuple[str, Kept] | None

    @classmethod
    def of(cls, call: Call, source: int, token: str, nth: int, raw: bytes) -> "Arrived":
        """Make all of a call that asks nothing of the book, before anybody has to wait for it.

        `message` tells it from every other call of its source: the sender's name for it, or where it stood. `content`
        is what it says, however often it is sent: a library sends it again with another time of sending. Of what became
        properties of an event the call keeps nothing.
        """
        said = (call.kind, call.name, call.user, call.anonymous, call.previous, call.group)
        content = digest(msgspec.json.encode((*said, call.properties, call.traits), order="sorted"))
        message = message_key(call.message or f"{token}.{nth}")
        event = fit(call) if happens(call) else None
        return cls(_rest(call) if event else call, source, token, nth, raw, message, content, event)


@dataclass(frozen=True)
class Refusal:
    """What was sent and is no call."""

    reason: Reason
    source: int
    kind: str
    token: str
    nth: int
    raw: bytes
    received_at: dt.datetime
    sent_at: dt.datetime | None = None


@dataclass
class Readings:
    """All that some deliveries bring."""

    arrived: list[Arrived] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


_packer, _unpacker = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Readings)


def packed(readings: Readings) -> bytes:
    """Write readings for another process."""
    return _packer.encode(readings)


def unpacked(told: bytes) -> Readings:
    """Read what another process has `packed`; raises ValueError where that is none."""
    return _unpacker.decode(told)


def read_all(deliveries: Iterable[Received]) -> Readings:
    """Read deliveries in the order in which they came."""
    found = Readings()
    for each in deliveries:
        _read(each, found)
    return found


def _read(received: Received, found: Readings) -> None:
    try:
        delivery = of_one(received.body) if received.kind else of_batch(received.body)
    except (NotReadable, TooLarge):
        found.refused.append(_refusal(Reason.NOT_JSON, received, 0, received.body))
        return
    if reason := refused(delivery):
        found.refused.append(_refusal(reason, received, 0, received.body))
        return
    _read_calls(delivery, received, found)


def _read_calls(delivery: Delivery, received: Received, found: Readings) -> None:
    envelope = delivery.envelope(received.received_at)
    for nth, raw in enumerate(delivery.calls):
        try:
            call = read(raw, envelope, kind=received.kind)
        except NoCall as error:
            found.refused.append(_refusal(error.reason, received, nth, raw, delivery.sent_at))
        else:
            found.arrived.append(Arrived.of(call, received.source, received.token, nth, raw))


def _refusal(reason: Reason, received: Received, nth: int, raw: bytes, sent_at: dt.datetime | None = None) -> Refusal:
    told = received.source, received.kind, received.token
    return Refusal(reason, *told, nth, raw, received.received_at, sent_at)


def message_key(name: str) -> bytes:
    """Compute by what a call's name is known again, in 16 bytes that begin with the time the name tells.

    Most libraries put the time into their names of calls. The index of calls then grows at its end, where names in no
    order would touch a page of it each.

    >>> message_key("ajs-next-1764288000000-8c4e")[:6] < message_key("ajs-next-1764288000001-03aa")[:6]
    True
    """
    said = TIME.search(name)
    time = int(said.group()) if said else 0
    return time.to_bytes(TIME_BYTES, "big") + digest(name.encode())[: DIGEST_BYTES - TIME_BYTES]


def _rest(call: Call) -> Call:
    """Give a call with no more than says whose it is, and when."""
    told = call.context.get("traits")
    return msgspec.structs.replace(call, properties={}, context={"traits": told} if told else {})


def digest(told: bytes) -> bytes:
    """Compute by what something that was told is known again: 16 bytes."""
    return hashlib.blake2b(told, digest_size=DIGEST_BYTES).digest()
