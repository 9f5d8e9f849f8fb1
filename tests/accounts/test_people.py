"""The pages of staff, roles and the audit trail: what owners do on them, and that nobody else does."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import ApiKey, AuditEntry, Invitation, RoleRules, Staff
from guanxi.accounts.roles import EVERYONE, FIELDS, PERMISSIONS, Level, Role
from guanxi.customers.models import Customer
from tests.cast import PASS_PHRASE, hired

pytestmark = pytest.mark.django_db

SETTINGS = ("staff", "staff-invitation", "roles", "audit", "accesses")
PAGE_QUERIES = 12


def as_it_stands() -> dict[str, str]:
    """What the page of roles sends where nothing was touched."""
    sent = {}
    for role in EVERYONE:
        allowed = RoleRules.allowed_to(role, RoleRules.departures_of(role))
        sent |= {f"{role}:{each.name}": "on" for each in PERMISSIONS if each.name in allowed}
        sent |= {f"{role}:{each.name}": each.level_of(allowed).value for each in FIELDS}
    return sent


@pytest.mark.parametrize("name", SETTINGS)
def test_only_an_owner_opens_the_pages_of_staff_and_of_the_trail(
    owners_browser: Client, agents_browser: Client, name: str
) -> None:
    assert owners_browser.get(reverse(name)).status_code == 200
    assert agents_browser.get(reverse(name)).status_code == 403
    assert reverse(name) not in agents_browser.get("/").content.decode()


def test_an_invited_person_chooses_how_to_sign_in_and_is_in(owners_browser: Client) -> None:
    asked = owners_browser.post(reverse("staff-invitation"), {"display_name": "Bo", "role": "agent"})
    link = re.search(r'value="http://testserver(/join/[^"]+)"', asked.content.decode())
    assert link
    assert "Bo" in owners_browser.get(reverse("staff")).content.decode()
    theirs = Client(headers={"Accept-Language": "en"})
    assert "苏梅 invited you as: Agent" in theirs.get(link[1]).content.decode()
    told = {"display_name": "Bo Li", "sign_in_name": "Bo@example.com", "password": PASS_PHRASE, "role": "owner"}
    assert theirs.post(link[1], {**told, "password": "short"}).status_code == 422
    assert theirs.post(link[1], told)["Location"] == "/"
    assert theirs.get("/").status_code == 200
    joined = Staff.objects.get(sign_in_name="bo@example.com")
    assert (joined.role, joined.display_name) == (Role.AGENT, "Bo Li")
    assert Client().get(link[1]).status_code == 410
    acts = AuditEntry.objects.order_by("pk").values_list("act", "by__display_name")
    assert list(acts) == [("staff.invited", "苏梅"), ("staff.joined", "Bo Li"), ("staff.signed_in", "Bo Li")]


def test_a_withdrawn_invitation_opens_nothing(owners_browser: Client, owner: Staff) -> None:
    token = Invitation.invite("Bo", role=Role.AGENT, by=owner)
    invitation = Invitation.objects.get()
    assert owners_browser.post(reverse("staff-invitation-withdrawal", args=[invitation.pk])).status_code == 302
    assert Client().get(reverse("join", args=[token])).status_code == 410


def test_whoever_forgot_their_password_chooses_a_new_one_by_a_link(
    owners_browser: Client, agents_browser: Client, agent: Staff
) -> None:
    page = owners_browser.post(reverse("staff-password", args=[agent.pk])).content.decode()
    link = re.search(r'value="http://testserver(/join/[^"]+)"', page)
    assert link
    assert agents_browser.get("/").status_code == 200
    assert Client().post(link[1], {"password": "another long pass phrase"}).status_code == 302
    assert agents_browser.get("/").status_code == 302
    agent.refresh_from_db()
    assert agent.check_password("another long pass phrase")


def test_another_role_ends_the_sessions_and_a_wrong_one_changes_nothing(
    owners_browser: Client, agents_browser: Client, agent: Staff
) -> None:
    address = reverse("staff-role", args=[agent.pk])
    assert owners_browser.post(address, {"role": "emperor"}).status_code == 422
    assert agents_browser.get("/").status_code == 200
    assert owners_browser.post(address, {"role": "clerk"}).status_code == 302
    assert agents_browser.get("/").status_code == 302


def test_whoever_is_deactivated_is_out_at_once_and_can_be_let_in_again(
    owners_browser: Client, agents_browser: Client, agent: Staff
) -> None:
    assert owners_browser.post(reverse("staff-deactivation", args=[agent.pk])).status_code == 302
    assert agents_browser.get("/").status_code == 302
    told = {"sign_in_name": agent.sign_in_name, "password": PASS_PHRASE}
    assert agents_browser.post(reverse("sign-in"), told).status_code == 422
    assert owners_browser.post(reverse("staff-reactivation", args=[agent.pk])).status_code == 302
    assert agents_browser.post(reverse("sign-in"), told).status_code == 302


def test_the_last_owner_is_told_why_they_stay(owners_browser: Client, owner: Staff) -> None:
    answer = owners_browser.post(reverse("staff-role", args=[owner.pk]), {"role": "clerk"})
    assert answer.status_code == 409
    assert "苏梅 is the only owner" in answer.content.decode()
    assert Staff.objects.owners().get() == owner


def test_nobody_is_offered_to_lock_themselves_out(owners_browser: Client, owner: Staff, agent: Staff) -> None:
    own = owners_browser.get(reverse("staff-member", args=[owner.pk])).content.decode()
    other = owners_browser.get(reverse("staff-member", args=[agent.pk])).content.decode()
    offered = [reverse("staff-deactivation", args=[each.pk]) in page for each, page in ((owner, own), (agent, other))]
    assert offered == [False, True]
    assert "This is you." in own


def test_a_key_is_revoked_only_after_a_question(owners_browser: Client, owner: Staff) -> None:
    _secret, key = ApiKey.make("Till", ["orders:read"], days=30, by=owner, per_minute=60)
    page = owners_browser.get(reverse("api-keys")).content.decode()
    question = page[page.index(f'id="revoke-{key.pk}"') :].split("</dialog>")[0]
    assert "Till" in question
    assert page.count(reverse("api-key-revocation", args=[key.pk])) == 1
    assert reverse("api-key-revocation", args=[key.pk]) in question


def test_saving_roles_untouched_changes_nothing(owners_browser: Client) -> None:
    assert owners_browser.post(reverse("roles"), as_it_stands()).status_code == 302
    assert not AuditEntry.objects.exists()
    assert not any(RoleRules.departures_of(role) for role in EVERYONE)


def test_a_permission_given_on_the_page_holds_from_the_next_click(
    owners_browser: Client, agents_browser: Client
) -> None:
    assert agents_browser.get(reverse("insight:rfm")).status_code == 403
    sent = as_it_stands() | {"agent:insight.view": "on", "agent:personal.phone": Level.HIDDEN.value}
    sent.pop("agent:customers.change")
    assert owners_browser.post(reverse("roles"), sent).status_code == 302
    assert agents_browser.get(reverse("insight:rfm")).status_code == 200
    assert agents_browser.get(reverse("customers:new")).status_code == 403
    changes = AuditEntry.objects.get().told["changes"]
    assert changes == {
        "insight.view": [False, True],
        "customers.change": [True, False],
        "personal.phone.see": [True, False],
        "personal.phone.reveal": [True, False],
    }
    assert owners_browser.post(reverse("roles"), {**sent, "agent:personal.phone": "everything"}).status_code == 422


def test_the_trail_shows_what_changed_in_words_and_people_masked(
    owners_browser: Client, owner: Staff, agent: Staff, loyal: Customer
) -> None:
    agent.change_role(Role.CLERK, by=owner)
    AuditEntry.write("customer.corrected", by=agent, on=loyal, changes={"name": ("林晓", "林小晓")}, why="她自己说的")
    page = owners_browser.get(reverse("audit")).content.decode()
    assert re.search(r"Role: <del[^>]*>Agent</del> → <ins[^>]*>Clerk</ins>", page)
    assert "林晓" not in page
    assert "林小晓" not in page
    assert "林**" in page
    assert "她自己说的" in page


def test_the_trail_is_narrowed_by_who_what_when_and_to_what(
    owners_browser: Client, owner: Staff, agent: Staff, loyal: Customer
) -> None:
    AuditEntry.write("customer.corrected", by=agent, on=loyal, changes={"city": ("", "杭州")})
    AuditEntry.write("customers.exported", by=owner, on="customers:all", changes={"rows": (None, 7)})

    def acts(query: str, name: str = "audit") -> list[str]:
        return [line.entry.act for line in owners_browser.get(f"{reverse(name)}?{query}").context["lines"]]

    assert acts("") == ["customers.exported", "customer.corrected"]
    assert acts(f"by={agent.pk}") == ["customer.corrected"]
    assert acts("act=customers.exported") == ["customers.exported"]
    assert acts(f"about=customer:{loyal.pk}") == ["customer.corrected"]
    assert acts("at=7") == ["customers.exported", "customer.corrected"]
    assert acts("at=2001-01-01..2001-12-31") == []
    assert acts("q=Bo") == ["customer.corrected"]
    assert acts("", "accesses") == ["customers.exported"]
    assert acts("about=customer:1%27--&by=x&act=nothing") == ["customers.exported", "customer.corrected"]


def test_the_trail_leaves_as_a_file_and_says_so(owners_browser: Client, owner: Staff, agent: Staff) -> None:
    agent.change_role(Role.CLERK, by=owner)
    text = b"".join(owners_browser.get(reverse("audit-csv"))).decode()
    assert "Role: Agent → Clerk" in text
    assert AuditEntry.objects.latest("pk").act == "audit.exported"


def test_the_pages_of_the_trail_cost_the_same_however_full_they_are(
    owners_browser: Client,
    owner: Staff,
    agent: Staff,
    loyal: Customer,
    lapsed: Customer,
    django_assert_num_queries: Any,
) -> None:
    owners_browser.get(reverse("audit"))
    for customer in (loyal, lapsed) * 15:
        AuditEntry.write("customer.corrected", by=agent, on=customer, changes={"city": ("", "杭州")})
        AuditEntry.write("staff.role_changed", by=owner, on=agent)
    with django_assert_num_queries(PAGE_QUERIES):
        owners_browser.get(reverse("audit"))
    for nth in range(30):
        AuditEntry.write("staff.invited", by=hired(f"s{nth}", "S", Role.CLERK), on=agent)
    with django_assert_num_queries(PAGE_QUERIES):
        owners_browser.get(reverse("audit"))


def test_who_came_went_and_was_refused_stands_in_the_trail_with_where_from(agent: Staff) -> None:
    client = Client(REMOTE_ADDR="10.0.0.9")
    told = {"sign_in_name": agent.sign_in_name, "password": PASS_PHRASE}
    client.post(reverse("sign-in"), {**told, "password": "wrong"})
    client.post(reverse("sign-in"), {**told, "sign_in_name": "nobody"})
    client.post(reverse("sign-in"), told)
    client.post(reverse("sign-out"))
    entries = AuditEntry.objects.order_by("pk").values_list("act", "by", "address", "kind")
    assert list(entries) == [
        (f"staff.{act}", agent.pk, "10.0.0.9", "entry") for act in ("refused", "signed_in", "signed_out")
    ]
