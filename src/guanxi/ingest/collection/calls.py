"""One call of a tracking library, from its bytes: what was said, of whom and when, or the reason why it is no call.

Source: Segment's HTTP tracking API, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 32 * 1024  # of a call
LONGEST_ID, LONGEST_NAME = 255, 100  # signs
LONGEST_MESSAGE = 100
DEEPEST, MOST_KEYS = 20, 1_000
LATEST = dt.timedelta(days=400)
AHEAD = dt.timedelta(minutes=10)
NUL = b"\\u0000"


class Kind(models.TextChoices):
    """What a call does."""

    IDENTIFY = "identify", _("Identify")
    TRACK = "track", _("Track")
    PAGE = "page", _("Page")
    SCREEN = "screen", _("Screen")
    GROUP = "group", _("Group")
    ALIAS = "alias", _("Alias")


KINDS = frozenset(Kind.values)


class Reason(models.TextChoices):
    """Why something that was sent is no call."""

    NOT_JSON = "not_json", _("It is no JSON that can be read.")
    NO_OBJECT = "no_object", _("A call is an object in braces.")
    TOO_LARGE = "too_large", _("A call has 32 KB at most.")
    TOO_MANY = "too_many", _("A batch has 2,500 calls at most.")
    TOO_DEEP = "too_deep", _("Objects and lists stand in each other 20 deep at most.")
    TOO_MANY_KEYS = "too_many_keys", _("A call has 1,000 keys at most.")
    BAD_TEXT = "bad_text", _("A text holds a sign that no database keeps: a NUL, or half a character.")
    BAD_KIND = "bad_kind", _("Its type is none of identify, track, page, screen, group, alias.")
    NOBODY = "nobody", _("It names nobody: userId or anonymousId is missing.")
    BAD_ID = "bad_id", _("An id is a text of 255 signs at most.")
    BAD_MESSAGE = "bad_message", _("A messageId is a text of 100 signs at most.")
    NO_NAME = "no_name", _("What happened has no name: event is missing.")
    BAD_NAME = "bad_name", _("The name of an event is a text of 100 signs at most, without control signs.")
    NO_GROUP = "no_group", _("groupId is missing.")
    NO_PREVIOUS = "no_previous", _("previousId is missing.")
    BAD_OBJECT = "bad_object", _("properties, traits and context are objects.")
    BAD_TIME = "bad_time", _("Its timestamp is no time in ISO 8601.")
    TOO_LATE = "too_late", _("It happened more than 400 days before it came.")
    AHEAD = "ahead", _("It happened more than 10 minutes after it came.")
    OTHER_CONTENT = "other_content", _("Its messageId was taken before with something else in it.")


class NoCall(Exception):
    """What was sent is no call; the reason is its only argument."""

    @property
    def reason(self) -> Reason:
        """Why."""
        return Reason(self.args[0])


class Sent(msgspec.Struct):
    """The fields of a call as they came, of whatever type."""

    type: Any = None
    messageId: Any = None  # noqa: N815 - the names of the interface
    userId: Any = None  # noqa: N815 - as above
    anonymousId: Any = None  # noqa: N815 - as above
    previousId: Any = None  # noqa: N815 - as above
    groupId: Any = None  # noqa: N815 - as above
    event: Any = None
    name: Any = None
    category: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None
    timestamp: Any = None
    originalTimestamp: Any = None  # noqa: N815 - as above; RudderStack's name of timestamp
    sentAt: Any = None  # noqa: N815 - as above


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What a delivery says of all its calls: when it came and was sent, and the context of a batch.

    `judged_at` is the moment of which a call may not be ahead, where that is not when it came.
    """

    received_at: dt.datetime
    sent_at: dt.datetime | None = None
    judged_at: dt.datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: `name` is the event's, the page's or the screen's; `message` is empty where the sender gave none."""

    kind: str
    message: str
    user: str
    anonymous: str
    name: str
    occurred_at: dt.datetime
    received_at: dt.datetime
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    previous: str = ""
    group: str = ""


_decoder = msgspec.json.Decoder(Sent)


def read(raw: bytes | msgspec.Raw, envelope: Envelope, *, kind: str = "") -> Call:
    """Read a call; `kind` is what its address says, else it says so itself. Raises NoCall.

    >>> at = dt.datetime(2026, 11, 11, 1, tzinfo=dt.UTC)
    >>> sent = b'{"type": "track", "event": "Product Viewed", "anonymousId": "a1", "properties": {"sku": "T1"}}'
    >>> told = read(sent, Envelope(received_at=at))
    >>> told.name, told.anonymous, told.properties, told.occurred_at == at
    ('Product Viewed', 'a1', {'sku': 'T1'}, True)
    """
    sent = _decoded(bytes(raw))
    kind = kind or sent.type
    if not isinstance(kind, str) or kind not in KINDS:
        raise NoCall(Reason.BAD_KIND)
    properties, traits, context = (_object(each) for each in (sent.properties, sent.traits, sent.context))
    if kind in {Kind.PAGE, Kind.SCREEN} and sent.category and "category" not in properties:
        properties["category"] = sent.category
    ids = [_id(each) for each in (sent.userId, sent.anonymousId, sent.previousId, sent.groupId)]
    _check_ids(kind, *ids)
    occurred_at = _moment(sent, envelope)
    return Call(
        kind=kind, message=_message(sent.messageId), user=ids[0], anonymous=ids[1], previous=ids[2], group=ids[3],
        name=_name(kind, sent), occurred_at=occurred_at, received_at=envelope.received_at, properties=properties,
        traits=traits, context={**envelope.context, **context},
    )  # fmt: skip


