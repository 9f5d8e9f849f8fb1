"""The shell around every page: languages, themes, landmarks, and what it asks of the server."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from guanxi.pages import shell

EVENTS = re.compile(r"\son[a-z]+=|\sstyle=|javascript:|hx-on")


def base(request: HttpRequest) -> str:
    return render_to_string("pages/base.html", request=request)


def test_the_page_names_its_language(asked: HttpRequest) -> None:
    assert '<html lang="en"' in base(asked)
    with translation.override("zh-hans"):
        assert '<html lang="zh-Hans"' in base(asked)


def test_the_server_writes_the_chosen_theme_so_that_no_page_flashes(asked: HttpRequest) -> None:
    assert "data-bs-theme" not in base(asked)
    asked.COOKIES[shell.THEME_COOKIE] = "dark"
    assert 'data-bs-theme="dark"' in base(asked)


def test_a_foreign_value_in_a_cookie_chooses_nothing(asked: HttpRequest) -> None:
    asked.COOKIES[shell.THEME_COOKIE] = '"><script>'
    asked.COOKIES[shell.CHANGE_COOKIE] = '"><script>'
    assert "<script>" not in base(asked)


def test_every_page_has_its_landmarks_and_one_heading(asked: HttpRequest) -> None:
    html = base(asked)
    assert html.count("<h1>") == 1
    assert html.count("<main ") == 1
    assert 'href="#main"' in html


def test_nothing_in_the_shell_needs_a_weaker_content_security_policy(asked: HttpRequest) -> None:
    html = base(asked)
    assert not EVENTS.search(html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


def test_a_page_of_the_shell_is_small(asked: HttpRequest) -> None:
    assert len(base(asked).encode()) < 15_000


@pytest.mark.parametrize("page", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html"])
def test_error_pages_stand_without_a_request(page: str) -> None:
    html = render_to_string(page)
    assert html.count("<h1>") == 1
    assert "Go to the home page" in html


def test_an_error_keeps_the_shell_for_those_signed_in(asked: HttpRequest) -> None:
    assert "gx-shell" in render_to_string("404.html", request=asked)


def test_choosing_a_language_returns_to_the_same_page(client: Client) -> None:
    answer = client.post("/choices/language/", {"language": "zh-hans", "next": "/sign-in/?next=/"})
    assert answer.headers["Location"] == "/sign-in/?next=/"
    assert answer.cookies["django_language"].value == "zh-hans"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_choice_never_leads_to_another_site(client: Client, target: str) -> None:
    assert client.post("/choices/theme/", {"theme": "dark", "next": target}).headers["Location"] == "/"


@pytest.mark.parametrize(("path", "field"), [("language", "language"), ("theme", "theme"), ("change", "change")])
def test_an_unknown_choice_is_not_kept(client: Client, path: str, field: str) -> None:
    answer = client.post(f"/choices/{path}/", {field: "purple"})
    assert answer.status_code == 302
    assert not answer.cookies


def test_the_gallery_is_for_makers_only(client: Client) -> None:
    assert client.get("/gallery/").status_code == 404
    assert client.get("/gallery/panel/loaded/").status_code == 404


@override_settings(DEBUG=True)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_gallery_shows_every_component_in_both_languages(client: Client, language: str) -> None:
    html = client.get("/gallery/", headers={"accept-language": language}).content.decode()
    assert not EVENTS.search(html)
    assert len(html.encode()) < 60_000


def test_a_reader_who_signed_out_sees_no_navigation(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    assert "gx-place" not in base(request)
