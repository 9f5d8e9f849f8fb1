"""Who may look at all, and in which language and zone they look."""

import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from guanxi.accounts import views
from guanxi.accounts.models import Staff

OPEN = {
    "second-factor",
    "passkey-new",
    "passkey-question",
    "confirm",
    "sign-out",
    "language",
    "theme",
    "time-zone",
}  # to whoever lacks a second factor
FORM = "application/x-www-form-urlencoded"


class SignInRequired(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page; every route, unless it says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know of redirects only
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """Ask to sign in: on the page itself for a part of it, else on a page that keeps what was typed."""
        if "HX-Request" in request.headers:
            return HttpResponse(status=401)
        if request.method == "POST" and request.content_type == FORM:
            return views.sign_in_again(request)
        return super().handle_no_permission(request, view_func)


class Preferences:
    """Shows each signed-in person their own language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Speak the person's language; without one, what the browser asked for stands."""
        staff = request.user
        if not isinstance(staff, Staff):
            return self.get_response(request)
        request.session.note_use()  # type: ignore[attr-defined]  # the store is ours
        staff.address = request.META.get("REMOTE_ADDR") or None
        if staff.language:
            translation.activate(staff.language)
            request.LANGUAGE_CODE = staff.language
        zone = zoneinfo.ZoneInfo(staff.time_zone) if staff.time_zone else None
        with timezone.override(zone or timezone.get_default_timezone()):
            response = self.get_response(request)
        if "Cache-Control" not in response.headers:  # a kept page would be shown, old, by the back button
            patch_cache_control(response, private=True, no_store=True)
        return response


class SecondFactorRequired:
    """Leads an owner who needs a second factor, and has none, to where they set one up; nothing else opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        """Let through what needs no sign-in, and the way to a second factor."""
        named = request.resolver_match.url_name if request.resolver_match else ""
        free = not getattr(view, "login_required", True) or named in OPEN
        if free or not getattr(request.user, "lacks_factor", False):
            return None
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("second-factor")})
        wanted = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return redirect(reverse("second-factor") + wanted)
