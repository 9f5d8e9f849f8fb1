"""Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, one for each secret in force.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import os
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Make a secret in the form in which the libraries of receivers read it."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def signature(secret: str, message: str, at: int, body: bytes) -> str:
    """Sign a message; `at` is when it is sent, in seconds since 1970.

    >>> body = b'{"test": 2432232314}'
    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{message}.{at}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(signed).decode()


def headers(message: str, at: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Give the headers of one attempt; every secret in force signs, so that a receiver may change in its own time."""
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signature(secret, message, at, body) for secret in secrets),
    }
