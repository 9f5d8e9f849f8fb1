"""The shop's own fields in customer files: mapped, checked, written, taken back."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, CustomerValue
from guanxi.customers.own import SHELF
from guanxi.identity.merging import merge, unmerge
from guanxi.ingest import own_values
from guanxi.ingest.begin import guessed
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.undo import undo
from guanxi.shop import kinds
from guanxi.shop.models import CustomField, Kind
from tests.identity.people import person
from tests.ingest.shop import imported, mapped, write
from tests.shop.conftest import Declare, declare, taste

__all__ = ["declare", "taste"]
pytestmark = pytest.mark.django_db(transaction=True)
TEXT = 'customer_external_id = "id"\nfull_name = "name"\n"own.taste" = "口味"\n"own.gifts" = "gifts"\n'
HEADER = "id,name,口味,gifts"


def people(folder: Path, *rows: str, name: str = "people.csv") -> Any:
    return imported(
        write(folder, *rows, header=HEADER, name=name),
        preset="generic",
        mapping=mapped(folder, TEXT),
        subject="customers",
    )


@pytest.fixture
def gifts(declare: Declare) -> CustomField:
    return declare("gifts", Kind.WHOLE)


def said(name: str, field: CustomField) -> list[str]:
    return SHELF.text(Customer.objects.get(name=name), field)


def test_headers_of_own_fields_are_recognised(taste: CustomField) -> None:
    assert guessed(["id", "own.taste"], "customers")["own.taste"] == "own.taste"
    assert guessed(["id", "Taste"], "customers")["own.taste"] == "Taste"
    assert "own.taste" not in guessed(["id", "Taste"], "orders")


def test_a_file_fills_in_own_fields_once(tmp_path: Path, taste: CustomField, gifts: CustomField) -> None:
    rows = ("7,林晓,甜润；花香,3", "8,Ada,,")
    first, again = people(tmp_path, *rows), people(tmp_path, *rows)
    assert (said("林晓", taste), said("林晓", gifts), said("Ada", taste)) == (["floral", "sweet"], ["3"], [])
    assert (first.counts["customers_new"], again.counts.get("customers_changed", 0)) == (2, 0)
    assert CustomerValue.objects.count() == 3


def test_a_value_that_does_not_fit_rejects_its_row_alone(
    tmp_path: Path, taste: CustomField, gifts: CustomField
) -> None:
    batch = people(tmp_path, "7,林晓,苦,3", "8,Ada,甜润,many", "9,Zhou,甜润,2")
    told = [(each["row"], each["column"], each["code"]) for each in Rejects.of(batch.folder)]
    assert told == [(2, "口味", "unfit"), (3, "gifts", "unfit")]
    assert list(Customer.objects.values_list("name", flat=True)) == ["Zhou"]


def test_what_a_person_wrote_stays_and_what_a_file_wrote_changes(
    tmp_path: Path, taste: CustomField, gifts: CustomField, owner: Staff
) -> None:
    people(tmp_path, "7,林晓,甜润,3")
    SHELF.write(Customer.objects.get(), gifts, ["9"], by=owner)
    batch = people(tmp_path, "7,林晓,花香,4", name="again.csv")
    assert (said("林晓", taste), said("林晓", gifts)) == (["floral"], ["9"])
    assert batch.counts["customers_changed"] == 1


def test_an_import_taken_back_gives_former_values_back(tmp_path: Path, taste: CustomField, gifts: CustomField) -> None:
    people(tmp_path, "7,林晓,甜润,3")
    batch = people(tmp_path, "7,林晓,花香,4", name="again.csv")
    undo(batch)
    assert (said("林晓", taste), said("林晓", gifts)) == (["sweet"], ["3"])


def test_an_import_taken_back_whole_leaves_no_values(tmp_path: Path, taste: CustomField, gifts: CustomField) -> None:
    undo(people(tmp_path, "7,林晓,甜润,3"))
    assert (CustomerValue.objects.count(), Customer.objects.count()) == (0, 0)


def test_what_somebody_changed_since_stays_when_an_import_is_taken_back(
    tmp_path: Path, taste: CustomField, gifts: CustomField, owner: Staff
) -> None:
    batch = people(tmp_path, "7,林晓,甜润,3")
    SHELF.write(Customer.objects.get(), gifts, ["9"], by=owner)
    undo(batch)
    assert said("林晓", gifts) == ["9"]


def test_personal_values_are_sealed_and_a_masked_one_is_never_read_back(
    tmp_path: Path, declare: Declare, gifts: CustomField
) -> None:
    passport = declare("taste", is_personal=True)
    people(tmp_path, "7,林晓,E12345678,3")
    row = CustomerValue.objects.get(field=passport)
    assert (row.word, said("林晓", passport)) == (None, ["E12345678"])
    people(tmp_path, "7,林晓,E***,3", name="again.csv")
    assert said("林晓", passport) == ["E12345678"]


def test_what_a_merged_identity_said_comes_back_with_it_when_a_file_said_otherwise_meanwhile(
    declare: Declare, agent: Staff
) -> None:
    secret = declare("secret", Kind.TEXT, "customer", is_personal=True)
    plain = declare("plain", Kind.TEXT, "customer")
    lin, chen = person(1), person(2)

    def file_says(customer: Customer, word: str, number: int) -> own_values.Written:
        told = {f"own.{each.name}": kinds.read(each, [word]) for each in (secret, plain)}
        return own_values.write("customers", {customer.pk: told}, import_id=number)

    def words(customer: Customer) -> list[list[str]]:
        return [SHELF.text(customer, each) for each in (secret, plain)]

    file_says(lin, "lin", 1)
    file_says(chen, "chen", 2)
    (act,) = merge([lin.pk, chen.pk], by=agent)
    assert words(lin) == [["chen"], ["chen"]], "the newest"
    told = file_says(lin, "both", 3)
    assert words(lin) == [["both"], ["both"]]
    with transaction.atomic():
        for log in told.former:
            assert own_values.put_back("customers", log, import_id=3)
        assert words(lin) == [["chen"], ["chen"]]
        unmerge(act, by=agent)
        assert (words(lin), words(chen)) == ([["lin"], ["lin"]], [["chen"], ["chen"]])
        transaction.set_rollback(True)
    unmerge(act, by=agent)
    assert (words(lin), words(chen)) == ([["both"], ["both"]], [["chen"], ["chen"]])
    for log in told.former:
        assert own_values.put_back("customers", log, import_id=3)
    assert (words(lin), words(chen)) == ([["lin"], ["lin"]], [["chen"], ["chen"]])
