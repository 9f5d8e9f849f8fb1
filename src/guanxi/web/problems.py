"""What the framework refuses under the API's address is a problem too: an unknown address, a wrong method."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from guanxi.accounts.gate import refused
from guanxi.accounts.problems import TYPE

UNDER = "/api/v1/"


class Problems:
    """Says every refusal under the API's address as a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        response = self.get_response(request)
        if not request.path.startswith(UNDER) or not isinstance(response, HttpResponse):
            return response
        if response.status_code < 300 or response.status_code == HTTPStatus.NOT_MODIFIED:
            return response
        return response if response.headers.get("Content-Type", "") == TYPE else refused(request, response)
