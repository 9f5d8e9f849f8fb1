"""What every request begins with: the names of the classes as they are now."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from guanxi.customers import classes


class NamesOfNow:
    """A class renamed in one process is called so by the next request in every other: each that shows any asks once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Forget the names that an earlier request was told."""
        classes.forget()
        return self.get_response(request)
