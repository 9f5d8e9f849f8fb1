"""A word after an act: what was done, and the way back."""

from django.contrib import messages
from django.http import HttpRequest


def say(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Tell the reader what was done, on this page or the next; `undo_url` takes a POST that takes it back."""
    messages.success(request, text, extra_tags=undo_url)
