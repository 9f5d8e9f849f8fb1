"""The pages on which everybody looks after themselves: profile, password, second factor."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts import factors, passkeys
from guanxi.accounts.devices import device_of
from guanxi.accounts.factors import TOTP
from guanxi.accounts.forms import (
    ConfirmForm,
    NewPasskeyForm,
    OwnPasswordForm,
    PasskeyNameForm,
    ProfileForm,
    SetUpForm,
)
from guanxi.accounts.models import Session
from guanxi.accounts.permission import StaffRequest
from guanxi.accounts.views import local
from guanxi.pages import toasts
from guanxi.pages.components import Tab

CONFIRMED_SECONDS = 900  # how long a password that was just given stands for the next change
DRAFT, WANTED = "second_factor_draft", "second_factor_wanted"

OwnView = Callable[..., HttpResponseBase]


def confirmed(view: OwnView) -> OwnView:
    """Ask for the password first where it was not given lately: a screen left open changes nothing."""

    @wraps(view)
    def asking(request: HttpRequest, **told: Any) -> HttpResponseBase:
        if time.time() - request.session.get("confirmed_at", 0) > CONFIRMED_SECONDS:
            page = request.META.get("HTTP_REFERER")
            back = page if page and local(request, page) == page else reverse("second-factor")
            wanted = request.get_full_path() if request.method == "GET" else back
            return redirect(f"{reverse('confirm')}?{urlencode({'next': wanted})}")
        return view(cast(StaffRequest, request), **told)

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
        request.user.change_password(form.cleaned_data["password"], here=request.session.session_key)
        update_session_auth_hash(request, request.user)
        toasts.say(request, _("The new password holds; you are signed out everywhere else."))
        return redirect("profile")
    told = {"form": form, "tabs": _tabs("password")}
    return render(request, "accounts/password.html", told, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed
def second_factor(request: StaffRequest) -> HttpResponse:
    """Show one's second factors; set an app up: scan, and prove it by a code."""
    if request.method == "GET" or TOTP in factors.kinds(request.user):
        return _page(request)
    draft, form = _draft(request), SetUpForm(request.POST)
    if form.is_valid():
        if factors.add_app(request.user, draft, form.cleaned_data["code"]):
            del request.session[DRAFT]
            return _added(request)
        form.add_error("code", _("This code is not right. Take the one the app shows now."))
    return _page(request, form=form)


@require_POST
@confirmed
def second_factor_removal(request: StaffRequest) -> HttpResponse:
    """Forget one's app."""
    if factors.remove_app(request.user):
        toasts.say(request, _("The app is removed: its codes open nothing any more."))
    return redirect("second-factor")


