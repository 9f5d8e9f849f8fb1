"""The pages of privacy: the erasure with its preview, who was erased, and the rules of retention."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.models import Job
from guanxi.customers.models import Customer, Event, Note, SourceProfile
from guanxi.ingest.models import Import
from guanxi.ingest.rejects import Rejects
from guanxi.orders.models import Store
from guanxi.privacy import erasing
from guanxi.privacy.models import Erasure, Reason, RetentionRule, RetentionRun, Stone
from guanxi.privacy.retention import keep
from tests.cast import PASS_PHRASE, TODAY, buy, met, noon

pytestmark = pytest.mark.django_db


def erased(browser: Client, customer: Customer, **more: str) -> Any:
    told = {"reason": "asked", "typed": customer.public_id, "password": PASS_PHRASE, **more}
    return browser.post(reverse("privacy:erasure", args=[customer.pk]), told)


def test_the_preview_says_what_goes_what_stays_and_why(owners_browser: Client, owner: Staff, loyal: Customer) -> None:
    loyal.annotate_with("prefers white tea", by=owner)
    page = owners_browser.get(reverse("privacy:erasure", args=[loyal.pk])).content.decode()
    for words in (
        "This cannot be undone",
        "Notes",
        "Bookkeeping law has every sale kept",
        "Backups taken before",
        "stone",
    ):
        assert words in page
    assert "林晓" not in page


@pytest.mark.parametrize("wrong", [{"typed": "cus_0000000000000"}, {"password": "not this one"}, {"reason": ""}])
def test_nobody_is_erased_without_number_password_and_reason(
    owners_browser: Client, loyal: Customer, wrong: dict[str, str]
) -> None:
    assert erased(owners_browser, loyal, **wrong).status_code == 422
    assert not Erasure.objects.exists()


def test_an_erasure_is_begun_once_and_done_in_the_background(
    owners_browser: Client, agents_browser: Client, loyal: Customer
) -> None:
    assert erased(agents_browser, loyal).status_code == 403
    assert erased(owners_browser, loyal).status_code == 302
    assert erased(owners_browser, loyal).status_code == 302
    erasure = Erasure.objects.get()
    assert Job.objects.filter(task="guanxi.privacy.tasks.erase_person").count() == 2
    assert loyal.public_id in owners_browser.get(reverse("privacy:erasures")).content.decode()
    assert AuditEntry.objects.filter(act="erasure.begun").count() == 1
    stone = Stone.objects.create(erasure=erasure, digest="0" * 32)
    assert Stone.objects.met([stone.digest]) == {stone.digest}
    Erasure.objects.update(finished_at=timezone.now())
    assert "Let them come again" in owners_browser.get(reverse("privacy:erasures")).content.decode()
    owners_browser.post(reverse("privacy:erasure-lifting", args=[erasure.pk]))
    assert Stone.objects.met([stone.digest]) == set()


def test_the_list_of_erasures_costs_the_same_however_many(
    owners_browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    costs = []
    for _more in range(2):
        Erasure.objects.bulk_create(Erasure(customer=nth, reason=Reason.ASKED) for nth in range(5))
        with django_assert_num_queries(costs[0] if costs else 7) as asked:
            owners_browser.get(reverse("privacy:erasures"))
        costs.append(len(asked))


def test_a_rule_shows_what_it_would_reach_before_it_runs(
    owners_browser: Client, owner: Staff, tea_house: Store, loyal: Customer
) -> None:
    silent = met(tea_house, key="quiet", name="周静", phone="+8613900001234")
    place = reverse("privacy:retention-rule", args=["customers"])
    page = owners_browser.get(f"{place}?days=365").content.decode()
    assert f"/customers/{silent.public_id}/" in page
    assert loyal.public_id not in page
    assert owners_browser.post(place, {"days": "7", "is_on": "on"}).status_code == 422
    assert owners_browser.post(place, {"days": "365"}).status_code == 302
    assert keep() == 0
    owners_browser.post(place, {"days": "365", "is_on": "on"})
    assert keep() == 1
    assert (Erasure.objects.get().customer, Erasure.objects.get().reason) == (silent.pk, "retention")
    own_steps = dict(erasing.own_steps())
    assert own_steps["stones"](Erasure.objects.get()) == 0, "nobody asked for them to stay away"
    assert RetentionRun.objects.get().counts == {"customers": 1}
    assert [each.act for each in AuditEntry.objects.filter(subject="retention:customers")] == [
        "retention.decided", "retention.decided", "retention.done",
    ]  # fmt: skip


def test_each_rule_forgets_what_is_older_and_nothing_else(
    owner: Staff, tea_house: Store, lapsed: Customer, loyal: Customer, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    now, old = timezone.now(), noon(TODAY - dt.timedelta(days=800))
    device = SourceProfile.objects.create(source="site", key="device b1", is_device=True, first_seen_at=old)
    Event.objects.create(name="Page Viewed", occurred_at=old, source="site", profile=device)
    Event.objects.create(name="Page Viewed", occurred_at=now, source="site", profile=device)
    Event.objects.create(name="Order Completed", occurred_at=old, source="site")  # a guest's: business stays
    lapsed.annotate_with("old", by=owner)
    lapsed.notes.update(written_at=old)
    lapsed.events.all().delete()
    loyal.annotate_with("new", by=owner)
    batch = Import.objects.create(state=Import.State.DONE, finished_at=old)
    with Rejects.fresh(batch.folder) as rejects:
        rejects.add([{"row": 1, "column": "", "value": "x", "code": "nobody", "text": "", "cells": {}}])
    for subject in ("devices", "notes", "rejects", "buyers"):
        RetentionRule.decide(subject, days=365, is_on=True, by=owner)
    buy(loyal, tea_house, on=now.date(), goods_minor=1_000)
    assert keep() == 4
    assert list(Note.objects.values_list("text", flat=True)) == ["new"]
    assert Event.objects.filter(name="Page Viewed").count() == 1
    assert Event.objects.filter(name="Order Completed", customer=None).count() == 1
    assert not (batch.folder / "rejected.sealed").exists()
    assert Erasure.objects.get().customer == lapsed.pk


def test_the_pages_teach_where_there_is_nothing(owners_browser: Client, loyal: Customer) -> None:
    assert "Nobody was erased yet." in owners_browser.get(reverse("privacy:erasures")).content.decode()
    assert "kept for ever" in owners_browser.get(reverse("privacy:retention")).content.decode()
    assert "Never asked" in owners_browser.get(reverse("privacy:person", args=[loyal.pk])).content.decode()
    assert "No proof is kept" in owners_browser.get(reverse("privacy:proofs", args=[loyal.pk])).content.decode()
    assert owners_browser.get(reverse("privacy:retention-rule", args=["weather"])).status_code == 404
    panel = owners_browser.get(reverse("privacy:panel", args=[loyal.pk])).content.decode()
    assert reverse("privacy:erasure", args=[loyal.pk]) in panel
