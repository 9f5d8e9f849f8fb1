"""Nothing of an erased person is left: not in a table, not in the database's file, not in any file of the home."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from guanxi.accounts import chain
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, Note, SourceProfile
from guanxi.guard.models import PersonKey
from guanxi.identity.models import Apart, Merge
from guanxi.identity.moving import rehome
from guanxi.ingest.models import Import
from guanxi.orders.models import Order, Store
from guanxi.privacy import erasing
from guanxi.privacy.erasing import AT_ONCE, erase, erase_each
from guanxi.privacy.models import Erasure, NotErasable, Reason, Stone
from guanxi.warehouse import sync
from tests.cast import TODAY, buy, met, noon
from tests.ingest.shop import imported, mapped, write
from tests.privacy import canary
from tests.privacy.search import found
from tests.web.process import environment

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 20 if os.environ.get("GUANXI_TORTURE") else 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, whose lake waits for no reader, and the book's file, large with other tests, for no night."""
    monkeypatch.setattr(erasing, "SMALL_BYTES", sys.maxsize)
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
    sealed = {"city", "note", "proof", "recipient", "recipient phone", "address", "secret", "phone", "mail"}
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


def test_the_file_of_the_book_keeps_no_copy_where_rows_were_shared_out_anew(tea_house: Store, owner: Staff) -> None:
    chance = random.Random(7)
    people = [met(tea_house, key=f"k{nth}", name=f"Qzshared{nth:03}") for nth in range(45)]
    whose = [each for each in people for _note in range(40)]
    chance.shuffle(whose)
    texts = (f"qzshared{each.pk} " + "x" * chance.randrange(5, 300) for each in whose)
    Note.objects.bulk_create(Note(customer=each, text=text, by=owner) for each, text in zip(whose, texts, strict=True))
    for each in people[30:]:
        Note.objects.filter(customer=each).update(text="y" * 400)
    gone = people[:15]
    assert erase_each([Erasure.ask(each.pk, reason=Reason.ASKED) for each in gone]) == 15
    assert found({f"note {each.pk}": f"qzshared{each.pk} " for each in gone}) == {}