@never_cache
@require_POST
@confirmed
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes, and show them once."""
    return _codes(request) if factors.held(request.user).exists() else redirect("second-factor")


@never_cache
@require_POST
@confirmed
def new_passkey_question(request: StaffRequest) -> HttpResponse:
    """Ask the browser to make a passkey."""
    try:
        return JsonResponse(passkeys.ask_for_new(request, request.user))
    except passkeys.TooManyPasskeys as error:
        return JsonResponse({"said": str(error)}, status=409)


@require_POST
@confirmed
def new_passkey(request: StaffRequest) -> HttpResponse:
    """Take the passkey a browser made."""
    form = NewPasskeyForm(request.POST)
    if form.is_valid():
        try:
            passkeys.add(request, request.user, form.cleaned_data["name"], form.cleaned_data["credential"])
        except passkeys.NotProven as error:
            form.add_error(None, str(error))
        else:
            return _added(request)
    return _page(request, new=form)


@require_http_methods(["GET", "POST"])
@confirmed
def passkey(request: StaffRequest, passkey_id: int) -> HttpResponse:
    """Call a passkey something else."""
    found = get_object_or_404(passkeys.of(request.user), pk=passkey_id)
    form = PasskeyNameForm(request.POST or None, initial={"name": found.data["name"]})
    if request.method == "POST" and form.is_valid():
        passkeys.rename(found, form.cleaned_data["name"], by=request.user)
        return redirect("second-factor")
    return render(request, "accounts/passkey.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@confirmed
def passkey_removal(request: StaffRequest, passkey_id: int) -> HttpResponse:
    """Let a passkey open nothing any more."""
    found = get_object_or_404(passkeys.of(request.user), pk=passkey_id)
    passkeys.remove(found, by=request.user)
    toasts.say(request, _("%(name)s opens nothing any more.") % {"name": found.data["name"]})
    return redirect("second-factor")


@require_GET
def sessions(request: StaffRequest) -> HttpResponse:
    """Show where one is signed in."""
    told = {"sessions": Session.objects.of(request.user).open(), "tabs": _tabs("sessions")}
    return render(request, "accounts/sessions.html", told | {"here": request.session.session_key})


@require_POST
def session_ending(request: StaffRequest, session_id: int) -> HttpResponse:
    """Sign out of one browser: oneself, or a member of staff one looks after."""
    found = get_object_or_404(Session.objects.visible_to(request.user).open(), pk=session_id)
    found.end(by=request.user)
    toasts.say(request, _("%(device)s is signed out.") % {"device": found.device or _("The browser")})
    if found.staff_id != request.user.pk:
        return redirect("staff-member", found.staff_id)
    return redirect("sign-in" if found.session_key == request.session.session_key else "sessions")


@require_POST
def sessions_ending(request: StaffRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    others = Session.objects.open().besides(request.session.session_key)
    toasts.say(request, signed_out(others.end(of=request.user, by=request.user)))
    return redirect("sessions")


def signed_out(count: int) -> str:
    """Say of how many browsers somebody was signed out."""
    said = ngettext("Signed out of %(count)s browser.", "Signed out of %(count)s browsers.", count)
    return said % {"count": count} if count else _("There was nothing to sign out of.")


def _added(request: StaffRequest) -> HttpResponse:
    """Go on after a new factor: to the recovery codes where there are none yet."""
    if not factors.codes_left(request.user):
        return _codes(request)
    toasts.say(request, _("It is in force: you can sign in with it from now on."))
    return redirect("second-factor")


def _codes(request: StaffRequest) -> HttpResponse:
    codes = [f"{code[:4]} {code[4:]}" for code in factors.new_codes(request.user)]
    told = {"codes": codes, "on": resolve_url(local(request, request.session.pop(WANTED, None)))}
    return render(request, "accounts/recovery_codes.html", told)


def _draft(request: StaffRequest) -> str:
    draft: str = request.session.get(DRAFT) or request.session.setdefault(DRAFT, factors.new_secret())
    return draft


def _page(request: StaffRequest, form: SetUpForm | None = None, new: NewPasskeyForm | None = None) -> HttpResponse:
    """Show the page in the shell, or alone where it has to be done before anything else."""
    forced = getattr(request.user, "lacks_factor", False)
    if forced and (wanted := request.GET.get("next")):
        request.session[WANTED] = wanted
    held = list(factors.held(request.user))
    told: dict[str, Any] = {
        "app": next((each for each in held if each.type == TOTP), None),
        "passkeys": [each for each in held if each.type == passkeys.PASSKEY],
        "codes_left": factors.codes_left(request.user) if held else 0,
        "new": new or NewPasskeyForm(initial={"name": device_of(request.headers.get("User-Agent", ""))}),
        "form": form or SetUpForm(),
        "hindrance": passkeys.hindrance(request),
        "forced": forced,
        "layout": "pages/plain.html" if forced else "pages/base.html",
        "tabs": [] if forced else _tabs("second-factor"),
    }
    if not told["app"]:
        told |= factors.shown(request.user, _draft(request))
    wrong = (form and form.errors) or (new and new.errors)
    return render(request, "accounts/second_factor.html", told, status=422 if wrong else 200)


def _tabs(active: str) -> list[Tab]:
    own = (("profile", _("Profile")), ("password", _("Password")), ("second-factor", _("Second factor")))
    pages = (*own, ("sessions", _("Devices")))
    return [Tab(title, reverse(name), active=name == active) for name, title in pages]
