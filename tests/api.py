"""A program that calls the API in tests."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from guanxi.accounts.models import ApiKey, Staff
from guanxi.accounts.scopes import SCOPES

ROOT = "/api/v1"
MASKED = tuple(name for name in SCOPES if name != "personal:read")


@dataclass
class Program:
    """A client with a key."""

    secret: str = ""
    language: str = "en"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(self, method: str, path: str, body: Any = None, *, once: str = "", **options: Any) -> HttpResponse:
        """Send JSON, or bytes as they are."""
        headers = {"Accept-Language": self.language, **options.pop("headers", {})}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        if once:
            headers["Idempotency-Key"] = once
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = options.pop("content_type", "application/json")
        return self.client.generic(method, ROOT + path, data, content_type=kind, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Read something that is there."""
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Have something done that can be."""
        answer = self.call("POST", path, body, **options)
        assert answer.status_code in {200, 201, 202}, answer.content
        return json.loads(answer.content)


def keyed(by: Staff, *scopes: str, **told: Any) -> Program:
    """Make a key for some scopes, or for all but the clear, and a program that has it."""
    secret, _key = ApiKey.make("Shop sync", list(scopes or MASKED), days=told.pop("days", 30), by=by, **told)
    return Program(secret)


def problem(answer: HttpResponse, status: int) -> dict[str, Any]:
    """Read an error, which has to be one of that status with a sentence."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == status
    assert told["type"].startswith("urn:guanxi:problem:")
    assert len(told["detail"]) > 10
    return told
