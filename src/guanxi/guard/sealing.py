"""Personal values at rest: sealed for keeping, blindly indexed for finding.

A value is sealed with AES-256-GCM under a key derived from the master key, and bound to the one field of the one row
it stands in, so that a token copied into another row or column does not open. The *row* of a context is a value that
is known before the insert and never changes after it: the row's reserved id (`core.ids.reserve`), or the hexadecimal
blind index of the value where rows are found by value.

The master key stands in `GUANXI_HOME/master.key`, one key of 32 bytes in URL-safe base64 per line: the last line seals,
every line opens, the first also makes the blind indexes and chains the audit trail. To rotate, append a line and
seal again. The variable `GUANXI_MASTER_KEY` (keys parted by commas) replaces the file.
"""

import base64
import binascii
import contextlib
import hmac
import os
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.guard.errors import Unreadable

KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 16
VERSION = b"\x01"
OVERHEAD = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES
SEPARATORS = str.maketrans("", "", " -().\t\u00a0")


@dataclass(frozen=True)
class Keyring:
    """The derived keys: every one that opens, the one that seals, those of the blind index and of the audit's chain."""

    ciphers: dict[bytes, AESGCM]
    current: bytes
    index: bytes
    chain: bytes


def context(table: str, row: object, field: str) -> str:
    """Name the place a sealed value stands in.

    >>> context("customers_identifier", 7, "value")
    'customers_identifier:7:value'
    """
    return f"{table}:{row}:{field}"


def seal(value: str, place: str) -> bytes:
    """Encrypt one value for the place it will stand in."""
    return seal_many([value], [place])[0]


def seal_many(values: Iterable[str], places: Iterable[str]) -> list[bytes]:
    """Encrypt values, each for its own place; a different number of places is a ValueError."""
    pairs = list(zip(values, places, strict=True))
    ring = keyring()
    encrypt, head = ring.ciphers[ring.current].encrypt, VERSION + ring.current
    random = os.urandom(NONCE_BYTES * len(pairs))
    sealed = []
    for start, (value, place) in zip(range(0, len(random), NONCE_BYTES), pairs, strict=True):
        nonce = random[start : start + NONCE_BYTES]
        sealed.append(head + nonce + encrypt(nonce, value.encode(), place.encode()))
    return sealed


def unseal(token: bytes | memoryview, place: str) -> str:
    """Decrypt one value; raises Unreadable where the key is missing or the token was altered or moved."""
    return _open(keyring(), bytes(token), place)


def unseal_many(tokens: Iterable[bytes | memoryview], places: Iterable[str]) -> list[str]:
    """Decrypt values, each from its own place."""
    ring = keyring()
    return [_open(ring, bytes(token), place) for token, place in zip(tokens, places, strict=True)]


def blind_index(kind: str, value: str) -> bytes:
    """Compute the 16 bytes by which an encrypted value is found again.

    Spellings that mean the same give the same bytes: width, case and outer blanks do not count, in a phone number
    neither do separators. Phones come in E.164, or national and international spellings differ.
    """
    return blind_index_many(kind, [value])[0]


def blind_index_many(kind: str, values: Iterable[str]) -> list[bytes]:
    """Compute the blind indexes of many values of one kind."""
    key, head = keyring().index, kind.encode() + b"\0"
    return [hmac.digest(key, head + normalised(kind, value).encode(), "sha256")[:INDEX_BYTES] for value in values]


def chainer() -> Callable[[bytes, bytes], bytes]:
    """Give what computes the links of a chain, of the link before and a text: each is bound to all before it."""
    key = keyring().chain
    return lambda before, text: hmac.digest(key, before + text, "sha256")


def normalised(kind: str, value: str) -> str:
    """Bring a value to the form that is indexed."""
    plain = value if value.isascii() else unicodedata.normalize("NFKC", value)
    plain = plain.strip().casefold()
    return plain.translate(SEPARATORS) if kind == "phone" else plain


def keyring() -> Keyring:
    """Derive the keys of this installation; the master key is made on first use."""
    given = os.environ.get("GUANXI_MASTER_KEY")
    return _derive(given) if given else _derive(_read(settings.HOME))


def key_ids(text: str | None = None) -> list[str]:
    """Name the keys of a master key's text, or those of this installation: by them a backup knows which it needs."""
    return [key_id.hex() for key_id in (keyring() if text is None else _derive(text)).ciphers]


@lru_cache(maxsize=8)
def _read(home: Path) -> str:
    path = Path(home) / "master.key"
    if not path.exists():
        _make(path)
    return path.read_text()


def _make(path: Path) -> None:
    """Write a new master key, whole or not at all; of two processes at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())  # values sealed under a key that a power cut loses are lost
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


@lru_cache(maxsize=8)
def _derive(text: str) -> Keyring:
    masters = [_decode(word) for word in text.replace(",", "\n").split()]
    if not masters:
        raise Unreadable(_("The master key is empty. Put back the master.key of this installation from a backup."))
    ids = [_hkdf(master, b"guanxi key id", KEY_ID_BYTES) for master in masters]
    ciphers = {key_id: AESGCM(_hkdf(master, b"guanxi seal")) for key_id, master in zip(ids, masters, strict=True)}
    index, chain = (_hkdf(masters[0], purpose) for purpose in (b"guanxi blind index", b"guanxi audit chain"))
    return Keyring(ciphers=ciphers, current=ids[-1], index=index, chain=chain)


def _decode(word: str) -> bytes:
    try:
        master = base64.urlsafe_b64decode(word)
    except (binascii.Error, ValueError):
        master = b""
    if len(master) != KEY_BYTES:
        raise Unreadable(_("A master key is not 32 bytes in URL-safe base64. Put back the one of this installation."))
    return master


def _hkdf(master: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(master)


def _open(ring: Keyring, token: bytes, place: str) -> str:
    split = len(VERSION) + KEY_ID_BYTES
    cipher = ring.ciphers.get(token[len(VERSION) : split])
    if len(token) < OVERHEAD or not token.startswith(VERSION) or cipher is None:
        raise Unreadable(_("The value at %(place)s was sealed under a key that is not here.") % {"place": place})
    try:
        nonce, sealed = token[split : split + NONCE_BYTES], token[split + NONCE_BYTES :]
        return cipher.decrypt(nonce, sealed, place.encode()).decode()
    except InvalidTag:
        raise Unreadable(_("The value at %(place)s was altered, or belongs elsewhere.") % {"place": place}) from None
