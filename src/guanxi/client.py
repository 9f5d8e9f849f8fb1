"""A small client of the API for programs in Python, with nothing but the standard library.

>>> client = Client("https://shop.example", "gxk_secret")
>>> client.root
'https://shop.example/api/v1'

What changes something carries an idempotency key, so that it is sent again where the answer got lost, and done once.
"""

import http.client
import json
import mimetypes
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AGAIN = {429, 502, 503, 504}
ONCE = {"POST", "PATCH"}
LONGEST_WAIT = 60.0


class Problem(Exception):
    """The API refused: its status, its sentence, and what was wrong with each field."""

    def __init__(self, status: int, told: Mapping[str, Any], wait_seconds: float = 0.0) -> None:
        super().__init__(told.get("detail") or told.get("title") or f"HTTP {status}")
        self.wait_seconds = wait_seconds
        self.status, self.kind = status, str(told.get("type", ""))
        self.fields: Mapping[str, str] = told.get("fields", {})


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nobody: a key is sent to the address it is for, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Client:
    """One shop's API, called by one key. `tries` counts how often a call is sent in all."""

    shop: str
    key: str = field(repr=False)
    tries: int = 4
    timeout_seconds: float = 30.0
    pause_seconds: float = 0.5

    @property
    def root(self) -> str:
        """The address that everything is under."""
        return self.shop.rstrip("/") + "/api/v1"

    def get(self, path: str, **asked: Any) -> Any:
        """Read something."""
        return self._call("GET", _address(path, asked))

    def walk(self, path: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Read a whole list, page by page."""
        while True:
            page = self.get(path, **asked)
            yield from page["data"]
            if not page.get("next"):
                return
            asked["after"] = page["next"]

    def post(self, path: str, body: Any = None, *, once: str = "") -> Any:
        """Have something made or done; `once` names the act where the caller wants to send it again later."""
        return self._send("POST", path, body, once)

    def patch(self, path: str, body: Any, *, once: str = "") -> Any:
        """Have something corrected."""
        return self._send("PATCH", path, body, once)

    def put(self, path: str, body: Any) -> Any:
        """Fill a place, however often it is asked."""
        return self._send("PUT", path, body)

    def delete(self, path: str) -> None:
        """Empty a place, however often it is asked."""
        self._call("DELETE", path)

    def send_file(self, path: str, file: str | Path, *, once: str = "", **told: str) -> Any:
        """Send a file, with what is said of it."""
        border = secrets.token_hex(16)
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        return self._call("POST", path, _form(Path(file), told, border), {**_once("POST", once), **kind})

    def _send(self, method: str, path: str, body: Any, once: str = "") -> Any:
        data = json.dumps({} if body is None else body).encode()
        return self._call(method, path, data, {**_once(method, once), "Content-Type": "application/json"})

    def _call(self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Send a call until it is answered, with growing pauses."""
        said = {"Authorization": f"Bearer {self.key}", "Accept": "application/json", **(headers or {})}
        request = urllib.request.Request(self.root + path, data, said, method=method)  # noqa: S310 - the caller's shop
        for nth in range(1, self.tries):
            wait = self.pause_seconds * 2 ** (nth - 1)
            try:
                return self._answer(request)
            except Problem as problem:
                if problem.status not in AGAIN:
                    raise
                wait = max(wait, problem.wait_seconds)
            except OSError:
                pass  # the line broke; whether it was done is not known, so the same is sent again
            time.sleep(min(wait, LONGEST_WAIT))
        return self._answer(request)

    def _answer(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=self.timeout_seconds) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise _problem(error) from None
        except http.client.HTTPException as error:
            raise ConnectionError("The answer broke off before its end. Send the same again.") from error
        return json.loads(text) if text else None


def _address(path: str, asked: Mapping[str, Any]) -> str:
    query = urllib.parse.urlencode({name: value for name, value in asked.items() if value is not None}, doseq=True)
    return f"{path}?{query}" if query else path


def _once(method: str, word: str) -> dict[str, str]:
    return {"Idempotency-Key": word or secrets.token_urlsafe(24)} if method in ONCE else {}


def _problem(error: urllib.error.HTTPError) -> Problem:
    try:
        told = json.loads(error.read())
    except (ValueError, OSError, http.client.HTTPException):
        told = {}
    wait = error.headers.get("Retry-After", "")
    return Problem(error.code, told if isinstance(told, dict) else {}, float(wait) if wait.isdecimal() else 0.0)


def _form(file: Path, told: Mapping[str, str], border: str) -> bytes:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    name = file.name.replace('"', "%22").replace("\r", "").replace("\n", "")
    begins = f"--{border}\r\nContent-Disposition: form-data; name="
    parts = [f'{begins}"{word}"\r\n\r\n{value}\r\n'.encode() for word, value in told.items()]
    head = f'{begins}"file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
    return b"".join([*parts, head, file.read_bytes(), f"\r\n--{border}--\r\n".encode()])
