import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts import factors
from guanxi.accounts.models import AuditEntry, Invitation, SecondFactorRule, Staff
from tests.cast import PASS_PHRASE

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str = SECRET, *, later: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later))


def with_app(staff: Staff) -> list[str]:
    assert factors.add_app(staff, factors.Adapter().encrypt(SECRET), code_of(later=-1))
    return factors.new_codes(staff)


def sign_in(client: Client, **more: str) -> Any:
    return client.post(reverse("sign-in"), {"sign_in_name": "mei", "password": PASS_PHRASE, **more})


def step(client: Client, code: str, **more: str) -> Any:
    return client.post(reverse("sign-in-second"), {"code": code, **more})


def test_whoever_has_an_app_is_asked_for_its_code_after_the_password(client: Client, owner: Staff) -> None:
    with_app(owner)
    asked = sign_in(client, next="/customers/")
    assert 'name="code"' in asked.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.get("/customers/").status_code == 302
    assert step(client, "000000").status_code == 422
    assert step(client, code_of(), next="/customers/")["Location"] == "/customers/"
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_a_code_lets_in_once(owner: Staff) -> None:
    with_app(owner)
    code = code_of()
    assert factors.spend(owner, code)
    assert not factors.spend(owner, code)
    assert not factors.spend(owner, code_of(later=-1))


def test_a_recovery_code_lets_in_once_and_is_on_record(client: Client, owner: Staff) -> None:
    codes = with_app(owner)
    sign_in(client)
    assert step(client, f"{codes[3][:4]} {codes[3][4:]}").status_code == 302
    assert factors.codes_left(owner) == 9
    again = Client()
    sign_in(again)
    assert step(again, codes[3]).status_code == 422
    assert AuditEntry.objects.filter(act="staff.recovery_code_used", by=owner).count() == 1


def test_a_link_for_a_new_password_asks_for_the_code_too(client: Client, owner: Staff, agent: Staff) -> None:
    with_app(agent)
    token = Invitation.renew(agent, by=owner)
    asked = client.post(reverse("join", args=[token]), {"password": "another long pass phrase"})
    assert 'name="code"' in asked.content.decode()
    assert "_auth_user_id" not in client.session
    assert step(client, code_of())["Location"] == "/"
    assert client.session["_auth_user_id"] == str(agent.pk)


def test_codes_cannot_be_guessed_in_a_row(client: Client, owner: Staff) -> None:
    with_app(owner)
    sign_in(client)
    for _ in range(10):
        step(client, "000000")
    assert "Too many attempts" in step(client, code_of()).content.decode()
    assert "_auth_user_id" not in client.session