def _decoded(raw: bytes) -> Sent:
    if len(raw) > MOST_BYTES:
        raise NoCall(Reason.TOO_LARGE)
    try:
        sent = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NoCall(_why_unreadable(raw, error)) from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST or raw.count(b":") > MOST_KEYS or NUL in raw:
        _check_inside([sent.properties, sent.traits, sent.context])
    return sent


def _why_unreadable(raw: bytes, error: Exception) -> Reason:
    """Tell what is wrong with bytes that are no call: half a character is not told apart by the decoder."""
    if isinstance(error, msgspec.ValidationError) and not raw.lstrip().startswith(b"{"):
        return Reason.NO_OBJECT
    try:
        json.dumps(json.loads(raw), ensure_ascii=False).encode()
    except UnicodeError:
        return Reason.BAD_TEXT
    except RecursionError:
        return Reason.TOO_DEEP
    except ValueError:
        pass
    return Reason.NOT_JSON


def _check_inside(values: list[Any]) -> None:
    """Raise NoCall where objects are too deep or too wide, or a text holds a NUL."""
    keys = 0
    for depth, value in _inside(values):
        keys += len(value) if isinstance(value, dict) else 0
        if depth > DEEPEST:
            raise NoCall(Reason.TOO_DEEP)
        if keys > MOST_KEYS:
            raise NoCall(Reason.TOO_MANY_KEYS)
        if isinstance(value, str) and "\0" in value:
            raise NoCall(Reason.BAD_TEXT)


def _inside(values: list[Any]) -> Iterator[tuple[int, Any]]:
    """Go through everything that stands in each other, each with its depth; the keys of objects are texts too."""
    waiting = [(0, value) for value in values]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if isinstance(value, dict):
            waiting += [(depth + 1, each) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(depth + 1, each) for each in value]


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NoCall(Reason.BAD_OBJECT)
    return value


def _id(value: Any) -> str:
    """Read an id; whole numbers are taken, since libraries of typed languages send them."""
    if value is None:
        return ""
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(told, str) or len(told) > LONGEST_ID or "\0" in told:
        raise NoCall(Reason.BAD_ID)
    return told.strip()


def _check_ids(kind: str, user: str, anonymous: str, previous: str, group: str) -> None:
    if kind == Kind.ALIAS and not previous:
        raise NoCall(Reason.NO_PREVIOUS)
    if not user and (kind == Kind.ALIAS or not anonymous):
        raise NoCall(Reason.NOBODY)
    if kind == Kind.GROUP and not group:
        raise NoCall(Reason.NO_GROUP)


def _message(value: Any) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_MESSAGE or "\0" in value:
        raise NoCall(Reason.BAD_MESSAGE)
    return value


def _name(kind: str, sent: Sent) -> str:
    told = sent.event if kind == Kind.TRACK else sent.name
    if told is None or told == "":
        if kind == Kind.TRACK:
            raise NoCall(Reason.NO_NAME)
        return ""
    if not isinstance(told, str) or not told.isprintable():
        raise NoCall(Reason.BAD_NAME)
    named = told.strip()
    if not named and kind == Kind.TRACK:
        raise NoCall(Reason.NO_NAME)
    if len(named) > LONGEST_NAME:
        raise NoCall(Reason.BAD_NAME)
    return named


def _moment(sent: Sent, envelope: Envelope) -> dt.datetime:
    """Compute when it happened by our clock: the sender's may go wrong, but not between saying and sending."""
    told = sent.originalTimestamp if sent.timestamp is None else sent.timestamp
    if told is None:
        return envelope.received_at
    said, sent_at = time_of(told), time_of(sent.sentAt) or envelope.sent_at
    if said is None:
        raise NoCall(Reason.BAD_TIME)
    try:
        at = envelope.received_at - (sent_at - said) if sent_at else said
    except OverflowError:
        raise NoCall(Reason.BAD_TIME) from None
    if at > (envelope.judged_at or envelope.received_at) + AHEAD:
        raise NoCall(Reason.AHEAD)
    if at < envelope.received_at - LATEST:
        raise NoCall(Reason.TOO_LATE)
    return at


def time_of(value: Any) -> dt.datetime | None:
    """Read a time in ISO 8601, in UTC where it names no zone; None where it is none.

    >>> time_of("2026-11-11T09:00:00+08:00"), time_of("2026-02-30"), time_of(12)
    (datetime.datetime(2026, 11, 11, 1, 0, tzinfo=datetime.timezone.utc), None, None)
    """
    if not isinstance(value, str):
        return None
    try:
        told = dt.datetime.fromisoformat(value)
        return told.astimezone(dt.UTC) if told.tzinfo else told.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None
