"""Nothing of an erased person is left: not in a table, not in the database's file, not in any file of the home."""

import datetime as dt
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from guanxi.accounts import chain
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.heartbeat import Heartbeat
from guanxi.customers.models import Customer, SourceProfile
from guanxi.guard.models import PersonKey
from guanxi.ingest.models import Import, ImportChange
from guanxi.orders.models import Order, Store
from guanxi.privacy.erasing import erase
from guanxi.privacy.models import Erasure, NotErasable, Reason, Stone
from guanxi.warehouse import sync
from tests.cast import TODAY, buy, met
from tests.ingest.shop import imported, mapped, write
from tests.privacy import canary
from tests.privacy.search import found

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 20 if os.environ.get("GUANXI_TORTURE") else 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of its own, whose lake waits for no reader."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.LAKE = str(tmp_path / "home" / "lake")
    settings.LAKE_GRACE_SECONDS = 0
    return settings.HOME


def test_nothing_of_an_erased_person_is_found_anywhere(
    tmp_path: Path, tea_house: Store, owners_browser: Client, owner: Staff
) -> None:
    other = met(tea_house, key="ada", name="Ada Stays", email="ada@example.com")
    buy(other, tea_house, on=TODAY, goods_minor=9_900)
    customer = canary.lived(tmp_path, owners_browser, owner)
    chain.seal_new()
    before = found(canary.WORDS)
    sealed = {"note", "proof", "recipient", "recipient phone", "address", "secret", "phone", "mail"}
    assert set(canary.WORDS) - set(before) <= sealed - {"note", "phone", "mail"}, "the search has to find what is there"
    sales = sum(Order.objects.values_list("net_minor", flat=True))

    erasure = Erasure.ask(customer.pk, reason=Reason.ASKED, by=owner)
    assert erase(erasure), erasure.waits_for
    after = found({name: word for name, word in canary.WORDS.items() if name not in canary.NOT_THEIRS})
    assert after == {}
    assert sum(Order.objects.values_list("net_minor", flat=True)) == sales
    assert set(Order.objects.filter(number__startswith="A-").values_list("customer", "profile")) == {(None, None)}
    assert Customer.objects.get().name == "Ada Stays"
    assert not PersonKey.objects.filter(person=customer.pk).exists()
    chain.seal_new()
    assert chain.verify().waiting == 0
    assert found({"somebody else": "Ada Stays"}), "others stay"
