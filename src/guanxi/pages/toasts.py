"""A word after an act: what was done, and the way back."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def say(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Tell the reader what was done, on this page or the next; `undo_url` takes a POST that takes it back."""
    messages.success(request, text, extra_tags=undo_url)


def way_back(request: HttpRequest) -> str:
    """Give the page an undo was pressed on, where the toast says so and it is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""
