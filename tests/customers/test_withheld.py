"""Many customers in the clear leave only after a second person agreed."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.customers import reveal
from guanxi.customers.models import Customer, PlainExport
from guanxi.orders.models import Store
from tests.cast import PASS_PHRASE, hired, met

Crowd = Callable[[int], list[Customer]]
PAGE = "/customers/export/plainly/asked/"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reveal, "MOST_PLAIN", 1)


@pytest.fixture
def people(tea_house: Store) -> list[Customer]:
    return [met(tea_house, key=f"lin-{nth}", name="林晓", phone=f"+861830000280{nth}") for nth in range(3)]


def browser(staff: Staff) -> Client:
    """Somebody who gave their password a moment ago."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff)
    client.post(reverse("confirm"), {"password": PASS_PHRASE})
    return client


def asked(client: Client, query: str = "q=林晓") -> PlainExport:
    sent = {"reason": "delivery", "words": "parcels came back", "fields_asked": ["phone"]}
    assert client.post(f"/customers/export/plainly/?{query}", sent)["Location"] == PAGE
    return PlainExport.objects.latest("pk")


def done(client: Client, export: PlainExport, verb: str) -> Any:
    return client.post(reverse(f"customers:withheld-{verb}", args=[export.pk]))


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


@pytest.fixture
def second(owner: Staff) -> Staff:
    return hired("an", "An", Role.OWNER)


def test_a_second_person_agrees_and_the_file_leaves_once(people: list[Customer], owner: Staff, second: Staff) -> None:
    mine, theirs = browser(owner), browser(second)
    export = asked(mine)
    assert not AuditEntry.objects.accesses().exists()
    assert done(mine, export, "file").status_code == 302
    assert "parcels came back" in theirs.get(PAGE).content.decode()
    done(theirs, export, "agreement")
    assert done(theirs, export, "file").status_code == 302
    taken = rows(done(mine, export, "file"))
    assert sorted(row["phone"] for row in taken) == [f"'+861830000280{nth}" for nth in range(3)]
    assert {row["full_name"] for row in taken} == {"林**"}
    assert done(mine, export, "file").status_code == 302
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.by, entry.why) == ("customers.plainly.exported", owner, "delivery: parcels came back")
    acts = AuditEntry.objects.filter(act__startswith="plainexport").order_by("pk").values_list("act", "by")
    assert list(acts) == [("plainexport.asked", owner.pk), ("plainexport.agreed", second.pk)]


def test_whoever_asks_does_not_agree_where_somebody_else_can(
    people: list[Customer], owner: Staff, second: Staff
) -> None:
    mine = browser(owner)
    export = asked(mine)
    PlainExport.objects.update(asked_at=timezone.now() - dt.timedelta(hours=2))
    assert reverse("customers:withheld-agreement", args=[export.pk]) not in mine.get(PAGE).content.decode()
    done(mine, export, "agreement")
    assert done(mine, export, "file").status_code == 302
    assert not AuditEntry.objects.accesses().exists()


def test_where_there_is_nobody_else_an_hour_has_to_pass(people: list[Customer], owner: Staff, agent: Staff) -> None:
    mine = browser(owner)
    export = asked(mine)
    done(mine, export, "agreement")
    assert done(mine, export, "file").status_code == 302
    PlainExport.objects.update(asked_at=timezone.now() - dt.timedelta(minutes=61))
    done(mine, export, "agreement")
    assert len(rows(done(mine, export, "file"))) == 3


def test_to_agree_takes_the_password(people: list[Customer], owner: Staff, second: Staff) -> None:
    export, theirs = asked(browser(owner)), Client()
    theirs.force_login(second)
    assert done(theirs, export, "agreement")["Location"].startswith(reverse("confirm"))
    assert PlainExport.objects.waiting().exists()


def test_what_was_refused_or_is_over_does_not_leave(people: list[Customer], owner: Staff, second: Staff) -> None:
    mine, theirs = browser(owner), browser(second)
    refused, late = asked(mine), asked(mine)
    done(theirs, refused, "refusal")
    done(theirs, refused, "agreement")
    done(theirs, late, "agreement")
    PlainExport.objects.filter(pk=late.pk).update(decided_at=timezone.now() - dt.timedelta(hours=25))
    assert [done(mine, each, "file").status_code for each in (refused, late)] == [302, 302]
    assert not AuditEntry.objects.accesses().exists()


def test_who_comes_after_the_question_is_not_in_the_file(
    people: list[Customer], owner: Staff, second: Staff, tea_house: Store
) -> None:
    export = asked(browser(owner))
    met(tea_house, key="late", name="林晓", phone="+8618300002899")
    done(browser(second), export, "agreement")
    assert len(rows(done(browser(owner), export, "file"))) == 3


def test_what_is_searched_for_stands_nowhere_in_the_clear(people: list[Customer], owner: Staff, second: Staff) -> None:
    export = asked(browser(owner))
    assert "林".encode() not in bytes(export.selection)
    assert "林" not in str(AuditEntry.objects.filter(act="plainexport.asked").get().told)


def test_a_field_that_was_taken_from_the_role_meanwhile_leaves_masked(
    people: list[Customer], owner: Staff, agent: Staff
) -> None:
    RoleRules.change(Role.AGENT, {"personal.export": True}, by=owner)
    export = asked(browser(agent))
    done(browser(owner), export, "agreement")
    RoleRules.change(Role.AGENT, {"personal.phone.reveal": False}, by=owner)
    assert {row["phone"] for row in rows(done(browser(agent), export, "file"))} == {
        "183****2800", "183****2801", "183****2802",
    }  # fmt: skip


def test_the_others_are_told_on_their_home_page(people: list[Customer], owner: Staff, second: Staff) -> None:
    asked(browser(owner))
    assert "1 file in the clear to agree to" in browser(second).get(reverse("home-queues")).content.decode()
    assert "to agree to" not in browser(owner).get(reverse("home-queues")).content.decode()


def test_the_page_asks_the_same_of_the_book_however_many_files(
    people: list[Customer], owner: Staff, second: Staff, django_assert_num_queries: Any
) -> None:
    mine = browser(owner)
    for count in (1, 4):
        for _ in range(count):
            asked(mine)
        mine.get(PAGE)
        with django_assert_num_queries(9):
            mine.get(PAGE)
