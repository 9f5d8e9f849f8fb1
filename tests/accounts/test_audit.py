"""The audit trail: what an entry holds, that none is changed unseen, and what erasing a person leaves."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from guanxi.accounts import chain
from guanxi.accounts.models import AppendOnly, AuditEntry, Staff
from guanxi.customers.models import Customer
from guanxi.guard.models import PersonKey
from guanxi.pages import chart_file
from tests.pages.test_charts import sales

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_end_from_before() -> None:
    chain._end().unlink(missing_ok=True)


def entries(count: int, by: Staff) -> list[AuditEntry]:
    return [AuditEntry.write("staff.invited", by=by, on=by, changes={"nth": (None, nth)}) for nth in range(count)]


def tampered(statement: str, *values: object) -> None:
    """Do what somebody does who holds the file of the book."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set constraints all immediate")  # what waits for the commit forbids what follows
            cursor.execute("alter table accounts_auditentry disable trigger user")
            cursor.execute(statement, values)
            cursor.execute("alter table accounts_auditentry enable trigger user")
            return
        cursor.execute("select name, sql from sqlite_master where type = 'trigger' and name like 'audit_no_%%'")
        guards = cursor.fetchall()
        assert len(guards) == 2
        for name, _ in guards:
            cursor.execute(f"drop trigger {name}")
        cursor.execute(statement, values)
        for _, guard in guards:
            cursor.execute(guard)


def test_an_entry_says_who_did_what_to_what_from_where_and_why(owner: Staff) -> None:
    owner.address = "10.0.0.7"
    entry = AuditEntry.write(
        "role.changed", by=owner, on="role:agent", changes={"a": (1, 2), "b": (3, 3)}, why="season"
    )
    read = AuditEntry.objects.get(pk=entry.pk)
    assert (read.by, read.act, read.subject, read.address) == (owner, "role.changed", "role:agent", "10.0.0.7")
    assert read.told == {"why": "season", "changes": {"a": [1, 2]}}
    assert not read.is_lost


def test_an_entry_is_neither_changed_nor_removed(owner: Staff) -> None:
    entry = entries(1, owner)[0]
    for wrong in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(act="x"),
    ):
        with pytest.raises(AppendOnly):
            wrong()
    chain.seal_new()
    for statement in ("update accounts_auditentry set act = 'x'", "delete from accounts_auditentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AuditEntry.objects.get().act == "staff.invited"


def test_a_whole_trail_is_found_whole(owner: Staff) -> None:
    entries(chain.AT_ONCE + 3, owner)
    assert chain.seal_new() == chain.AT_ONCE + 3
    entries(2, owner)
    checked = chain.verify()
    assert (checked.entries, checked.waiting) == (chain.AT_ONCE + 3, 2)
    assert chain.seal_new() == 2
    assert chain.verify().entries == chain.AT_ONCE + 5


@pytest.mark.parametrize(
    "change", ["by_id = null", "act = 'x'", "why = 'x'", "changes = ''", "address = '10.9.9.9'", "subject = 'staff:0'"]
)
def test_a_changed_entry_is_named(owner: Staff, change: str) -> None:
    mine = entries(9, owner)
    chain.seal_new()
    tampered(f"update accounts_auditentry set {change} where id = %s", mine[4].pk)
    with pytest.raises(chain.ChainBroken, match=f"Entry {mine[4].pk} of the audit trail was changed"):
        chain.verify()


def test_a_removed_entry_is_missed(owner: Staff) -> None:
    mine = entries(9, owner)
    chain.seal_new()
    tampered("delete from accounts_auditentry where id = %s", mine[4].pk)
    with pytest.raises(chain.ChainBroken, match=f"place 5 of the audit trail is missing; {mine[5].pk} follows"):
        chain.verify()


@pytest.mark.django_db(transaction=True)
def test_an_end_that_was_cut_off_is_missed(owner: Staff) -> None:
    mine = entries(9, owner)
    chain.seal_new()
    assert chain.verify().entries == 9
    kept = list(AuditEntry.objects.values())
    tampered("delete from accounts_auditentry where id > %s", mine[6].pk)
    with pytest.raises(chain.ChainBroken, match="places 8 to 9"):
        chain.verify()
    assert len(kept) == 9
    tampered("delete from accounts_auditentry where id > 0")


def test_what_is_said_of_a_person_is_sealed_under_their_key_and_lost_with_it(owner: Staff, loyal: Customer) -> None:
    entry = AuditEntry.write(
        "customer.corrected", by=owner, on=loyal, changes={"name": ("林晓", "林小晓")}, why="她说的"
    )
    row = str(list(AuditEntry.objects.filter(pk=entry.pk).values()))
    assert "林" not in row
    assert "她" not in row
    assert AuditEntry.objects.get(pk=entry.pk).told == {"why": "她说的", "changes": {"name": ["林晓", "林小晓"]}}
    chain.seal_new()
    assert PersonKey.objects.destroy([loyal.pk]) == 1
    [read] = AuditEntry.objects.opened(AuditEntry.objects.filter(pk=entry.pk))
    assert read.told == {"why": "", "changes": {}}
    assert read.is_lost
    assert chain.verify().entries >= 1


def test_what_was_sealed_for_one_person_does_not_open_for_another(
    owner: Staff, loyal: Customer, lapsed: Customer
) -> None:
    entry = AuditEntry.write("customer.corrected", by=owner, on=loyal, changes={"name": ("a", "b")})
    entry.open_with(PersonKey.objects.of(lapsed.pk))
    assert entry.is_lost


def test_opening_a_page_of_entries_asks_for_all_keys_at_once(
    owner: Staff, loyal: Customer, lapsed: Customer, django_assert_num_queries
) -> None:
    for customer in (loyal, lapsed) * 3:
        AuditEntry.write("customer.corrected", by=owner, on=customer, changes={"city": ("", "杭州")})
    with django_assert_num_queries(2):
        opened = AuditEntry.objects.opened(AuditEntry.objects.filter(person__isnull=False))
        assert all(entry.told["changes"] for entry in opened)
    assert len(opened) >= 6


def test_accesses_are_told_from_changes(owner: Staff) -> None:
    AuditEntry.write("customers.exported", by=owner)
    AuditEntry.write("customer.revealed", by=owner)
    AuditEntry.write("staff.signed_in", by=owner)
    AuditEntry.write("role.changed", by=owner)
    assert {entry.act for entry in AuditEntry.objects.accesses()} == {"customers.exported", "customer.revealed"}


def test_that_the_figures_of_a_chart_left_is_found_in_the_access_log(owners_browser: Client, owner: Staff) -> None:
    sent = {"chart": chart_file.seal(sales()), "form": "csv"}
    assert owners_browser.post("/charts/file/", {**sent, "form": "exe"}).status_code == 404
    assert not AuditEntry.objects.exists()
    assert owners_browser.post("/charts/file/", sent).status_code == 200
    entry = AuditEntry.objects.accesses().get()
    assert (entry.act, entry.subject, entry.by) == ("chart.exported", "chart:sales", owner)
    assert "Exported the figures of a chart" in owners_browser.get("/settings/access/").content.decode()
