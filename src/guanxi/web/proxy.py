"""Behind a proxy: whose request it is, by what proxies that we trust have written down."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class Forwarded:
    """Takes the caller's address from `X-Forwarded-For`, where `GUANXI_PROXIES` says how many proxies are ours.

    Each proxy appends whom it heard from, so the address is counted from the end: what stands before it was written by
    the caller and may be a lie. Without the setting the header means nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put the caller's address where everything looks for it."""
        if settings.PROXIES:
            told = request.headers.get("X-Forwarded-For", "").split(",")
            address = told[-settings.PROXIES].strip() if len(told) >= settings.PROXIES else ""
            if _is_address(address):
                request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
