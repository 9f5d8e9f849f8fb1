"""What a webhook is told of an event: its name, when, whose public id, and its properties without what names people.

An address or a phone inside of a text is masked, whoever wrote it there; keys of rows become the ids others see.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from guanxi.core.ids import public_id
from guanxi.customers.models import Customer, Event
from guanxi.guard.masking import HIDDEN, mask_email
from guanxi.ingest.collection.properties import keep

PREFIX = "evt"
BY_KEY = {"order": "ord", "note": "nte", "tag": "tag", "merge": "mrg"}  # as our own events name rows
OURS = ({"by"}, {"number", "store"})  # what only our own events say together
INSIDE = frozenset(("by", "refund", "import_id"))  # means nothing outside
CODES = ("id", "sku", "number", "code")  # long figures in these are no phones
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])(?:\+\d[\d ()-]{7,17}\d|(?:86[ -]?)?1[3-9]\d{9})(?!\w)")
SPACE = re.compile(r"[\W_]+")


def told(event: Event) -> bytes:
    """Write the body of a message: UTF-8 JSON, pseudonymous."""
    data = {
        "id": public_id(PREFIX, event.pk),
        "name": event.name,
        "occurred_at": _instant(event.occurred_at),
        "source": event.source,
        "customer": public_id(Customer.PREFIX, event.customer_id) if event.customer_id else None,
        "properties": fit(event.properties),
    }
    return _written({"type": type_of(event.name), "timestamp": _instant(event.occurred_at), "data": data})


def example(name: str, at: dt.datetime) -> bytes:
    """Write the body of a test, which tells of nothing that happened."""
    data = {
        "id": None,
        "name": name,
        "occurred_at": _instant(at),
        "source": "guanxi",
        "customer": None,
        "properties": {"note": "This is a test. Nothing happened."},
    }
    return _written({"type": type_of(name), "timestamp": _instant(at), "data": data})


def type_of(name: str) -> str:
    """Write the name of an event as a type: what it is about, a full stop, what became of it.

    >>> type_of("Order Completed"), type_of("Product Added to Wishlist"), type_of("Quiz"), type_of("问卷 提交")
    ('order.completed', 'product.added_to_wishlist', 'quiz', '问卷.提交')
    """
    first, _space, rest = SPACE.sub(" ", name.lower()).strip().partition(" ")
    return f"{first}.{rest.replace(' ', '_')}" if rest else first


def fit(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Make properties fit to leave.

    >>> fit({"order": 1, "number": "T-1", "store": "tea", "refund": 3})
    {'order': 'ord_9WDVSQ5ZMMZ0N', 'number': 'T-1', 'store': 'tea'}
    >>> fit({"query": "ada@example.com 13800001111", "phone": "13800001111", "order": 5})
    {'query': 'a***@example.com ***', 'order': 5}
    """
    ours = any(names <= properties.keys() for names in OURS)
    kept = keep(properties).properties
    if ours:
        kept = {name: _named(name, value) for name, value in kept.items() if name not in INSIDE}
    return {name: _masked(name, value) for name, value in kept.items()}


def _named(name: str, value: Any) -> Any:
    is_key = name in BY_KEY and isinstance(value, int) and not isinstance(value, bool)
    return public_id(BY_KEY[name], value) if is_key else value


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {each: _masked(each, inner) for each, inner in value.items()}
    if isinstance(value, list):
        return [_masked(name, inner) for inner in value]
    if not isinstance(value, str):
        return value
    text = EMAIL.sub(lambda found: mask_email(found[0]), value)
    return text if name.lower().endswith(CODES) else PHONE.sub(HIDDEN, text)


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