def test_the_second_step_opens_only_after_the_first_and_not_for_long(
    client: Client, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_app(owner)
    assert step(client, code_of())["Location"] == reverse("sign-in")
    sign_in(client)
    now = time.time()
    monkeypatch.setattr("guanxi.accounts.views.time.time", lambda: now + 601)
    assert step(client, code_of())["Location"] == reverse("sign-in")


def test_whoever_was_deactivated_between_the_steps_stays_out(client: Client, owner: Staff) -> None:
    with_app(owner)
    sign_in(client)
    Staff.objects.update(is_active=False)
    assert step(client, code_of())["Location"] == reverse("sign-in")


def test_signing_in_on_the_page_itself_asks_for_the_code_there(client: Client, owner: Staff) -> None:
    with_app(owner)
    here = {"HX-Request": "true"}
    asked = client.post(reverse("sign-in"), {"sign_in_name": "mei", "password": PASS_PHRASE}, headers=here)
    assert "data-gx-sign-in" in asked.content.decode()
    assert "<html" not in asked.content.decode()
    told = client.post(reverse("sign-in-second"), {"code": code_of()}, headers=here)
    assert told.json()["reader"] == str(owner.pk)


def test_what_was_typed_before_is_kept_through_both_steps(client: Client, owner: Staff) -> None:
    with_app(owner)
    kept = client.post("/customers/new/", {"name": "Lin"}).context
    kept = client.post(
        "/customers/new/", "name=Lin", content_type="application/x-www-form-urlencoded"
    ).context["kept"].text if kept is None else kept["kept"].text  # fmt: skip
    asked = sign_in(client, kept=kept)
    assert asked.context["kept"].text == kept
    assert 'value="Lin"' in step(client, code_of(), kept=kept).content.decode()


def test_an_owner_without_one_is_led_to_set_it_up_once_the_rule_holds(client: Client, owner: Staff) -> None:
    sign_in(client)
    assert client.get("/").status_code == 200
    SecondFactorRule.change(required=True, by=owner)
    assert client.get("/customers/")["Location"] == f"{reverse('second-factor')}?next=%2Fcustomers%2F"
    assert client.post("/customers/new/", {"name": "x"})["Location"] == reverse("second-factor")
    part = client.get("/customers/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, reverse("second-factor"))
    page = client.get(reverse("second-factor"))
    secret = page.context["letters"].replace(" ", "")
    assert secret not in str(dict(client.session))
    assert client.post(reverse("second-factor"), {"code": "000000"}).status_code == 422
    done = client.post(reverse("second-factor"), {"code": code_of(secret)})
    assert len(done.context["codes"]) == 10
    assert client.get("/").status_code == 200
    assert AuditEntry.objects.filter(act="staff.second_factor_added", by=owner).exists()


def test_the_rule_asks_owners_alone(agents_browser: Client, owner: Staff) -> None:
    SecondFactorRule.change(required=True, by=owner)
    assert agents_browser.get("/").status_code == 200


def test_a_new_shop_has_a_day_before_the_rule_holds(client: Client) -> None:
    from guanxi.accounts.models import OwnerLink

    told = {"sign_in_name": "mei", "display_name": "Mei", "password": PASS_PHRASE}
    OwnerLink.redeem(OwnerLink.issue(), **told)
    assert SecondFactorRule.objects.get().owners_from is not None
    assert not SecondFactorRule.objects.in_force().exists()
    sign_in(client)
    assert client.get("/").status_code == 200


def test_a_screen_left_open_changes_nothing_without_the_password(owners_browser: Client, owner: Staff) -> None:
    with_app(owner)
    away = owners_browser.post(reverse("second-factor-removal"))
    assert away["Location"].startswith(reverse("confirm"))
    assert factors.held(owner).exists()
    assert owners_browser.post(away["Location"], {"password": "wrong"}).status_code == 422
    assert owners_browser.post(away["Location"], {"password": PASS_PHRASE})["Location"] == reverse("second-factor")
    owners_browser.post(reverse("second-factor-removal"))
    assert not Authenticator.objects.exists()


def test_secrets_are_sealed_in_the_book(owner: Staff) -> None:
    codes = with_app(owner)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert not any(code in kept for code in codes)


def test_an_operator_opens_the_way_when_the_phone_is_lost(owner: Staff) -> None:
    with_app(owner)
    call_command("user", "reset-second-factor", "Mei")
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.get(act="staff.second_factor_reset").subject == f"staff:{owner.pk}"
    call_command("user", "second-factor", "required")
    assert SecondFactorRule.objects.in_force().exists()
    call_command("user", "second-factor", "optional")
    assert not SecondFactorRule.objects.in_force().exists()


def test_ones_own_profile_is_kept(agents_browser: Client, agent: Staff) -> None:
    told = {"display_name": "Bo Li", "language": "zh-hans", "time_zone": "Asia/Shanghai"}
    assert agents_browser.post(reverse("profile"), {**told, "time_zone": "Mars/Olympus"}).status_code == 422
    assert agents_browser.post(reverse("profile"), told).status_code == 302
    agent.refresh_from_db()
    assert (agent.display_name, agent.language, agent.letter_keys) == ("Bo Li", "zh-hans", False)
    page = agents_browser.get(reverse("profile")).content.decode()
    assert "个人资料" in page
    assert '<option value="Asia/Shanghai" label="上海">' in page


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(agents_browser: Client, agent: Staff) -> None:
    elsewhere = Client()
    elsewhere.force_login(agent)
    new = "thunder over the terraces"
    page = reverse("password")
    assert agents_browser.post(page, {"old": "wrong", "password": new}).status_code == 422
    assert agents_browser.post(page, {"old": PASS_PHRASE, "password": "1234"}).status_code == 422
    assert elsewhere.get("/").status_code == 200
    assert agents_browser.post(page, {"old": PASS_PHRASE, "password": new}).status_code == 302
    assert agents_browser.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert AuditEntry.objects.filter(act="staff.password_changed", by=agent).exists()
