import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from fido2.webauthn import AuthenticatorData

from guanxi.accounts import factors, passkeys
from guanxi.accounts.models import AuditEntry, SecondFactorRule, SignInAttempt, Staff
from tests.accounts.keyholder import Keyholder
from tests.accounts.test_second_factor import code_of, with_app
from tests.cast import PASS_PHRASE

pytestmark = pytest.mark.django_db
FLAG = AuthenticatorData.FLAG


@pytest.fixture
def visitor() -> Client:
    """A browser that calls us by a name."""
    return Client(headers={"Accept-Language": "en", "Host": "localhost"})


def signed_in(client: Client, name: str = "mei") -> Client:
    sign_in(client, name)
    return client


def sign_in(client: Client, name: str = "mei", **more: str) -> Any:
    return client.post(reverse("sign-in"), {"sign_in_name": name, "password": PASS_PHRASE, **more})


def added(client: Client, name: str = "Desk", holder: Keyholder | None = None, **options: Any) -> tuple[Keyholder, Any]:
    """Have somebody who is signed in make a passkey."""
    holder = holder or Keyholder()
    asked = client.post(reverse("passkey-question")).json()
    answer = {"name": name, "credential": holder.makes(asked, **options)}
    return holder, client.post(reverse("passkey-new"), answer)


def shown(client: Client, holder: Keyholder, *, more: dict[str, str] | None = None, **options: Any) -> Any:
    """Show a passkey on the sign-in page."""
    asked = client.post(reverse("sign-in-passkey-question")).json()
    answer = {"credential": holder.shows(asked, **options), **(more or {})}
    return client.post(reverse("sign-in-passkey"), answer)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def holder(owner: Staff, visitor: Client) -> Keyholder:
    """The owner's device."""
    return added(signed_in(visitor))[0]


def test_a_passkey_lets_in_without_the_password_and_is_on_record(holder: Keyholder, owner: Staff) -> None:
    stranger = Client(headers={"Host": "localhost"})
    assert shown(stranger, holder, more={"next": "/customers/"})["Location"] == "/customers/"
    assert stranger.session["_auth_user_id"] == str(owner.pk)
    acts = list(AuditEntry.objects.filter(by=owner).order_by("pk").values_list("act", flat=True))
    assert acts[-3:] == ["staff.passkey_added", "staff.recovery_codes_made", "staff.signed_in"]
    assert json.loads(AuditEntry.objects.latest("pk").changes) == {"factor": ["", "passkey"]}
    assert passkeys.of(owner).get().last_used_at is not None
    assert not SignInAttempt.objects.exists()


def test_the_first_passkey_brings_recovery_codes_the_second_one_none(visitor: Client, owner: Staff) -> None:
    _first, answer = added(signed_in(visitor))
    assert len(answer.context["codes"]) == 10
    _second, answer = added(visitor, "Phone")
    assert answer["Location"] == reverse("second-factor")
    assert [each.data["name"] for each in passkeys.of(owner)] == ["Desk", "Phone"]


def test_a_passkey_is_a_second_factor_after_the_password(holder: Keyholder, owner: Staff) -> None:
    stranger = Client(headers={"Host": "localhost"})
    asked = sign_in(stranger, next="/customers/")
    assert not is_in(stranger)
    assert "data-gx-passkey" in asked.content.decode()
    question = stranger.post(reverse("sign-in-second-passkey")).json()
    assert [each["id"] for each in question["publicKey"]["allowCredentials"]] == [passkeys.of(owner).get().data["key"]]
    answer = {"credential": holder.shows(question, flags=FLAG.UP), "next": "/customers/"}
    assert stranger.post(reverse("sign-in-second"), answer)["Location"] == "/customers/"
    assert is_in(stranger)


def test_alone_a_passkey_has_to_know_who_uses_it(holder: Keyholder) -> None:
    stranger = Client(headers={"Host": "localhost"})
    refused = shown(stranger, holder, flags=FLAG.UP)
    assert refused.status_code == 422
    assert not is_in(stranger)
    assert AuditEntry.objects.latest("pk").act == "staff.passkey_refused"


def test_a_question_is_answered_once(holder: Keyholder) -> None:
    stranger = Client(headers={"Host": "localhost"})
    asked = stranger.post(reverse("sign-in-passkey-question")).json()
    answer = {"credential": holder.shows(asked)}
    assert stranger.post(reverse("sign-in-passkey"), answer).status_code == 302
    stranger.post(reverse("sign-out"))
    assert stranger.post(reverse("sign-in-passkey"), answer).status_code == 422
    assert Client(headers={"Host": "localhost"}).post(reverse("sign-in-passkey"), answer).status_code == 422
    assert not is_in(stranger)


