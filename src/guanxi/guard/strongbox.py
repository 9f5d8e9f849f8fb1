"""Files that leave the machine whole: packed by zstd, and sealed under a pass phrase where one is given.

Without a pass phrase it is a plain zstd file. With one: a magic word, 16 bytes of salt, 7 random bytes; then pieces of
1 MiB, each sealed by AES-256-GCM under the scrypt of the pass phrase. A piece's nonce is the random bytes, its number
and whether it is the last, so that a file whose pieces were left out, moved or cut off does not open.
"""

import io
import os
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from guanxi.guard.errors import Unreadable

MAGIC = b"guanxi sealed 1\n"
SALT_BYTES, PREFIX_BYTES, TAG_BYTES = 16, 7, 16
HEAD_BYTES = len(MAGIC) + SALT_BYTES + PREFIX_BYTES
PIECE = 1024**2
WORK = 2**16  # 64 MB and a quarter of a second for every guess


def create(path: Path, passphrase: str = "") -> Any:
    """Open a new file for writing, readable by its owner alone; what is there already is a FileExistsError."""
    raw = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
    sink = SealedWriter(raw, passphrase) if passphrase else raw
    return pa.CompressedOutputStream(pa.PythonFile(sink, "w"), "zstd")


def open_packed(path: Path, passphrase: str = "") -> Any:
    """Open a file for reading; raises Unreadable where the pass phrase is missing or wrong."""
    raw = path.open("rb")
    sealed = raw.read(len(MAGIC)) == MAGIC
    raw.seek(0)
    if sealed and not passphrase:
        raise Unreadable(f"{path.name} is sealed. Give the pass phrase it was made with.")
    source = io.BufferedReader(SealedReader(raw, passphrase), PIECE) if sealed else raw
    return pa.CompressedInputStream(pa.PythonFile(source, "r"), "zstd")


def _cipher(head: bytes, passphrase: str) -> AESGCM:
    salt = head[len(MAGIC) : len(MAGIC) + SALT_BYTES]
    return AESGCM(Scrypt(salt=salt, length=32, n=WORK, r=8, p=1).derive(passphrase.encode()))


def _nonce(head: bytes, number: int, *, last: bool) -> bytes:
    return head[-PREFIX_BYTES:] + number.to_bytes(4, "big") + bytes([last])


class SealedWriter(io.RawIOBase):
    """Seals what is written, piece by piece; the last piece is written by closing."""

    def __init__(self, raw: IO[bytes], passphrase: str) -> None:
        self._raw, self._waiting, self._number = raw, bytearray(), 0
        self._head = MAGIC + os.urandom(SALT_BYTES + PREFIX_BYTES)
        self._cipher = _cipher(self._head, passphrase)
        raw.write(self._head)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; whole pieces go on, one is always kept back, for it may be the last."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        """Write the last piece and close the file."""
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            self._raw.close()
            super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._raw.write(self._cipher.encrypt(_nonce(self._head, self._number, last=last), piece, self._head))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Opens what a SealedWriter sealed."""

    def __init__(self, raw: IO[bytes], passphrase: str) -> None:
        self._raw, self._number, self._open = raw, 0, b""
        self._head = raw.read(HEAD_BYTES)
        self._cipher = _cipher(self._head, passphrase)
        self._next = raw.read(PIECE + TAG_BYTES)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes; 0 at the end."""
        while not self._open and self._next:
            self._unseal()
        count = min(len(buffer), len(self._open))
        buffer[:count], self._open = self._open[:count], self._open[count:]
        return count

    def _unseal(self) -> None:
        piece, self._next = self._next, self._raw.read(PIECE + TAG_BYTES)
        try:
            self._open = self._cipher.decrypt(_nonce(self._head, self._number, last=not self._next), piece, self._head)
        except InvalidTag:
            raise Unreadable("The pass phrase is another one, or the file was damaged.") from None
        self._number += 1

    def close(self) -> None:
        """Close the file too."""
        self._raw.close()
        super().close()
