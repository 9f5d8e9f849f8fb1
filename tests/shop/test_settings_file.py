"""All settings as one file: the same shop again elsewhere, as a whole or not at all."""

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, RoleRules, SecondFactorRule, Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer, Tag, TagGroup
from guanxi.guard import pictures
from guanxi.insight.models import RfmScheme
from guanxi.orders.models import Company, Store
from guanxi.pages import portable
from guanxi.shop import look, settings_file
from guanxi.shop.file_pages import packed
from guanxi.shop.models import CalendarEntry, CustomField
from guanxi.shop.settings_file import BadSettings
from tests.cast import PASS_PHRASE
from tests.guard.test_pictures import png
from tests.shop.conftest import Declare

pytestmark = pytest.mark.django_db
PAGE = "/settings/file/"
File = dict[str, Any]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def owners_page(owners_browser: Client) -> Client:
    """The browser of an owner who gave the password a moment ago."""
    owners_browser.post(reverse("confirm"), {"password": PASS_PHRASE})
    return owners_browser


@pytest.fixture
def decided(owner: Staff, tea_house: Store, declare: Declare) -> bytes:
    """A shop that decided about everything, as a file."""
    declare("taste", "choices", help_en="Ask for it")
    declare("gone", "whole", least=1, most=9).retire(by=owner)
    group = TagGroup.form({"name": "Service", "colour": 2, "is_exclusive": True}, by=owner)
    Tag.coin("Call first", group, by=owner)
    Tag.coin("Old", group, by=owner).retire(by=owner)
    tea_house.change({"name": "茶屋"}, by=owner)
    Company.objects.get().rename("山间茶", by=owner)
    days = {"starts_on": dt.date(2026, 4, 20), "ends_on": dt.date(2026, 4, 26)}
    CalendarEntry.add(
        {"name_en": "Tea week", "name_zh": "春茶周", "kind": "campaign", "repeats": True, **days}, by=owner
    )
    CalendarEntry.hide("christmas", by=owner)
    RoleRules.change(Role.CLERK, {"customers.change": True, "catalog.cost.see": False}, by=owner)
    look.change({"accent": "#7a2e8c", "language": "en"}, picture=pictures.read(png()), by=owner)
    return settings_file.written()


@pytest.fixture
def afresh() -> Callable[[], None]:
    """Forget everything that was decided, as if this were another installation."""

    def forget() -> None:
        for model in (CustomField, Tag, TagGroup, Store, Company, CalendarEntry, RoleRules, SecondFactorRule):
            model.objects.all().delete()
        (look.folder() / look.FILE).unlink()

    return forget


def changed(data: bytes, *way: Any, to: Any) -> bytes:
    """The file with one thing otherwise."""
    file = json.loads(data)
    at = file
    for each in way[:-1]:
        at = at[each]
    at[way[-1]] = to
    return json.dumps(file).encode()


def sent(browser: Client, data: bytes) -> Any:
    return browser.post(f"{PAGE}difference/", {"file": SimpleUploadedFile("settings.json", data)})


def take(browser: Client, data: bytes, seen: str = "") -> Any:
    return browser.post(f"{PAGE}import/", {"file": packed(data), "seen": seen or settings_file.stand()})


def test_the_same_file_again_differs_in_nothing(owners_page: Client, decided: bytes) -> None:
    assert settings_file.written() == decided
    page = sent(owners_page, decided).content.decode()
    assert ("Nothing differs" in page, reverse("shop:file-import") in page) == (True, False)
    written = AuditEntry.objects.count()
    assert settings_file.take(settings_file.read(decided), by=None) == []
    assert AuditEntry.objects.count() == written


def test_another_installation_becomes_the_same(
    owners_page: Client, decided: bytes, afresh: Callable[[], None], owner: Staff
) -> None:
    afresh()
    page = sent(owners_page, decided)
    for words in ("Taste", "Service › Call first", "茶屋", "Tea week", "#7a2e8c", "Clerk"):
        assert words.casefold() in page.content.decode().casefold(), words
    assert not CustomField.objects.exists()  # a look at the difference changes nothing
    assert take(owners_page, decided, page.context["seen"]).status_code == 302
    assert json.loads(settings_file.written()) == json.loads(decided)
    assert (CustomField.objects.get(name="gone").retired_at is None, look.current().picture is None) == (False, False)
    assert AuditEntry.objects.filter(act="settings.imported", by=owner).count() == 1
    assert AuditEntry.objects.filter(act="field.declared", by=owner).count() == 4  # each by its own verb, as by hand


def test_what_the_file_does_not_name_stays(decided: bytes, declare: Declare) -> None:
    declare("size")
    file = json.loads(decided)
    del file["settings"]["tags"], file["settings"]["look"]
    assert settings_file.take(settings_file.read(json.dumps(file).encode()), by=None) == []
    assert CustomField.objects.filter(name="size", retired_at=None).exists()