def eraser(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.privacy.eraser", *map(str, arguments)],
        env={**environment(home), "GUANXI_LAKE_GRACE_SECONDS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def a_person(store: Store, key: str, by: Staff) -> Customer:
    """Somebody with a little of everything, in the lake too."""
    customer = met(store, key=f"qz{key}", name=f"Qzname{key}", phone=f"+8618912{key:>06}", email=f"qz{key}@example.com")
    buy(customer, store, on=TODAY, goods_minor=1_000)
    customer.annotate_with(f"qznote{key}", by=by)
    customer.opt_in("sms", source="paper", by=by)
    for nth in range(AT_ONCE + 50):
        customer.record("Product Viewed", sku=f"qzsku{key}{nth}")
    return customer


@pytest.mark.crash
def test_an_erasure_killed_at_any_statement_goes_on_and_ends_the_same(
    home: Path, tea_house: Store, owner: Staff
) -> None:
    people = [a_person(tea_house, str(100_001 + nth), owner) for nth in range(2)]
    sync.fold()
    whole, killed = (Erasure.ask(each.pk, reason=Reason.ASKED, by=owner) for each in people)
    told = eraser(home, whole.pk)
    assert told.stdout.startswith("True"), told.stderr
    statements, chance = int(told.stdout.split()[1]), random.Random()
    for last in sorted(chance.randrange(2, statements) for _kill in range(KILLS)):
        assert eraser(home, killed.pk, last).returncode in {0, 9}, f"killed at {last} of {statements}"
    assert eraser(home, killed.pk).stdout.startswith("True")
    for each in (whole, killed):
        each.refresh_from_db()
        assert each.finished_at
    assert whole.done == killed.done
    assert found({"name": "qzname", "note": "qznote", "event": "qzsku", "phone": "18912100", "mail": "qz100"}) == {}
    assert list(Customer.objects.all()) == []
    assert Order.objects.count() == 2
    assert AuditEntry.objects.filter(act="erasure.done").count() == 2


def test_whoever_was_merged_goes_with_the_survivor(tea_house: Store, owner: Staff) -> None:
    survivor, other = (met(tea_house, key=key, name=f"Qz{key}", phone=f"+86189000011{key}") for key in ("21", "22"))
    merge = Merge.write("merged", survivor=survivor.pk, other=other, rule="by hand", evidence="qzevidence")
    moved = SourceProfile.objects.get(customer=other)
    rehome({moved.pk: survivor.pk}, merge=merge)
    third = met(tea_house, key="23", name="Stays", phone="+8618900001123")
    Apart.objects.keep([(moved.pk, SourceProfile.objects.get(customer=third).pk)], merge=merge)
    erasure = Erasure.ask(other.pk, reason=Reason.LAW, by=owner)
    assert erasure.people == [survivor.pk, other.pk]
    assert Erasure.ask(other.pk, reason=Reason.ASKED, by=owner) == erasure
    assert erase(erasure)
    assert list(Customer.objects.all()) == [third]
    assert SourceProfile.objects.count() == 1
    assert not Merge.objects.exists()
    with pytest.raises(NotErasable):
        Erasure.ask(other.pk, reason=Reason.ASKED, by=owner)


def test_a_file_does_not_bring_an_erased_person_back(tmp_path: Path, tea_house: Store, owner: Staff) -> None:
    def brought_in(name: str) -> Import:
        header = "no,day,sum,id,name,tel"
        rows = ("B-1,2024-11-01,120,77,Qzcomesagain,18912340987", "B-2,2024-11-02,80,78,Stays,18912340988")
        text = canary.ORDERS.split("province", 1)[0] + 'currency = "CNY"\n[store]\ncode = "tea"\n'
        return imported(
            write(tmp_path, *rows, header=header, name=name), preset="generic", mapping=mapped(tmp_path, text)
        )

    brought_in("first.csv")
    erase(Erasure.ask(Customer.objects.get(name="Qzcomesagain").pk, reason=Reason.ASKED, by=owner))
    Order.objects.filter(number="B-1").delete()
    brought_in("again.csv")
    assert list(Customer.objects.values_list("name", flat=True)) == ["Stays"]
    assert Order.objects.get(number="B-1").customer is None
    assert {stone.met > 0 for stone in Stone.objects.all()} == {True}
    assert found({"name": "qzcomesagain", "phone": "18912340987"}) == {}
    Stone.objects.all().update(lifted_at=noon(TODAY))
    Order.objects.filter(number="B-1").delete()
    brought_in("third.csv")
    assert Customer.objects.filter(name="Qzcomesagain").exists()


def test_an_erasure_waits_for_an_import_at_work_and_for_readers_of_the_lake(
    tea_house: Store, owner: Staff, settings: Any
) -> None:
    customer = met(tea_house, key="31", name="Qzwaits", phone="+8618900001131")
    sync.fold()
    batch = Import.objects.create(by=owner, state=Import.State.RUNNING)
    erasure = Erasure.ask(customer.pk, reason=Reason.ASKED, by=owner)
    assert not erase(erasure)
    assert "import is at work" in erasure.waits_for
    Import.objects.filter(pk=batch.pk).update(state=Import.State.DONE)
    settings.LAKE_GRACE_SECONDS = 3_600
    assert not erase(erasure)
    assert "files of the lake" in erasure.waits_for
    assert not Customer.objects.exists()
    settings.LAKE_GRACE_SECONDS = 0
    assert erase(erasure)


def test_the_command_erases_at_once_and_goes_on_where_one_was_cut_short(
    tea_house: Store, owner: Staff, capsys: Any, settings: Any
) -> None:
    settings.LAKE_GRACE_SECONDS = 3_600
    customer = met(tea_house, key="41", name="Qzcommand", phone="+8618900001141")
    sync.fold()
    assert not erase(Erasure.ask(customer.pk, reason=Reason.ASKED))
    call_command("customers", "erase", customer.public_id, "--yes", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["customer"], told["is_over"]) == (customer.public_id, True)
    assert found({"name": "qzcommand", "phone": "18900001141"}) == {}
    with pytest.raises(NotErasable, match="There is no customer"):
        call_command("customers", "erase", customer.public_id, "--yes")
