"""Customer files: found by the same identifiers as in orders, what people wrote by hand stays."""

from pathlib import Path

import pytest

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.undo import undo
from tests.ingest.shop import imported, mapped, write

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = (
    'customer_external_id = "id"\nfull_name = "name"\nphone = "tel"\nemail = "mail"\nbirthday = "born"\ncity = "city"\n'
)
HEADER = "id,name,tel,mail,born,city"
ROWS = (
    "7,林晓,13812345678,lin@example.com,1988-03-14,杭州",
    "8,Ada,,ada@example.com,1990-01-02,London",
    ",nobody,138****5678,,,",
)


def people(folder: Path, *rows: str, name: str = "people.csv") -> object:
    return imported(
        write(folder, *rows, header=HEADER, name=name),
        preset="generic",
        mapping=mapped(folder, TEXT),
        subject="customers",
    )


def test_people_come_in_once(tmp_path: Path) -> None:
    first, again = people(tmp_path, *ROWS), people(tmp_path, *ROWS)
    assert (first.counts["customers_new"], first.counts["rejected"]) == (2, 1)
    assert (again.counts["customers_new"], again.counts.get("customers_changed", 0), again.counts["duplicates"]) == (
        0,
        0,
        2,
    )
    lin = Customer.objects.get(name="林晓")
    assert (str(lin.birthday), lin.city) == ("1988-03-14", "杭州")


def test_who_cannot_be_recognised_is_rejected(tmp_path: Path) -> None:
    (reject,) = Rejects.of(people(tmp_path, *ROWS).folder)
    assert (reject["row"], reject["code"]) == (4, "nobody")


def test_phones_and_mails_are_sealed_and_still_found(tmp_path: Path) -> None:
    people(tmp_path, *ROWS)
    phone = Identifier.objects.get(kind="phone")
    assert phone.value == ""
    assert b"13812345678" not in bytes(phone.sealed or b"")
    assert phone.plain == "+8613812345678"


def test_a_file_changes_what_a_file_wrote_and_an_undo_gives_it_back(tmp_path: Path) -> None:
    people(tmp_path, *ROWS)
    moved = people(tmp_path, ROWS[0].replace("杭州", "苏州"), name="moved.csv")
    assert Customer.objects.get(name="林晓").city == "苏州"
    undo(moved)
    assert Customer.objects.get(name="林晓").city == "杭州"


def test_what_a_person_wrote_stays(tmp_path: Path) -> None:
    people(tmp_path, *ROWS)
    Customer.objects.filter(name="林晓").update(city="绍兴", country="", import_id=None)
    people(tmp_path, ROWS[0].replace("杭州", "苏州"), name="moved.csv")
    assert Customer.objects.get(name="林晓").city == "绍兴"


def test_an_undo_parts_again_whom_the_import_made_one(tmp_path: Path) -> None:
    people(tmp_path, "7,林晓,13812345678,,,杭州", "8,Lin,,lin@example.com,,London")
    one, two = Customer.objects.order_by("pk")
    both = people(tmp_path, "9,林,13812345678,lin@example.com,,", "8,Lin Xiao,13812345678,,,Bath", name="both.csv")
    assert Customer.objects.get(survivor=None) == one
    assert set(SourceProfile.objects.values_list("customer", flat=True)) == {one.pk}
    undo(both)
    assert [(each.pk, each.name, each.city) for each in Customer.objects.filter(survivor=None).order_by("pk")] == [
        (one.pk, "林晓", "杭州"),
        (two.pk, "Lin", "London"),
    ]
    assert SourceProfile.objects.count() == 2
    assert Identifier.objects.filter(kind="phone").count() == 1


def test_who_joined_a_customer_of_an_import_stays_theirs_after_its_undo(tmp_path: Path) -> None:
    first = people(tmp_path, "7,林晓,13812345678,,,杭州")
    people(tmp_path, "9,林,13812345678,,,", name="later.csv")
    undo(first)
    profile = SourceProfile.objects.get()
    assert (profile.key, profile.home_id) == ("9", profile.customer_id)