def test_no_people_no_keys_and_no_secrets_are_in_the_file(
    decided: bytes, owner: Staff, loyal: Customer, owners_page: Client
) -> None:
    answer = owners_page.get(f"{PAGE}guanxi-settings.json")
    assert (answer.headers["Content-Type"], "attachment" in answer.headers["Content-Disposition"]) == (
        "application/json", True,
    )  # fmt: skip
    assert set(json.loads(answer.content)["settings"]) == {
        "stores", "company", "fields", "tag_groups", "tags", "rfm", "identity", "calendar", "roles", "second_factor",
        "look", "wordings",
    }  # fmt: skip
    for word in (owner.sign_in_name, owner.display_name, loyal.name, owner.password):
        assert word not in answer.content.decode()
    assert AuditEntry.objects.filter(act="settings.exported", by=owner).count() == 1


@pytest.mark.parametrize(
    ("way", "to", "why"),
    [
        (("kind",), "backup", "no file of settings"),
        (("version",), 2, "newer Guanxi"),
        (("version",), 0, "version nobody knows"),
        (("version",), "1", "version nobody knows"),
        (("version",), True, "version nobody knows"),
        (("more",), 1, "more than settings"),
        (("settings",), [], "no settings"),
        (("settings", "people"), [], "“people” is no part"),
        (("settings", "stores"), {}, "“stores” is not what"),
        (("settings", "stores", 0), None, "“stores 1” is not what"),
        (("settings", "stores", 0, "name"), 5, "“stores 1 name” is not what"),
        (("settings", "stores", 0, "name"), "", "“stores 1 name” is not what"),
        (("settings", "stores", 0, "name"), "x" * 121, "“stores 1 name” is not what"),
        (("settings", "stores", 0, "name"), "a\x07b", "signs in it"),
        (("settings", "stores", 0, "name"), "a\ud800b", "no whole JSON"),
        (("settings", "stores", 0, "owner"), 1, "“stores 1 owner” is not what"),
        (("settings", "stores", 0, "currency"), "XXQ", "no currency"),
        (("settings", "stores", 0, "time_zone"), "Moon/Sea", "no such time zone"),
        (("settings", "stores", 0, "channel"), "stall", "no channel"),
        (("settings", "stores", 0, "colour"), 10**30, "“stores 1 colour”"),
        (("settings", "fields", 0, "kind"), "money", "“fields 1 kind”"),
        (("settings", "fields", 0, "name"), "../x", "“fields 1 name”"),
        (("settings", "fields", 0, "is_required"), 1, "“fields 1 is_required”"),
        (("settings", "fields", 0, "choices"), [], "2 to 100 choices"),
        (("settings", "fields", 0, "kind"), "choice", "holds something else here"),
        (("settings", "tag_groups", 0, "name"), "x" * 61, "“tag_groups 1 name”"),
        (("settings", "rfm", 0, "recency", "weight_percent"), 99, "Make them 100"),
        (("settings", "rfm", 0, "classes"), [], "“rfm 1 classes”"),
        (("settings", "calendar", 0, "given"), "easter", "Nobody knows these days"),
        (("settings", "calendar", -1, "ends_on"), "2026-04-01", "not before it"),
        (("settings", "calendar", -1, "starts_on"), "2026-02-30", "“calendar 16” is not what"),
        (("settings", "roles", 0, "role"), "owner", "“roles 1 role”"),
        (("settings", "roles", 0, "departures"), {"roles.change": True}, "no permission of a role"),
        (("settings", "roles", 0, "departures"), {"customers.change": "yes"}, "“roles 1 departures"),
        (("settings", "second_factor", 0, "owners"), None, "“second_factor 1 owners”"),
        (("settings", "look", 0, "accent"), "#ffcc00", "cannot be read"),
        (("settings", "look", 0, "accent"), "red;}a{", "cannot be read"),
        (("settings", "look", 0, "logo"), "PHN2Zz4=", "no picture"),
        (("settings", "look", 0, "logo"), "?", "“look 1” is not what"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_a_sentence_and_changes_nothing(
    owners_page: Client, decided: bytes, way: tuple[Any, ...], to: Any, why: str
) -> None:
    wrong = changed(decided, *way, to=to)
    for answer in (sent(owners_page, wrong), take(owners_page, wrong)):
        assert (answer.status_code, why in answer.content.decode()) == (422, True), answer.content.decode()
    assert settings_file.written() == decided


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{", "no whole JSON"),
        (b"\xff\xfe\x00", "no whole JSON"),
        (b"[" * 100_000, "no whole JSON"),
        (b'{"kind": 1, "kind": 2}', "no whole JSON"),
        (b'{"kind": NaN}', "no whole JSON"),
        (b'{"version": ' + b"9" * 5_000 + b"}", "no whole JSON"),
        (b"[]", "no file of settings"),
        (b"null", "no file of settings"),
        (b" " * (settings_file.MOST_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_what_is_no_file_of_settings_is_refused(owners_page: Client, data: bytes, why: str) -> None:
    answer = sent(owners_page, data)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("text", ["", "x", "====", packed(b"{}"), packed(b" " * 9_000_000)])
def test_a_form_that_carries_no_file_changes_nothing(owners_page: Client, text: str) -> None:
    answer = owners_page.post(f"{PAGE}import/", {"file": text, "seen": settings_file.stand()})
    assert answer.status_code == 422


def test_where_one_setting_cannot_be_none_is(
    owners_page: Client, decided: bytes, loyal: Customer, tea_house: Store
) -> None:
    wrong = changed(decided, "settings", "stores", 0, "currency", to="EUR")  # where something was sold
    wrong = changed(wrong, "settings", "fields", 0, "label_en", to="Flavour")
    assert tea_house.has_orders
    with pytest.raises(BadSettings, match="has orders in CNY"):
        settings_file.take(settings_file.read(wrong), by=None)
    assert settings_file.written() == decided
    assert "has orders in CNY" in sent(owners_page, wrong).content.decode()


def test_what_breaks_on_the_way_leaves_everything_as_it_was(
    decided: bytes, afresh: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    afresh()
    before, keep = settings_file.written(), AuditEntry.write
    for nth in range(1, 40):
        calls = 0

        def failing(*_: Any, **__: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == nth:  # noqa: B023 - called within this turn
                raise OSError("the disk is gone")
            return keep(*_, **__)

        with monkeypatch.context() as patch:
            patch.setattr(AuditEntry, "write", failing)
            try:
                settings_file.take(settings_file.read(decided), by=None)
            except OSError:
                assert settings_file.written() == before, nth
            else:
                break
    assert nth > 10
    assert settings_file.written() == decided


def test_settings_that_moved_since_the_difference_was_seen_are_shown_anew(
    owners_page: Client, decided: bytes, owner: Staff
) -> None:
    wanted = changed(decided, "settings", "fields", 0, "label_en", to="Flavour")
    seen = sent(owners_page, wanted).context["seen"]
    CalendarEntry.hide("qixi", by=owner)
    answer = take(owners_page, wanted, seen)
    assert (answer.status_code, "changed the settings meanwhile" in answer.content.decode()) == (409, True)
    assert not CustomField.objects.filter(label_en="Flavour").exists()
    assert take(owners_page, wanted, answer.context["seen"]).status_code == 302
    assert CustomField.objects.filter(label_en="Flavour").exists()


def test_the_file_is_for_owners_who_gave_their_password(
    owners_browser: Client, agents_browser: Client, decided: bytes
) -> None:
    for address in (PAGE, f"{PAGE}guanxi-settings.json"):
        assert agents_browser.get(address).status_code == 403
        assert reverse("confirm") in owners_browser.get(address).headers["Location"]
    assert reverse("confirm") in take(owners_browser, decided).headers["Location"]


def test_a_difference_says_each_field_before_and_after(owners_page: Client, decided: bytes) -> None:
    wanted = changed(decided, "settings", "fields", 0, "label_en", to="<b>Flavour</b>")
    page = sent(owners_page, wanted).content.decode()
    assert "1 setting would change" in page
    assert '<del class="gx-now">Taste</del> → <ins class="gx-after">&lt;b&gt;Flavour&lt;/b&gt;</ins>' in page


def test_the_rules_of_value_come_as_a_new_version(decided: bytes) -> None:
    file = json.loads(decided)
    file["settings"]["rfm"][0]["classes"][0]["name_en"] = "Best"
    settings_file.take(settings_file.read(json.dumps(file).encode()), by=None)
    assert [each.version for each in RfmScheme.objects.newest_first()] == [2, 1]
    assert RfmScheme.current().scheme.classes[0].name_en == "Best"


def test_settings_travel_by_the_command_line(home: Path, decided: bytes, afresh: Callable[[], None]) -> None:
    def run(*words: str) -> Any:
        out = io.StringIO()
        call_command("settings", *words, "--json", stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue())

    file = home / "settings.json"
    assert run("export", str(file))["settings"] > 20
    assert file.read_bytes() == decided
    with pytest.raises(BadSettings, match="there already"):
        run("export", str(file))
    afresh()
    assert len(run("import", str(file), "--dry-run")) == 11
    assert not CustomField.objects.exists()
    assert len(run("import", str(file))) == 11
    assert run("import", str(file)) == []
    with pytest.raises(BadSettings, match="cannot be read"):
        run("import", str(home / "none.json"))


def test_whether_owners_need_a_second_factor_comes_along(decided: bytes) -> None:
    wanted = changed(decided, "settings", "second_factor", 0, "owners", to=True)
    (found,) = settings_file.take(settings_file.read(wanted), by=None)
    assert (found.label, SecondFactorRule.objects.in_force().exists()) == ("Owner", True)


def test_what_cannot_be_taken_back_is_taken_last() -> None:
    outside = [part.is_beside_the_book for part in portable.parts()]
    assert outside == sorted(outside)
