"""Showing what is masked: to whom, for which reason, and what the access log and the pages say of it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer

PLAIN = ("18300002807", "林晓")


def asked(client: Client, customer: Customer, **sent: object) -> tuple[int, str]:
    answer = client.post(reverse("customers:reveal", args=[customer.pk]), {"reason": "call", **sent})
    return answer.status_code, answer.content.decode()


def test_a_reveal_shows_what_was_asked_for_and_is_found_in_the_access_log(
    agents_browser: Client, owners_browser: Client, agent: Staff, loyal: Customer
) -> None:
    status, page = asked(agents_browser, loyal, fields_asked=["phone"])
    assert status == 200
    assert "+8618300002807" in page
    assert "林晓" not in page
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.by, entry.subject, entry.address) == (
        "customer.revealed", agent, f"customer:{loyal.pk}", "127.0.0.1",
    )  # fmt: skip
    assert entry.told == {"why": "call", "changes": {"fields": [None, ["phone"]]}}
    log = owners_browser.get(reverse("accesses")).content.decode()
    for words in ("Bo", "Looked at masked fields", "林**", "Phone", "They asked to be called or written to"):
        assert words in log
    assert not any(plain in log for plain in PLAIN)


@pytest.mark.parametrize(
    "sent",
    [
        {"fields_asked": ["phone"], "reason": ""},
        {"fields_asked": ["phone"], "reason": "other", "words": " x "},
        {"fields_asked": ["phone"], "reason": "curiosity"},
        {"fields_asked": []},
        {"fields_asked": ["password"]},
        {"fields_asked": ["phone"], "reason": "other", "words": "x" * 201},
    ],
)
def test_without_a_reason_nothing_is_shown_and_nothing_written(
    agents_browser: Client, loyal: Customer, sent: dict[str, object]
) -> None:
    status, page = asked(agents_browser, loyal, **sent)
    assert status == 422
    assert not any(plain in page for plain in PLAIN)
    assert not AuditEntry.objects.exists()


def test_whose_role_does_not_reveal_sees_masks_and_no_button(analysts_browser: Client, loyal: Customer) -> None:
    page = analysts_browser.get(reverse("customers:customer", args=[loyal.pk])).content.decode()
    assert "183****2807" in page
    assert reverse("customers:reveal", args=[loyal.pk]) not in page
    assert asked(analysts_browser, loyal, fields_asked=["phone"])[0] == 403
    assert not AuditEntry.objects.exists()


def test_each_field_has_its_own_permission(agents_browser: Client, owner: Staff, loyal: Customer) -> None:
    RoleRules.change(Role.AGENT, {"personal.phone.reveal": False}, by=owner)
    assert asked(agents_browser, loyal, fields_asked=["phone"])[0] == 422
    status, page = asked(agents_browser, loyal, fields_asked=["name"])
    assert (status, "林晓" in page) == (200, True)


def test_a_hidden_field_is_absent_from_every_page(agents_browser: Client, owner: Staff, loyal: Customer) -> None:
    places = [
        reverse("customers:list"),
        reverse("customers:customer", args=[loyal.pk]),
        reverse("customers:identity", args=[loyal.pk]),
    ]

    def shown() -> list[bool]:
        pages = [agents_browser.get(place).content.decode() for place in places]
        pages.append(agents_browser.post(reverse("pages:palette"), {"q": "林晓"}).content.decode())
        return ["183****2807" in page for page in pages]

    assert all(shown())
    RoleRules.change(Role.AGENT, {"personal.phone.see": False, "personal.phone.reveal": False}, by=owner)
    assert not any(shown())


def test_what_staff_change_is_found_in_the_trail_with_both_values_sealed(
    agents_browser: Client, owners_browser: Client, loyal: Customer
) -> None:
    agents_browser.post(reverse("customers:attribute", args=[loyal.pk, "city"]), {"city": "苏州"})
    agents_browser.post(reverse("customers:tag-addition", args=[loyal.pk]), {"name": "白茶"})
    agents_browser.post(reverse("customers:note-addition", args=[loyal.pk]), {"text": "打包要稳"})
    agents_browser.post(reverse("customers:consent-agreement", args=[loyal.pk, "email", "marketing"]))
    agents_browser.post(reverse("customers:consent-withdrawal", args=[loyal.pk, "email", "marketing"]))
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.act.partition(".")[2] for entry in entries] == [
        "corrected", "tagged", "note_added", "consent_given", "consent_withdrawn",
    ]  # fmt: skip
    assert "苏州" not in str(list(entries.values()))
    page = owners_browser.get(f"{reverse('audit')}?about=customer:{loyal.pk}").content.decode()
    assert re.search(r"City: .*→ <ins[^>]*>苏州</ins>", page)
    assert re.search(r"E-mail · Marketing: <del[^>]*>no</del> → <ins[^>]*>yes</ins>", page)
