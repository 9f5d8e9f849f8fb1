"""Who may look at all, and in which language and zone they look."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation

from guanxi.accounts.models import Staff


class SignInRequired(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page; every route, unless it says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know of redirects only
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """Answer a page's request by a redirect, and that of a part of a page by having the whole page moved."""
        response = super().handle_no_permission(request, view_func)
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Redirect": response.headers["Location"]})
        return response


class Preferences:
    """Shows each signed-in person their own language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Speak the person's language; without one, what the browser asked for stands."""
        staff = request.user
        if not isinstance(staff, Staff):
            return self.get_response(request)
        if staff.language:
            translation.activate(staff.language)
            request.LANGUAGE_CODE = staff.language
        zone = zoneinfo.ZoneInfo(staff.time_zone) if staff.time_zone else None
        with timezone.override(zone or timezone.get_default_timezone()):
            return self.get_response(request)
