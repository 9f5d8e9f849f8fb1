"""A named error that no view caught becomes a page: what happened, in its own sentence, and a way out."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from guanxi.core.errors import BadInput, GuanxiError, Refused

SAID = "Guanxi-Said"  # the sentence again, percent-encoded, for a part of a page that has its own place for it
STATUS = ((Refused, 409), (BadInput, 400), (GuanxiError, 503))


class Refusal:
    """Answers for the errors of our own tree; the others stay the framework's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show the sentence of a named error: 409 for a refusal, 400 for bad input, 503 where we failed."""
        status = next((status for kind, status in STATUS if isinstance(error, kind)), None)
        if not status:
            return None
        answer = render(request, "web/refusal.html", {"sentence": str(error)}, status=status)
        answer[SAID], answer["HX-Reswap"] = quote(str(error)), "none"
        return answer
