"""The few pages of the shell itself: choices of the reader, error pages, the gallery of components."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST

from guanxi.pages import chart_file as charts_out
from guanxi.pages import gallery as samples
from guanxi.pages import notices as bell
from guanxi.pages import palette as finding
from guanxi.pages import shell
from guanxi.pages.commands import Subject

YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from now on."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        return _kept(request, "language", chosen, settings.LANGUAGE_COOKIE_NAME)
    return _back(request)


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Show pages light, dark or as the system has it."""
    chosen = request.POST.get("theme", "")
    return _kept(request, "theme", chosen, shell.THEME_COOKIE) if chosen in shell.THEMES else _back(request)


@login_not_required
@require_POST
def change_colours(request: HttpRequest) -> HttpResponse:
    """Paint rises and falls as the reader is used to; an empty choice follows the language."""
    chosen = request.POST.get("change", "")
    if chosen in {*shell.CHANGE_COLOURS, ""}:
        return _kept(request, "", chosen, shell.CHANGE_COOKIE)
    return _back(request)


@require_POST
def letter_keys(request: HttpRequest) -> HttpResponse:
    """Switch the keys of one letter on or off for the reader."""
    user: Any = request.user
    user.letter_keys = request.POST.get("keys") == "on"
    user.save(update_fields=["letter_keys"])
    return _back(request)


@require_POST
def palette(request: HttpRequest) -> HttpResponse:
    """Answer what fits a text. It is a name or a phone at times, so it travels in the body, never in an address."""
    kind, _, public_id = request.POST.get("subject", "").partition(" ")
    subject = Subject(kind, public_id) if kind and public_id else None
    text = request.POST.get("q", "")
    groups = finding.answer(request, text, subject, request.POST.get("recent", "").split(" "))
    return render(request, "pages/palette_results.html", {"groups": groups, "text": text.strip()})


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Tell what is at work and what came of it."""
    told = bell.news(request)
    return render(request, "pages/notices.html", {"notices": told, "unread": bell.unread(told, request.user)})


@require_POST
def notices_seen(request: HttpRequest) -> HttpResponse:
    """Remember that the reader has seen the news."""
    user: Any = request.user
    user.notices_seen_at = timezone.now()
    user.save(update_fields=["notices_seen_at"])
    return HttpResponse(status=204)


@require_POST
def chart_file(request: HttpRequest) -> HttpResponse:
    """Hand out the figures of a chart that one of our pages showed."""
    return charts_out.answer(request.POST.get("chart", ""), request.POST.get("form", ""), to=request)


@login_not_required
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, where the program runs for its makers."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "pages/gallery.html", samples.everything())


@login_not_required
@require_GET
def gallery_panel(request: HttpRequest, state: str) -> HttpResponse:
    """Answer a panel of the gallery: well, with a failure, or with nothing more."""
    if not settings.DEBUG or state not in {"loaded", "failed", "nothing"}:
        raise Http404
    if state == "nothing":
        return HttpResponse(status=204)
    return render(request, "pages/gallery_panel.html", status=200 if state == "loaded" else 503)


@login_not_required
@require_GET
def gallery_charts(request: HttpRequest) -> HttpResponse:
    """Show every kind of chart, in a panel of the gallery."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "pages/gallery_charts.html", samples.charts())


def _kept(request: HttpRequest, field: str, value: str, cookie: str) -> HttpResponse:
    """Remember a choice in the browser, and with the member of staff where there is a field for it."""
    user: Any = request.user
    if user.is_authenticated and field and hasattr(user, field):
        setattr(user, field, value)
        user.save(update_fields=[field])
    response = _back(request)
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page the reader came from, never to another site."""
    target = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")
