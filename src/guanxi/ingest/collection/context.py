"""What a call's context tells of the visit: the page, where it was come from, the campaign, the kind of device.

Flat and few; what names a person (address, exact place, ids of advertisers) is left out.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LONGEST = 200
CAMPAIGN = {"name": "utm_campaign", **{name: f"utm_{name}" for name in ("source", "medium", "term", "content")}}
TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk|Android(?!.*Mobile)", re.IGNORECASE)
PHONE = re.compile(r"Mobi|iPhone|iPod|Android|MicroMessenger", re.IGNORECASE)
KINDS = {"ios": "phone", "android": "phone"}
REMEMBERED = 4_096  # queries and names of browsers, which come again and again


def told(context: Mapping[str, Any]) -> dict[str, str]:
    """Read what a context tells.

    >>> told({"page": {"url": "https://shop.example/tea?utm_source=wx&id=7", "title": "Tea"}, "userAgent": "iPhone"})
    {'path': '/tea', 'title': 'Tea', 'utm_source': 'wx', 'device': 'phone'}
    """
    page = _object(context, "page")
    said = {
        "path": _text(page.get("path")) or _path(page.get("url")),
        "title": _text(page.get("title")),
        "referrer": _place(page.get("referrer") or _object(context, "referrer").get("url")),
        **_campaign(context, page),
        "device": _device(context),
        "locale": _text(context.get("locale")),
    }
    return {name: value for name, value in said.items() if value}


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _path(address: Any) -> str:
    try:
        return urlsplit(_text(address)).path if isinstance(address, str) else ""
    except ValueError:
        return ""


def _place(address: Any) -> str:
    """Give host and path of an address; what stands behind the question mark may name somebody."""
    try:
        parts = urlsplit(_text(address))
        return f"{parts.hostname or ''}{parts.path.rstrip('/')}"
    except ValueError:
        return ""


def _campaign(context: Mapping[str, Any], page: Mapping[str, Any]) -> dict[str, str]:
    """Read the campaign, as the library told it, else from the page's address."""
    if said := _object(context, "campaign"):
        found = {column: _text(said.get(name)) for name, column in CAMPAIGN.items()}
        if any(found.values()):
            return found
    query = _text(page.get("search")).lstrip("?") or _text(page.get("url")).partition("?")[2].partition("#")[0]
    return _asked(query) if "utm_" in query else {}


@lru_cache(REMEMBERED)
def _asked(query: str) -> dict[str, str]:
    try:
        asked = dict(parse_qsl(query, max_num_fields=50))
    except ValueError:  # too many fields
        return {}
    return {name: _text(asked.get(name)) for name in CAMPAIGN.values()}


def _device(context: Mapping[str, Any]) -> str:
    """Tell the kind of device: as said, else as the browser's name has it; empty where neither says."""
    kind = _text(_object(context, "device").get("type")).casefold()
    if kind in {"phone", "tablet", "desktop"}:
        return kind
    agent = _text(context.get("userAgent"))
    return _kind_of(agent) if agent else KINDS.get(kind, "")


@lru_cache(REMEMBERED)
def _kind_of(agent: str) -> str:
    if TABLET.search(agent):
        return "tablet"
    return "phone" if PHONE.search(agent) else "desktop"
