"""Signed tokens for links that leave the house: bound to one purpose, and over at a time set when they are made.

A token is readable by whoever holds it: it carries public ids, never personal values.
"""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.guard.errors import BadToken


def issue(payload: Any, *, purpose: str, lifetime: timedelta) -> str:
    """Sign a JSON value for one purpose, safe in a URL."""
    ends = int((timezone.now() + lifetime).timestamp())
    return signing.dumps([ends, payload], salt=f"guanxi.token.{purpose}", compress=True)


def read(token: str, *, purpose: str) -> Any:
    """Return what was signed; raises BadToken where the token is not one of ours, of this purpose, or is over."""
    try:
        ends, payload = signing.loads(token, salt=f"guanxi.token.{purpose}")
    except (signing.BadSignature, ValueError, TypeError):
        raise BadToken(_("This link is not complete or was altered. Open the link from the message again.")) from None
    if timezone.now().timestamp() >= ends:
        raise BadToken(_("This link is no longer valid. Ask for a new one."))
    return payload
