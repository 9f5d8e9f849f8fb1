"""The pages on which everybody looks after themselves: profile, password, second factor."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.accounts import factors
from guanxi.accounts.forms import ConfirmForm, OwnPasswordForm, ProfileForm, SetUpForm
from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest
from guanxi.accounts.views import local
from guanxi.pages import toasts
from guanxi.pages.components import Tab

CONFIRMED_SECONDS = 900  # how long a password that was just given stands for the next change
DRAFT = "second_factor_draft"

OwnView = Callable[[StaffRequest], HttpResponse]


def confirmed(view: OwnView) -> Callable[[HttpRequest], HttpResponse]:
    """Ask for the password first where it was not given lately: a screen left open changes nothing."""

    @wraps(view)
    def asking(request: HttpRequest) -> HttpResponse:
        if time.time() - request.session.get("confirmed_at", 0) > CONFIRMED_SECONDS:
            wanted = request.path if request.method == "GET" else reverse("second-factor")
            return redirect(f"{reverse('confirm')}?{urlencode({'next': wanted})}")
        return view(cast(StaffRequest, request))

    return asking


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def confirm(request: StaffRequest) -> HttpResponse:
    """Ask whoever is signed in for their password once more."""
    form = ConfirmForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        request.session["confirmed_at"] = time.time()
        return redirect(local(request, request.GET.get("next")))
    return render(request, "accounts/confirm.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def profile(request: StaffRequest) -> HttpResponse:
    """Show and keep one's own name, language, time zone and keys."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.say(request, _("Saved."))
        return redirect("profile")
    told = {"form": form, "tabs": _tabs("profile")}
    return render(request, "accounts/profile.html", told, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("old", "password")
@require_http_methods(["GET", "POST"])
def password(request: StaffRequest) -> HttpResponse:
    """Choose a new password, which ends every other session."""
    form = OwnPasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["password"])
        request.user.save(update_fields=["password"])
        AuditEntry.write("staff.password_changed", by=request.user, on=request.user)
        update_session_auth_hash(request, request.user)
        toasts.say(request, _("The new password holds; you are signed out everywhere else."))
        return redirect("profile")
    told = {"form": form, "tabs": _tabs("password")}
    return render(request, "accounts/password.html", told, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def second_factor(request: StaffRequest) -> HttpResponse:
    """Show one's second factor, or set one up: scan, and prove it by a code."""
    if request.method == "GET" and (app := factors.held(request.user).first()):
        return _page(request, {"app": app, "codes_left": factors.codes_left(request.user)})
    draft = request.session.get(DRAFT) or request.session.setdefault(DRAFT, factors.new_secret())
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if factors.add_app(request.user, draft, form.cleaned_data["code"]):
            del request.session[DRAFT]
            return _codes(request)
        form.add_error("code", _("This code is not right. Take the one the app shows now."))
    return _page(request, {"form": form, **factors.shown(request.user, draft)}, status=422 if form.errors else 200)


@require_POST
@confirmed
def second_factor_removal(request: StaffRequest) -> HttpResponse:
    """Forget one's second factor."""
    if factors.remove(request.user, by=request.user):
        toasts.say(request, _("Your second factor is gone: the password alone lets you in."))
    return redirect("second-factor")


@never_cache
@require_POST
@confirmed
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes, and show them once."""
    return _codes(request) if factors.held(request.user).exists() else redirect("second-factor")


def _codes(request: StaffRequest) -> HttpResponse:
    codes = [f"{code[:4]} {code[4:]}" for code in factors.new_codes(request.user)]
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


def _page(request: StaffRequest, told: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show the page in the shell, or alone where it has to be done before anything else."""
    forced = getattr(request.user, "lacks_factor", False)
    layout = "pages/plain.html" if forced else "pages/base.html"
    tabs = [] if forced else _tabs("second-factor")
    return render(
        request,
        "accounts/second_factor.html",
        {**told, "layout": layout, "forced": forced, "tabs": tabs},
        status=status,
    )


def _tabs(active: str) -> list[Tab]:
    pages = (("profile", _("Profile")), ("password", _("Password")), ("second-factor", _("Second factor")))
    return [Tab(title, reverse(name), active=name == active) for name, title in pages]