def test_a_copied_passkey_counts_back_and_opens_nothing(holder: Keyholder) -> None:
    assert shown(Client(headers={"Host": "localhost"}), holder, counter=7).status_code == 302
    assert shown(Client(headers={"Host": "localhost"}), holder, counter=7).status_code == 422
    assert shown(Client(headers={"Host": "localhost"}), holder, counter=8).status_code == 302


def test_a_passkey_that_does_not_count_opens_again_and_again(visitor: Client, owner: Staff) -> None:
    holder, _answer = added(signed_in(visitor))
    for _ in range(3):
        assert shown(Client(headers={"Host": "localhost"}), holder, counter=0).status_code == 302


@pytest.mark.parametrize(
    ("origin", "host"),
    [("https://evil.example", "localhost"), ("http://localhost:81", "localhost"), ("http://localhost", "evil")],
)  # fmt: skip
def test_what_another_site_asked_for_opens_nothing(holder: Keyholder, origin: str, host: str) -> None:
    holder.origin, holder.host = origin, host
    stranger = Client(headers={"Host": "localhost"})
    assert shown(stranger, holder).status_code == 422
    assert not is_in(stranger)


def test_a_foreign_key_under_a_known_name_opens_nothing(holder: Keyholder, owner: Staff) -> None:
    forged = Keyholder()
    forged.id, forged.handle = holder.id, holder.handle
    stranger = Client(headers={"Host": "localhost"})
    assert shown(stranger, forged).status_code == 422
    assert shown(stranger, Keyholder()).status_code == 422
    assert not is_in(stranger)


def test_the_passkey_of_another_is_no_second_factor(holder: Keyholder, agent: Staff, visitor: Client) -> None:
    theirs, _answer = added(signed_in(Client(headers={"Host": "localhost"}), "bo"))
    stranger = Client(headers={"Host": "localhost"})
    sign_in(stranger)
    question = stranger.post(reverse("sign-in-second-passkey")).json()
    assert stranger.post(reverse("sign-in-second"), {"credential": theirs.shows(question)}).status_code == 422
    assert not is_in(stranger)


@pytest.mark.parametrize("credential", ["", "nothing", "[]", '"text"', "{}", '{"id": 5}', '{"id": "x", "response": 7}'])
def test_nonsense_is_answered_with_a_sentence(holder: Keyholder, credential: str) -> None:
    stranger = Client(headers={"Host": "localhost"})
    stranger.post(reverse("sign-in-passkey-question"))
    assert stranger.post(reverse("sign-in-passkey"), {"credential": credential}).status_code == 422
    known = json.dumps({"id": passkeys.of(Staff.objects.get()).get().data["key"], "response": {"signature": "!"}})
    stranger.post(reverse("sign-in-passkey-question"))
    assert stranger.post(reverse("sign-in-passkey"), {"credential": known}).status_code == 422
    assert not is_in(stranger)


def test_passkeys_cannot_be_tried_in_a_row(holder: Keyholder) -> None:
    stranger = Client(headers={"Host": "localhost"})
    for _ in range(10):
        shown(stranger, holder, flags=FLAG.UP)
    assert "Too many attempts" in shown(stranger, holder).content.decode()
    assert not is_in(stranger)


def test_whoever_was_deactivated_shows_their_passkey_in_vain(holder: Keyholder, owner: Staff) -> None:
    Staff.objects.update(is_active=False)
    assert shown(Client(headers={"Host": "localhost"}), holder).status_code == 422


