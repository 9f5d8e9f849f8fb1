"""What was sent, as whoever may not see people reads it: its form, and of its words only those that name things."""

import json
import re
from typing import Any

from guanxi.ingest.collection.calls import DEEPEST
from guanxi.ingest.collection.properties import NUMBERS, TEXTS, is_personal
from guanxi.ingest.collection.quarantine import read
from guanxi.ingest.collection.schema import fit

HIDDEN = "***"
MOST = 8_000  # signs
OPEN = NUMBERS | TEXTS | {"type", "event", "messageId", "timestamp", "sentAt", "originalTimestamp", "version", "query"}
PEOPLES = frozenset(("traits", "userid", "anonymousid", "previousid", "groupid", "externalids", "id", "context"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+Z-]*")
TIMES = frozenset(("timestamp", "sentAt", "originalTimestamp"))
LONGEST_NUMBER = 1_000_000


def masked(raw: bytes) -> str:
    """Write what was sent with everything hidden that could be of a person; empty where it cannot be read.

    >>> print(masked(b'{"event": "X", "userId": "u1", "properties": {"sku": "T1", "note": "Lin", "phone": 1}}'))
    {
      "event": "X",
      "userId": "***",
      "properties": {
        "sku": "T1",
        "note": "***",
        "phone": "***"
      }
    }
    """
    told = read(raw)
    return "" if told is None else json.dumps(_told("", told, 0), ensure_ascii=False, indent=2)[:MOST]


def plainly(raw: bytes) -> str:
    """Write what was sent as it came, in lines where it can be read."""
    told = read(raw)
    try:
        return json.dumps(told, ensure_ascii=False, indent=2).encode().decode() if told is not None else _text(raw)
    except (UnicodeError, RecursionError):
        return _text(raw)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace").replace("\0", "\ufffd")


def _told(name: str, value: Any, depth: int) -> Any:
    hidden = is_personal(name) or name.casefold() in PEOPLES
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(value, dict):
        return {fit(each): HIDDEN if hidden else _told(each, inside, depth + 1) for each, inside in value.items()}
    if isinstance(value, list):
        return [HIDDEN] if hidden else [_told(name, each, depth + 1) for each in value[:20]]
    return HIDDEN if hidden or not _is_open(name, value) else value


def _is_open(name: str, value: Any) -> bool:
    """Tell whether a value can be shown: a yes or no, a small number, a word that things are named by."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, (int, float)):
        return abs(value) < LONGEST_NUMBER
    if name in TIMES:
        return TIME.fullmatch(value) is not None
    return name in OPEN and fit(value) == value
