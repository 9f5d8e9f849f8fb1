"""The home page: the sentence of the day and the cards that contexts register."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from guanxi.orders.models import Order
from guanxi.pages import formats, moments
from guanxi.pages import home as registry
from guanxi.pages.home import Card
from guanxi.pages.navigation import allowed

MORNING, NOON, EVENING = 5, 12, 18


@dataclass(frozen=True)
class Place:
    """One card with its address."""

    card: Card
    url: str


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Open the shop: the one change most worth knowing, then everything else as cards of their own."""
    empty = not Order.objects.exists()
    context = {
        "today": moments.dated(timezone.localdate()),
        "greeting": _greeting(timezone.localtime().hour, getattr(request.user, "display_name", "")),
        "said": registry.Said(text=_("Your shop begins here"), weight=0) if empty else _said(request),
        "empty": empty,
        "dated": not empty and allowed(request.user, "insight.view"),
        "may_import": allowed(request.user, "imports.run"),
        "places": [] if empty else [Place(card, reverse(card.url_name)) for card in registry.cards(request)],
    }
    return render(request, "web/home.html", context)


@require_GET
def home_metrics(request: HttpRequest) -> HttpResponse:
    """Show the metrics of whoever looks."""
    return render(request, "web/home_metrics.html", {"metrics": registry.metrics(request)})


@require_GET
def home_queues(request: HttpRequest) -> HttpResponse:
    """Show what needs whoever looks today."""
    return render(request, "pages/home_queues.html", {"queues": registry.waiting(request)})


def _greeting(hour: int, name: str) -> str:
    """Greet by the reader's clock."""
    told = {"name": name}
    if MORNING <= hour < NOON:
        return _("Good morning, %(name)s") % told
    if NOON <= hour < EVENING:
        return _("Good afternoon, %(name)s") % told
    return _("Good evening, %(name)s") % told


def _said(request: HttpRequest) -> registry.Said:
    """Say what the figures say, or how much waits where they say nothing or are not for this role."""
    said = registry.sentence(request)
    if said:
        return said
    count = len(registry.waiting(request))
    words = ngettext("%(count)s thing needs you today.", "%(count)s things need you today.", count)
    text = words % {"count": formats.count(count)} if count else _("Nothing is waiting for you.")
    return registry.Said(text=text, weight=0)