def test_a_question_asked_too_long_ago_counts_for_nothing(holder: Keyholder, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Client(headers={"Host": "localhost"})
    asked = stranger.post(reverse("sign-in-passkey-question")).json()
    now = passkeys.time.time()
    monkeypatch.setattr("guanxi.accounts.passkeys.time.time", lambda: now + 301)
    assert stranger.post(reverse("sign-in-passkey"), {"credential": holder.shows(asked)}).status_code == 422


def test_a_passkey_satisfies_the_rule_for_owners_and_leads_on(visitor: Client, owner: Staff) -> None:
    SecondFactorRule.change(required=True, by=owner)
    sign_in(visitor)
    led = visitor.get("/customers/?q=Ada")["Location"]
    assert "data-gx-passkey" in visitor.get(led).content.decode()
    _holder, answer = added(visitor)
    assert answer.context["on"] == "/customers/?q=Ada"
    assert visitor.get("/customers/").status_code == 200


def test_a_passkey_that_did_not_know_its_holder_is_not_taken(visitor: Client, owner: Staff) -> None:
    _holder, answer = added(signed_in(visitor), flags=FLAG.UP)
    assert answer.status_code == 422
    assert not passkeys.of(owner).exists()


def test_the_same_passkey_is_not_taken_twice_and_no_more_than_ten(visitor: Client, owner: Staff) -> None:
    holder, _answer = added(signed_in(visitor))
    assert added(visitor, holder=holder)[1].status_code == 422
    for nth in range(9):
        added(visitor, f"No. {nth}")
    full = visitor.post(reverse("passkey-question"))
    assert (full.status_code, passkeys.of(owner).count()) == (409, 10)


def test_passkeys_are_renamed_and_removed_by_their_owner_alone(
    holder: Keyholder, visitor: Client, owner: Staff, agent: Staff
) -> None:
    key = passkeys.of(owner).get().pk
    other = signed_in(Client(headers={"Host": "localhost"}), "bo")
    assert other.post(reverse("passkey", args=[key]), {"name": "Mine"}).status_code == 404
    assert other.post(reverse("passkey-removal", args=[key])).status_code == 404
    visitor.post(reverse("passkey", args=[key]), {"name": "Shop desk"})
    assert "Shop desk" in visitor.get(reverse("second-factor")).content.decode()
    visitor.post(reverse("passkey-removal", args=[key]))
    assert shown(Client(headers={"Host": "localhost"}), holder).status_code == 422
    acts = AuditEntry.objects.filter(by=owner, act__startswith="staff.passkey_").order_by("pk")
    assert [each.act.rpartition("_")[2] for each in acts] == ["added", "renamed", "removed"]


def test_recovery_codes_go_with_the_last_second_factor(holder: Keyholder, visitor: Client, owner: Staff) -> None:
    with_app(owner)
    visitor.post(reverse("passkey-removal", args=[passkeys.of(owner).get().pk]))
    assert factors.codes_left(owner) == 10
    visitor.post(reverse("second-factor-removal"))
    assert not Authenticator.objects.exists()
    assert sign_in(Client())["Location"] == "/"


def test_with_an_app_besides_either_of_both_lets_in(holder: Keyholder, owner: Staff) -> None:
    with_app(owner)
    stranger = Client(headers={"Host": "localhost"})
    sign_in(stranger)
    assert stranger.post(reverse("sign-in-second"), {"code": code_of()}).status_code == 302
    assert is_in(stranger)


def test_a_screen_left_open_adds_no_passkey(owners_browser: Client, owner: Staff) -> None:
    assert owners_browser.post(reverse("passkey-question"))["Location"].startswith(reverse("confirm"))
    assert owners_browser.post(reverse("passkey-new"))["Location"].startswith(reverse("confirm"))


def test_signing_in_on_the_page_itself_takes_a_passkey(holder: Keyholder, owner: Staff) -> None:
    stranger = Client(headers={"Host": "localhost", "HX-Request": "true"})
    assert "data-gx-passkey" in stranger.get(reverse("sign-in")).content.decode()
    assert shown(stranger, holder).json()["reader"] == str(owner.pk)


def test_what_was_typed_before_is_handed_back_after_a_passkey(holder: Keyholder) -> None:
    stranger = Client(headers={"Host": "localhost"})
    form = "application/x-www-form-urlencoded"
    kept = stranger.post("/customers/new/", "name=Lin", content_type=form).context["kept"].text
    assert 'value="Lin"' in shown(stranger, holder, more={"kept": kept}).content.decode()


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1:8000", "http://localhost:8000"), ("192.0.2.7", "Open Guanxi by its name"), ("[::1]:80", "localhost"),
     ("shop.example", "need HTTPS"), ("localhost:8000", ""), ("guanxi.localhost", "")],
)  # fmt: skip
def test_a_page_says_where_no_passkey_can_be_made(settings: Any, owner: Staff, host: str, said: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"Accept-Language": "en", "Host": host})
    page = signed_in(client).get(reverse("second-factor")).content.decode()
    assert ('data-gx-passkey="create"' in page) is (not said)
    assert said in page
    client.logout()
    assert ('data-gx-passkey="get"' in client.get(reverse("sign-in")).content.decode()) is (not said)


def test_behind_a_proxy_a_passkey_belongs_to_the_name_people_call(settings: Any, owner: Staff) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_PROXY_SSL_HEADER = ["shop.example"], ("HTTP_X_FORWARDED_PROTO", "https")
    behind = {"Accept-Language": "en", "Host": "shop.example", "X-Forwarded-Proto": "https"}
    holder, answer = added(signed_in(Client(headers=behind)), holder=Keyholder("https://shop.example", "shop.example"))
    assert answer.status_code == 200
    assert passkeys.of(owner).get().data["host"] == "shop.example"
    assert shown(Client(headers=behind), holder).status_code == 302


def test_the_page_of_second_factors_asks_the_same_of_the_book_however_many_passkeys(
    visitor: Client, owner: Staff, django_assert_num_queries: Any
) -> None:
    signed_in(visitor)
    for count in (1, 3):
        for nth in range(count):
            added(visitor, f"No. {nth}")
        visitor.post(reverse("confirm"), {"password": PASS_PHRASE})
        visitor.get(reverse("second-factor"))
        with django_assert_num_queries(7):
            visitor.get(reverse("second-factor"))
