"""What an event says, made fit to be kept: typed and in one spelling, without anything that names a person.

What names a person belongs to the person, where it is sealed; in the stream and in the lake it would stay behind an
erasure. Fields of that kind are dropped wherever they stand, and told by name.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

NUMBERS = frozenset(
    ("price", "quantity", "position", "value", "revenue", "total", "subtotal", "shipping", "tax", "discount", "step",
     "points", "cost", "weight", "results", "results_count", "number_of_results")
)  # fmt: skip
TEXTS = frozenset(
    ("product_id", "sku", "category", "name", "brand", "variant", "coupon", "url", "image_url", "currency", "order_id",
     "cart_id", "checkout_id", "affiliation", "coupon_id", "coupon_name", "list_id", "promotion_id", "creative",
     "wishlist_id", "wishlist_name", "shipping_method", "payment_method", "review_id", "reason", "ticket_id",
     "message_id", "campaign_id", "campaign_name")
)  # fmt: skip
PERSONAL = frozenset(
    ("email", "phone", "mobile", "telephone", "firstname", "lastname", "fullname", "username", "realname", "surname",
     "givenname", "address", "street", "birthday", "birthdate", "idcard", "idnumber", "passport", "wechat", "openid",
     "unionid", "qq", "recipient", "recipientname", "recipientphone", "contact", "ip", "password", "creditcard",
     "cardnumber", "iban", "avatar", "sharemessage", "reviewbody", "latitude", "longitude")
)  # fmt: skip
LISTS = ("products",)
CURRENCY = 3


@dataclass
class Kept:
    """What is kept of an event's properties; `dropped` are the names of fields that named a person."""

    properties: dict[str, Any] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)


def keep(properties: Mapping[str, Any]) -> Kept:
    """Make properties fit to be kept.

    >>> kept = keep({"price": "12.50", "sku": 7, "currency": "cny", "email": "a@b.cn", "shop": {"Phone": "1", "id": 3}})
    >>> kept.properties, sorted(kept.dropped)
    ({'price': 12.5, 'sku': '7', 'currency': 'CNY', 'shop': {'id': 3}}, ['email', 'shop.Phone'])
    """
    kept = Kept()
    kept.properties = _object(properties, kept.dropped, "")
    return kept


def _object(told: Mapping[str, Any], dropped: set[str], path: str) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name, value in told.items():
        if is_personal(name):
            dropped.add(path + name)
        else:
            left[name] = _value(name, value, dropped, path)
    return left


def _value(name: str, value: Any, dropped: set[str], path: str) -> Any:
    if isinstance(value, dict):
        return _object(value, dropped, f"{path}{name}.")
    if isinstance(value, list):
        return [_value(name, each, dropped, path) for each in value]
    spelled = SPELLED.get(name)
    return spelled(value) if spelled else value


@lru_cache(maxsize=4_096)
def is_personal(name: str) -> bool:
    """Tell whether a field of this name says something of a person.

    >>> is_personal("First_Name"), is_personal("sku")
    (True, False)
    """
    return "".join(sign for sign in name.casefold() if sign.isalnum()) in PERSONAL


def _number(value: Any) -> Any:
    """Read a number, also one that came as a text; what is none stays as it came."""
    if not isinstance(value, str):
        return value
    try:
        exact = Decimal(value.strip().replace(",", ""))
    except InvalidOperation:
        return value
    if not exact.is_finite() or math.isinf(float(exact)):
        return value
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _currency(value: Any) -> Any:
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if len(code) == CURRENCY and code.isascii() and code.isalpha() else value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


SPELLED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(NUMBERS, _number), **dict.fromkeys(TEXTS, _text), "currency": _currency,
}  # fmt: skip


def products(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the products an event tells of: those of its list, or the one it is itself about."""
    listed = properties.get("products")
    if isinstance(listed, list):
        yield from (each for each in listed if isinstance(each, dict))
    elif properties.get("sku") or properties.get("product_id"):
        yield properties
