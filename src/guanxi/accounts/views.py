"""The pages by which people come in and go out."""

import time
from typing import cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.accounts import factors
from guanxi.accounts.forms import CodeForm, JoinForm, SignInForm, TimeZoneForm
from guanxi.accounts.kept import Kept
from guanxi.accounts.models import LinkSpent, OwnerLink, Staff

HALF_IN_SECONDS = 600  # how long a right password waits for its code


@login_not_required
@never_cache
@sensitive_post_parameters("password", "kept")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let staff in; the session's key changes with it. What was typed before is handed back to be sent."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.staff:
        return enter(request, form.staff)
    kept = Kept.of(request.POST)
    told = {"form": form, "next": request.GET.get("next", ""), "kept": kept}
    template = "accounts/sign_in_here.html" if request.htmx else "accounts/sign_in.html"  # type: ignore[attr-defined]
    return render(request, template, told, status=422 if form.errors else 200)


def enter(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Let in whoever proved one factor, and ask those who hold a second one for it first."""
    if factors.held(staff).exists():
        request.session["half_in"] = [staff.pk, time.time()]
        return _ask_second(request, CodeForm())
    return _let_in(request, staff)


@login_not_required
@never_cache
@sensitive_post_parameters("code", "kept")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Let in whoever gave the right password a moment ago and shows a code now."""
    staff_id, since = request.session.get("half_in", (None, 0))
    staff = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if staff is None or time.time() - since > HALF_IN_SECONDS:
        return redirect("sign-in")
    form = CodeForm(request.POST or None, request=request, staff=staff)
    if request.method == "POST" and form.is_valid():
        return _let_in(request, staff)
    return _ask_second(request, form)


def _ask_second(request: HttpRequest, form: CodeForm) -> HttpResponse:
    told = {"form": form, "next": request.POST.get("next", ""), "kept": Kept.of(request.POST)}
    template = "accounts/second_here.html" if request.htmx else "accounts/second.html"  # type: ignore[attr-defined]
    return render(request, template, told, status=422 if form.errors else 200)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Ask whoever sent a form after their session had ended to sign in, and keep what they typed meanwhile."""
    told = {"form": SignInForm(request), "next": "", "kept": Kept.sent(request)}
    response = render(request, "accounts/sign_in.html", told, status=401)
    add_never_cache_headers(response)
    return response


def _let_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Lead on: into the page that is still open, back to what was typed, or to the page that was wanted."""
    request.session.pop("half_in", None)
    login(request, staff, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session["confirmed_at"] = time.time()
    staff.note("signed_in", request)
    if request.htmx:  # type: ignore[attr-defined]
        return JsonResponse({"token": get_token(request), "reader": str(request.user.pk)})
    kept = Kept.of(request.POST)
    if kept and url_has_allowed_host_and_scheme(kept.path, {request.get_host()}, require_https=request.is_secure()):
        return render(request, "accounts/signed_in_again.html", {"kept": kept})
    return redirect(local(request, request.POST.get("next") or request.GET.get("next")))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    cast(Staff, request.user).note("signed_out", request)
    logout(request)
    return redirect("sign-in")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Make the owner, once, and let them in."""
    if not OwnerLink.opens(token):
        return render(request, "accounts/link_spent.html", status=410)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            owner = OwnerLink.redeem(token, **form.cleaned_data, language=get_language() or "")
        except LinkSpent:
            return render(request, "accounts/link_spent.html", status=410)
        login(request, owner)
        return redirect("home")
    return render(request, "accounts/welcome.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def time_zone(request: HttpRequest) -> HttpResponse:
    """Keep the chosen time zone, and go back to where it was chosen."""
    form = TimeZoneForm(request.POST, instance=cast(Staff, request.user))
    if not form.is_valid():
        return HttpResponseBadRequest(" ".join(str(text) for texts in form.errors.values() for text in texts))
    form.save()
    return redirect(local(request, request.POST.get("next") or request.META.get("HTTP_REFERER")))


def local(request: HttpRequest, address: str | None) -> str:
    """Follow an address only inside this site."""
    hosts = {request.get_host()}
    safe = address and url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())
    return address if address and safe else "home"
