"""What people were asked, what they agreed to, and what proves it."""

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, Proof, Wording
from guanxi.privacy.portable import asked, take_asked

SMS = ("sms", "marketing")
BOX = "Yes, write to me about new teas."


def test_other_words_are_the_next_version_and_the_earlier_ones_stay(owner: Staff) -> None:
    first = Wording.write(BOX, about=SMS, language="en", by=owner)
    assert Wording.write(BOX, about=SMS, language="en", by=owner) == first
    second = Wording.write("Yes, once a month.", about=SMS, language="en", by=owner)
    assert (second.version, second.key) == (2, "sms.marketing.en.2")
    assert list(Wording.objects.in_force()) == [second]
    first.refresh_from_db()
    first.restore(by=owner)
    assert [each.text for each in Wording.objects.in_force()] == [BOX]
    with pytest.raises(IntegrityError):
        Wording.objects.filter(pk=second.pk).update(retired_at=None)


def test_a_consent_keeps_the_version_that_was_read(owners_browser: Client, owner: Staff, loyal: Customer) -> None:
    Wording.write(BOX, about=SMS, language="en", by=owner)
    place = reverse("customers:consent-agreement", args=[loyal.pk, *SMS])
    told = {"source": "paper", "wording": "sms.marketing.en.1", "proof": "form no. 214"}
    owners_browser.post(place, told, headers={"HX-Request": "true"})
    Wording.write("Other words.", about=SMS, language="en", by=owner)
    page = owners_browser.get(reverse("privacy:person", args=[loyal.pk])).content.decode()
    assert BOX in page
    assert "sms.marketing.en.1" in page
    assert "form no. 214" not in page
    panel = owners_browser.get(reverse("customers:consents", args=[loyal.pk])).content.decode()
    assert "form no. 214" not in panel
    assert "Ad audiences" not in panel
    Wording.write("Yes, show me ads.", about=("email", "ads"), language="en", by=owner)
    assert "Ad audiences" in owners_browser.get(reverse("customers:consents", args=[loyal.pk])).content.decode()


def test_what_proves_a_consent_is_shown_for_a_reason_that_is_kept(
    owners_browser: Client, agents_browser: Client, owner: Staff, loyal: Customer
) -> None:
    consent = loyal.opt_in("sms", source="paper", by=owner, proof=Proof("form no. 214"))
    place = reverse("privacy:proofs", args=[loyal.pk])
    assert agents_browser.post(place, {"fields_asked": [consent.pk]}).status_code == 422
    answer = agents_browser.post(place, {"fields_asked": [consent.pk], "reason": "service"})
    assert "form no. 214" in answer.content.decode()
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.told["why"]) == ("customer.revealed", "service")


def test_the_words_in_force_go_into_the_settings_file(owner: Staff) -> None:
    Wording.write(BOX, about=SMS, language="en", by=owner)
    (told,) = asked()
    Wording.write("Other words.", about=SMS, language="en", by=owner)
    take_asked(told, owner)
    assert [each.text for each in asked()] == [BOX]


def test_the_page_of_wordings_teaches_then_lists(owners_browser: Client, owner: Staff) -> None:
    empty = owners_browser.get(reverse("privacy:wordings")).content.decode()
    assert "No wording yet." in empty
    sent = {"channel": "sms", "purpose": "marketing", "language": "en", "text": BOX}
    assert owners_browser.post(reverse("privacy:wording-new"), {**sent, "text": ""}).status_code == 422
    assert owners_browser.post(reverse("privacy:wording-new"), sent).status_code == 302
    wording = Wording.objects.get()
    owners_browser.post(reverse("privacy:wording-retirement", args=[wording.pk]))
    owners_browser.post(reverse("privacy:wording-return", args=[wording.pk]))
    assert BOX in owners_browser.get(reverse("privacy:wordings")).content.decode()
    assert Wording.objects.in_force().exists()
