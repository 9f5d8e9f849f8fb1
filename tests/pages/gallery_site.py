"""A site with the gallery and a navigation around it, for tests in a browser."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from django.utils import timezone

from guanxi.pages import gallery, navigation, shell
from guanxi.pages.navigation import Entry
from tests.pages.conftest import Reader


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


PEOPLE = (
    '{% extends "pages/list.html" %}{% load gx %}{% block heading %}People{% endblock %}{% block rows %}'
    "{% for person in listing.rows %}"
    '<tr><td data-card="who"><a href="#">{{ person.name }}</a></td></tr>{% endfor %}{% endblock %}'
)


def people(request: HttpRequest) -> HttpResponse:
    """Answer a list that a search narrows."""
    listing = gallery._listing()
    query = request.GET.get("q", "")
    rows = [person for person in listing.rows if query in person["name"]]
    found = replace(listing, asked=request.GET, rows=rows, total=len(rows), first=1)
    page = Template(PEOPLE).render(RequestContext(request, {"listing": found, "search_hint": "Name"}))
    return HttpResponse(page)


urlpatterns = [
    path("people/", people),
    path("", include("guanxi.pages.urls")),
    path("sign-out/", nothing, name="sign-out"),
    *(path(f"{group.name}/", nothing, name=group.name) for group in navigation.GROUPS),
    path("segments/", nothing, name="segments"),
]


def signed_in(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Stand in for the middleware that knows the reader."""

    def answer(request: HttpRequest) -> Any:
        request.user = Reader(permissions=set())  # type: ignore[assignment]
        return get_response(request)

    return answer


def furnish() -> None:
    """Fill the shell as a shop at work would."""
    for group in navigation.GROUPS:
        navigation.register(Entry(group.name, group.name, group.title, group.name))
    navigation.register(Entry("customers", "customers", "All customers", "pages:gallery", count=lambda _: 20418))
    navigation.register(Entry("customers", "segments", "Segments", "segments", count=lambda _: 46))
    name_the_shop()


def name_the_shop() -> None:
    """Give the shell what the contexts above give it."""
    shell.provide(shop=lambda: shell.Shop("山房茶事"), as_of=lambda: shell.AsOf(timezone.now()), search="customers")
