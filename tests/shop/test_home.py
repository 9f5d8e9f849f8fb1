"""The home of the settings."""

import pytest
from django.test import Client

from guanxi.pages import setup


def test_the_owner_finds_every_page_of_settings_in_one_place(owners_browser: Client) -> None:
    page = owners_browser.get("/settings/").content.decode()
    for address in ("/settings/staff/", "/settings/keys/", "/settings/audit/", "/insight/rfm/rules/"):
        assert f'href="{address}"' in page


def test_whoever_may_not_change_settings_has_no_way_there(agents_browser: Client) -> None:
    assert agents_browser.get("/settings/").status_code == 403
    assert 'href="/settings/"' not in agents_browser.get("/").content.decode()


def test_a_card_of_no_group_is_refused_when_the_program_starts() -> None:
    with pytest.raises(ValueError, match="no group"):
        setup.register(setup.Card("odd", "nowhere", "Odd", "", "shop:home", "x"))


def test_a_page_that_is_not_mounted_has_no_card(owners_browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(setup._cards, "gone", setup.Card("gone", "shop", "Gone for good", "", "no:route", "x"))
    assert "Gone for good" not in owners_browser.get("/settings/").content.decode()
