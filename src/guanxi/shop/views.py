"""The home of the settings."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.pages import setup

CHANGE = "rules.change"


@require_GET
@needs(CHANGE)
def home(request: StaffRequest) -> HttpResponse:
    """Show every page of settings the reader may open."""
    return render(request, "shop/home.html", {"groups": setup.shown(request)})
