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

from guanxi.accounts import factors, passkeys
from guanxi.accounts.forms import CodeForm, JoinForm, PasskeyForm, SignInForm, TimeZoneForm
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
    return _ask_first(request, form)


def _ask_first(request: HttpRequest, form: SignInForm, passkey: PasskeyForm | None = None) -> HttpResponse:
    """Show the sign-in page, or its form alone on a page that is still open."""
    told = {
        "form": form,
        "passkey": passkey or PasskeyForm(),
        "hindrance": passkeys.hindrance(request),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "kept": Kept.of(request.POST),
    }
    template = "accounts/sign_in_here.html" if request.htmx else "accounts/sign_in.html"  # type: ignore[attr-defined]
    wrong = form.errors or (passkey and passkey.errors)
    return render(request, template, told, status=422 if wrong else 200)


@login_not_required
@never_cache
@require_POST
def passkey_question(request: HttpRequest) -> HttpResponse:
    """Ask whoever sits there for a passkey; the question holds for a few minutes, and once."""
    if not request.session.session_key:
        request.session.set_expiry(HALF_IN_SECONDS)
    return JsonResponse(passkeys.ask(request, None))


@login_not_required
@never_cache
@sensitive_post_parameters("credential", "kept")
@require_POST
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """Let in whoever shows a passkey that knows them: it is a second factor and the first one in one."""
    form = PasskeyForm(request.POST, request=request)
    if form.is_valid() and form.staff:
        return _let_in(request, form.staff, by="passkey")
    return _ask_first(request, SignInForm(request), form)


def enter(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Let in whoever proved one factor, and ask those who hold a second one for it first."""
    if factors.held(staff).exists():
        request.session["half_in"] = [staff.pk, time.time()]
        return _ask_second(request, staff, CodeForm())
    return _let_in(request, staff)


@login_not_required
@never_cache
@sensitive_post_parameters("code", "kept")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Let in whoever gave the right password a moment ago and shows a code now."""
    staff = _half_in(request)
    if staff is None:
        return redirect("sign-in")
    shown = PasskeyForm if "credential" in request.POST else CodeForm
    form = shown(request.POST or None, request=request, staff=staff)
    if request.method == "POST" and form.is_valid():
        return _let_in(request, staff, by="passkey" if isinstance(form, PasskeyForm) else "code")
    return _ask_second(request, staff, form)


@login_not_required
@never_cache
@require_POST
def second_question(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password a moment ago for a passkey of theirs."""
    staff = _half_in(request)
    return JsonResponse(passkeys.ask(request, staff, alone=False) if staff else {}, status=200 if staff else 409)


def _half_in(request: HttpRequest) -> Staff | None:
    """Find who gave the right password, for as long as that stands."""
    staff_id, since = request.session.get("half_in", (None, 0))
    late = time.time() - since > HALF_IN_SECONDS
    return None if late else Staff.objects.filter(pk=staff_id, is_active=True).first()


def _ask_second(request: HttpRequest, staff: Staff, form: CodeForm | PasskeyForm) -> HttpResponse:
    """Ask for a code or a passkey, of those that whoever is half in has."""
    shown, kinds, hindrance = isinstance(form, PasskeyForm), factors.kinds(staff), passkeys.hindrance(request)
    code = CodeForm() if shown else form
    code.fields["code"].widget.attrs["autofocus"] = "webauthn" not in kinds or bool(hindrance)
    told = {
        "form": code,
        "passkey": form if shown else PasskeyForm(),
        "kinds": kinds,
        "hindrance": hindrance,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "kept": Kept.of(request.POST),
    }
    template = "accounts/second_here.html" if request.htmx else "accounts/second.html"  # type: ignore[attr-defined]
    return render(request, template, told, status=422 if form.errors else 200)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Ask whoever sent a form after their session had ended to sign in, and keep what they typed meanwhile."""
    told = {"form": SignInForm(request), "passkey": PasskeyForm(), "hindrance": passkeys.hindrance(request)}
    told |= {"next": "", "kept": Kept.sent(request)}
    response = render(request, "accounts/sign_in.html", told, status=401)
    add_never_cache_headers(response)
    return response


def _let_in(request: HttpRequest, staff: Staff, *, by: str = "") -> HttpResponse:
    """Lead on: into the page that is still open, back to what was typed, or to the page that was wanted."""
    request.session.pop("half_in", None)
    request.session.set_expiry(None)
    login(request, staff, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session["confirmed_at"] = time.time()
    staff.note("signed_in", request, by=by)
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
