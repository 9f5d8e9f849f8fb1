"""How the pages look: a logo, a colour that can be read, a language."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.shop import colours, look
from tests.guard.test_pictures import jpeg, png

PAGE = "/settings/look/"
TOKENS = Path(look.__file__).parents[1] / "pages/static/pages/css/tokens.css"
COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "look"


def logo(data: bytes, name: str = "logo.png") -> dict[str, Any]:
    return {"logo": SimpleUploadedFile(name, data, "text/html")}


def test_a_shop_as_it_comes_has_no_style_of_its_own(owners_browser: Client) -> None:
    page = owners_browser.get(PAGE).content.decode()
    assert ("style.css" in page, "gx-seal" in page, "gx-logo" in page) == (False, True, False)
    assert owners_browser.get(f"{PAGE}style.css").content == b""


def test_a_colour_of_ones_own_is_on_every_page_before_sign_in_too(owners_browser: Client) -> None:
    assert owners_browser.post(PAGE, {"accent": "7A2E8C"}).status_code == 302
    page = Client().get("/sign-in/").content.decode()
    (address,) = re.findall(r'href="(/settings/look/style.css\?\w+)"', page)
    sheet = Client().get(address)
    assert (sheet.headers["Content-Type"], sheet.headers["X-Content-Type-Options"]) == (
        "text/css; charset=utf-8", "nosniff",
    )  # fmt: skip
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "--gx-accent: light-dark(#7a2e8c, #" in sheet.content.decode()
    assert Client().get(f"{PAGE}style.css?old").headers["Cache-Control"] == "no-cache"
    assert "style=" not in page


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"accent": "red"}, "This is no colour"),
        ({"accent": "#12345"}, "This is no colour"),
        ({"accent": "#1f5c4;"}, "This is no colour"),
        ({"accent": "#ffcc00"}, "#ffcc00 is too light to read on light paper: 1.2 of 4.5. #"),
        ({"accent": "#1f5c48", "accent_dark": "#1f5c48"}, "#1f5c48 is too dark to read on dark paper: "),
        ({"accent_dark": "#7dc2a5"}, "the light theme too"),
        ({"language": "fr"}, "not one of the available"),
    ],
)
def test_what_cannot_be_read_is_refused_and_what_would_do_is_said(
    owners_browser: Client, told: dict[str, str], why: str
) -> None:
    answer = owners_browser.post(PAGE, told)
    page = answer.content.decode()
    assert (answer.status_code, why in page) == (422, True)
    assert look.current() == look.Look()
    for instead in re.findall(r"(#[0-9a-f]{6}) would do", page):
        field = "accent_dark" if "dark paper" in page else "accent"
        again = owners_browser.post(PAGE, {"accent": "#1f5c48", **told, field: instead})
        assert again.status_code == 302, instead


@given(COLOUR)
@settings(max_examples=40, deadline=None)
def test_every_colour_that_is_taken_can_be_read_wherever_it_stands(colour: str) -> None:
    light = colours.readable(colour, colours.LIGHT, towards="#000000")
    dark = colours.in_the_dark(light)
    told = colours.tokens(light, dark)
    assert colours.least(light, [*colours.LIGHT, told["accent-tint"][0]]) >= 4.5
    assert colours.least(dark, [*colours.DARK, told["accent-tint"][1]]) >= 4.5
    for name in ("accent-fill", "accent-fill-hover"):
        assert all(colours.contrast(each, colours.ON_ACCENT) >= 4.5 for each in told[name]), name


def test_the_papers_are_those_of_the_tokens() -> None:
    sheet = TOKENS.read_text()
    names = ("paper", "surface", "well", "hover")
    pairs = [re.search(rf"--gx-{name}: light-dark\((#\w+), (#\w+)\)", sheet) for name in names]
    found = [pair.groups() for pair in pairs if pair]
    dark, light = re.search(r"--gx-inverse: light-dark\((#\w+), (#\w+)\)", sheet).groups()  # type: ignore[union-attr]
    assert (*(one for one, _ in found), light) == colours.LIGHT
    assert (*(other for _, other in found), dark) == colours.DARK
    assert f"--gx-on-accent: {colours.ON_ACCENT};" in sheet


def test_a_logo_is_known_by_its_content_and_sent_as_what_it_is(owners_browser: Client, home: Path) -> None:
    assert owners_browser.post(PAGE, logo(jpeg(), "logo.svg")).status_code == 302
    page = Client().get("/sign-in/").content.decode()
    (address,) = re.findall(r'<img class="gx-logo" src="([^"]+)"', page)
    answer = Client().get(address)
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"".join(answer.streaming_content) == jpeg()  # type: ignore[attr-defined]
    owners_browser.post(PAGE, logo(png()))
    assert Client().get(address).status_code == 404  # only the logo that there is
    owners_browser.post(PAGE, {"no_logo": "on"})
    assert "gx-seal" in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", b"MZ", png()[:-9], png(3_000, 20)])
def test_what_is_no_logo_changes_nothing(owners_browser: Client, home: Path, data: bytes) -> None:
    owners_browser.post(PAGE, logo(png()))
    there = sorted(home.iterdir())
    assert owners_browser.post(PAGE, {**logo(data), "accent": "#7a2e8c"}).status_code == 422
    assert (sorted(home.iterdir()), look.current().accent) == (there, "")


def test_what_changed_is_in_the_audit_trail_once(owners_browser: Client) -> None:
    for _ in range(2):
        owners_browser.post(PAGE, {"accent": "#7a2e8c", "language": "zh-hans"})
    (entry,) = AuditEntry.objects.opened(AuditEntry.objects.filter(act="look.changed"))
    assert entry.told["changes"] == {"accent": ["", "#7a2e8c"], "language": ["", "zh-hans"]}
    look.change({"language": ""}, by=None)
    assert "Changed how the shop looks" in owners_browser.get("/settings/audit/").content.decode()


def test_who_chose_no_language_reads_the_shops(owner: Staff) -> None:
    look.change({"language": "zh-hans"}, by=owner)
    browser = Client(headers={"Accept-Language": "en"})
    assert 'lang="zh-Hans"' in browser.get("/sign-in/").content.decode()
    browser.post("/choices/language/", {"language": "en"})
    assert '<html lang="en"' in browser.get("/sign-in/").content.decode()
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(owner)
    assert '<html lang="zh-Hans"' in browser.get(PAGE).content.decode()
    Staff.objects.filter(pk=owner.pk).update(language="en")
    assert '<html lang="en"' in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"accent": "red}body{display:none"}', '{"logo": "../../secret.key"}', '{"logo": "a.svg"}'],
)
def test_a_file_that_was_tampered_with_is_as_if_it_were_not_there(home: Path, text: str) -> None:
    home.mkdir()
    (home / look.FILE).write_text(text)
    assert look.current() == look.Look()


def test_no_page_asks_the_book_for_the_look(owner: Staff, owners_browser: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            owners_browser.get("/settings/")
        return len(queries)

    before = asked()
    look.change({"accent": "#7a2e8c"}, by=owner)
    assert asked() == before


def test_the_look_is_in_the_folder_that_backups_take(owner: Staff, home: Path) -> None:
    from guanxi.operation.backup import FOLDERS

    assert "media" in FOLDERS
    look.change({"accent": "#7a2e8c"}, by=owner)
    assert [each.name for each in home.iterdir()] == [look.FILE]
