"""The copy of everything about one person: whole, in both languages, for a reason, and gone after a day."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, Proof, SourceProfile, Tag, Wording
from guanxi.orders.models import Store
from guanxi.privacy.models import Copy, copy
from tests.cast import PASS_PHRASE, met

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def confirm(browser: Client) -> None:
    assert browser.post(reverse("confirm"), {"password": PASS_PHRASE}).status_code == 302


def told(data: bytes) -> tuple[dict[str, Any], str]:
    with ZipFile(io.BytesIO(data)) as packed:
        return json.loads(packed.read("customer.json")), packed.read("customer.html").decode()


def test_the_copy_holds_everything_of_both_who_were_merged(
    owners_browser: Client, owner: Staff, loyal: Customer, tea_house: Store
) -> None:
    other = met(tea_house, key="lin2", name="林小晓", email="lin@example.com")
    SourceProfile.objects.filter(customer=other).update(customer=loyal)
    Customer.objects.filter(pk=other.pk).update(survivor=loyal)
    words = Wording.write("Yes, write to me.", about=("sms", "marketing"), language="en", by=owner)
    loyal.opt_in("sms", source="paper", by=owner, proof=Proof("form 214", words))
    loyal.annotate_with("prefers white tea", by=owner)
    loyal.tag_with(Tag.objects.called("白茶"), by=owner)
    place = reverse("privacy:copy", args=[loyal.pk])
    assert owners_browser.get(place).status_code == 302
    confirm(owners_browser)
    assert owners_browser.post(place, {"reason": ""}).status_code == 422
    assert owners_browser.post(place, {"reason": "rights"}).status_code == 302
    made = Copy.objects.get()
    answer: Any = owners_browser.get(reverse("privacy:copy-file", args=[loyal.pk, made.pk]))
    data, page = told(b"".join(answer.streaming_content))
    assert {each["plain"] for each in data["identifier"]} >= {"+8618300002807", "lin@example.com"}
    assert {each["name"] for each in data["customer"]} == {"林晓", "林小晓"}
    assert (data["consent"][0]["proven_by"], data["consent"][0]["words"]) == ("form 214", "Yes, write to me.")
    assert (data["note"][0]["text"], data["tagging"][0]["tag"], len(data["order"])) == ("prefers white tea", "白茶", 8)
    assert "Everything this shop keeps about you" in page
    assert "prefers white tea" in page
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.told["why"]) == ("customer.exported", "rights")


def test_a_copy_is_for_whoever_had_it_made_and_goes_after_a_day(
    owners_browser: Client, agents_browser: Client, loyal: Customer
) -> None:
    confirm(owners_browser)
    owners_browser.post(reverse("privacy:copy", args=[loyal.pk]), {"reason": "rights"})
    made = Copy.objects.get()
    place = reverse("privacy:copy-file", args=[loyal.pk, made.pk])
    assert agents_browser.get(place).status_code == 403
    assert made.path.stat().st_mode & 0o077 == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        confirm(owners_browser)
        assert owners_browser.get(place).status_code == 404
        assert copy.sweep() == 1
    assert not made.path.exists()


def test_the_headings_speak_the_readers_language(owners_browser: Client, loyal: Customer, home: Path) -> None:
    confirm(owners_browser)
    owners_browser.post(
        reverse("privacy:copy", args=[loyal.pk]), {"reason": "rights"}, headers={"Accept-Language": "zh-CN"}
    )
    _data, page = told(Copy.objects.get().path.read_bytes())
    assert "订单" in page


def test_the_command_writes_a_file_and_never_over_another(loyal: Customer, home: Path, capsys: Any) -> None:
    file = home / "lin.zip"
    call_command("customers", "export", loyal.public_id, str(file), "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["customer"] == loyal.public_id
    data, _page = told(file.read_bytes())
    assert data["customer"][0]["name"] == "林晓"
    with pytest.raises(Exception, match="is there already"):
        call_command("customers", "export", loyal.public_id, str(file))
