"""Our own script for the pages of a shop, as any page may load it: packed, and kept by browsers for an hour."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("guanxi.js")
KEPT = "public, max-age=3600, stale-while-revalidate=86400"


class Script(NamedTuple):
    """What is answered for it: `body` is empty where the browser has it already."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]


@cache
def _read() -> tuple[bytes, bytes, str]:
    plain = FILE.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:20]


def script(*, accepts: str = "", has: str = "") -> Script:
    """Give the script in the encoding that is accepted, or say that what the browser has of it is still so.

    >>> script(accepts="gzip").headers[-1], len(script(accepts="gzip").body) < 6_000
    (('Content-Encoding', 'gzip'), True)
    """
    plain, packed, digest = _read()
    small = "gzip" in accepts
    tag = f'"{digest}{"-gzip" if small else ""}"'
    headers = (
        ("Content-Type", "text/javascript; charset=utf-8"), ("Cache-Control", KEPT), ("ETag", tag),
        ("Vary", "Accept-Encoding"), ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"), ("X-Content-Type-Options", "nosniff"),
    )  # fmt: skip
    if tag in (each.strip().removeprefix("W/") for each in has.split(",")):
        return Script(304, b"", headers)
    return Script(200, packed if small else plain, (*headers, *((("Content-Encoding", "gzip"),) if small else ())))
