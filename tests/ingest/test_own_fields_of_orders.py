"""The shop's own fields in order files: mapped, checked, tried out, written, taken back."""

from pathlib import Path
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.ingest.begin import begin, guessed
from guanxi.ingest.dry_run import dry_run
from guanxi.ingest.presets import BadMapping
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.undo import undo
from guanxi.orders.models import Order, OrderValue
from guanxi.orders.own import SHELF
from guanxi.shop.models import CustomField, Kind
from tests.ingest.shop import MAPPING, imported, mapped, write
from tests.shop.conftest import Declare, declare

__all__ = ["declare"]
pytestmark = pytest.mark.django_db(transaction=True)
OWN = '"own.wrap" = "wrapping"\n"own.cups" = "cups"\n'
HEADER = "no,day,sum,who,sku,wrapping,cups"
FIRST = ("A-1,2024-11-11 20:00,100,7,X,sweet;floral,3", "A-1,2024-11-11 20:00,100,7,Y,,")


@pytest.fixture(autouse=True)
def wrap(declare: Declare) -> CustomField:
    return declare("wrap", Kind.CHOICES, "order")


@pytest.fixture(autouse=True)
def cups(declare: Declare) -> CustomField:
    return declare("cups", Kind.WHOLE, "order")


def mapping(folder: Path, own: str = OWN) -> Path:
    return mapped(folder, f'sku = "sku"\n{own}{MAPPING}')


def orders(folder: Path, *rows: str, name: str = "orders.csv", own: str = OWN) -> Any:
    return imported(
        write(folder, *rows, header=HEADER, name=name), preset="generic", mapping=mapping(folder, own), store="tea"
    )


def tried(folder: Path, *rows: str) -> Any:
    batch = begin([write(folder, *rows, header=HEADER)], mapping=mapping(folder), store="tea")
    return dry_run(batch)


def said(field: CustomField, number: str = "A-1") -> list[str]:
    return SHELF.text(Order.objects.get(number=number), field)


def test_headers_of_own_fields_are_recognised_in_the_files_of_their_subject_alone(declare: Declare) -> None:
    declare("taste", Kind.TEXT)
    assert guessed(["no", "own.wrap", "Cups", "taste"], "orders").items() >= {
        "own.wrap": "own.wrap", "own.cups": "Cups",
    }.items()  # fmt: skip
    assert "own.taste" not in guessed(["no", "taste"], "orders")
    assert "own.wrap" not in guessed(["id", "wrap"], "customers")


def test_a_field_of_customers_and_one_of_orders_may_have_one_name(
    tmp_path: Path, declare: Declare, wrap: CustomField
) -> None:
    declare("cups", Kind.TEXT)
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,,many")
    assert not Order.objects.exists()
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,,4", name="mended.csv")
    assert OrderValue.objects.get().number == 4


def test_a_file_fills_in_own_fields_once(tmp_path: Path, wrap: CustomField, cups: CustomField) -> None:
    first, again = orders(tmp_path, *FIRST), orders(tmp_path, *FIRST)
    assert (said(wrap), said(cups)) == (["floral", "sweet"], ["3"])
    assert (first.counts["orders_new"], again.counts.get("orders_changed", 0)) == (1, 0)
    assert OrderValue.objects.count() == 3


def test_of_several_rows_of_an_order_the_first_that_says_something_counts(tmp_path: Path, cups: CustomField) -> None:
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,,", "A-1,2024-11-11 20:00,100,7,Y,,5")
    assert said(cups) == ["5"]


def test_a_value_that_does_not_fit_rejects_its_row_alone(tmp_path: Path) -> None:
    batch = orders(
        tmp_path, "A-1,2024-11-11 20:00,100,7,X,bitter,3", "A-2,2024-11-11 20:00,100,7,X,sweet,many",
        "A-3,2024-11-11 20:00,100,7,X,sweet,2",
    )  # fmt: skip
    told = [(each["row"], each["column"], each["code"]) for each in Rejects.of(batch.folder)]
    assert told == [(2, "wrapping", "unfit"), (3, "cups", "unfit")]
    assert list(Order.objects.values_list("number", flat=True)) == ["A-3"]


def test_a_dry_run_says_what_would_change_and_writes_nothing(tmp_path: Path, cups: CustomField) -> None:
    orders(tmp_path, *FIRST)
    batch = tried(tmp_path, "A-1,2024-11-11 20:00,100,7,X,sweet;floral,4", "A-1,2024-11-11 20:00,100,7,Y,,")
    assert batch.report["shown"]["changed"][0]["changes"] == [{"field": "own.cups", "now": "3", "after": "4"}]
    assert (batch.counts["orders_changed"], said(cups)) == (1, ["3"])
    assert tried(tmp_path, *FIRST).counts["documents_same"] == 1


def test_what_a_person_wrote_stays_and_what_a_file_wrote_changes(
    tmp_path: Path, wrap: CustomField, cups: CustomField, owner: Staff
) -> None:
    orders(tmp_path, *FIRST)
    SHELF.write(Order.objects.get(), cups, ["9"], by=owner)
    batch = orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,roasted,4", name="again.csv")
    assert (said(wrap), said(cups)) == (["roasted"], ["9"])
    assert batch.counts["orders_changed"] == 1
    undo(batch)
    assert (said(wrap), said(cups)) == (["floral", "sweet"], ["9"])


def test_an_import_taken_back_whole_leaves_neither_orders_nor_values(tmp_path: Path) -> None:
    undo(orders(tmp_path, *FIRST))
    assert (OrderValue.objects.count(), Order.objects.count()) == (0, 0)


def test_an_order_of_which_somebody_said_more_since_stays_when_its_import_is_taken_back(
    tmp_path: Path, wrap: CustomField, cups: CustomField, owner: Staff
) -> None:
    batch = orders(tmp_path, *FIRST)
    SHELF.write(Order.objects.get(), cups, ["9"], by=owner)
    outcome = undo(batch)
    assert (said(wrap), said(cups)) == ([], ["9"])
    assert {"kind": "order", "name": "A-1"} in outcome["kept"]


def test_what_somebody_wrote_over_a_later_file_stays_and_is_told_by_its_number(
    tmp_path: Path, cups: CustomField, owner: Staff
) -> None:
    orders(tmp_path, *FIRST)
    batch = orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,,4", name="again.csv")
    SHELF.write(Order.objects.get(), cups, ["9"], by=owner)
    assert {"kind": "order", "name": "A-1"} in undo(batch)["kept"]
    assert said(cups) == ["9"]


def test_rows_without_a_number_are_the_same_orders_when_an_own_field_is_mapped_later(
    tmp_path: Path, cups: CustomField
) -> None:
    rows = ("x,2024-11-11 20:00,100,7,X,,3", "x,2024-11-12 20:00,80,7,X,,2")
    path = write(tmp_path, *rows, header=HEADER)
    text = MAPPING.replace('order_number = "no"', 'order_number = "row"')
    imported(path, preset="generic", mapping=mapped(tmp_path, text), store="tea")
    imported(path, preset="generic", mapping=mapped(tmp_path, f'"own.cups" = "cups"\n{text}'), store="tea")
    assert [SHELF.text(each, cups) for each in Order.objects.order_by("placed_at")] == [["3"], ["2"]]


def test_personal_values_are_sealed_and_a_masked_one_is_never_read_back(tmp_path: Path, declare: Declare) -> None:
    secret = declare("letter", is_personal=True, subject="order")
    own = '"own.letter" = "wrapping"\n'
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,For Ada,", own=own)
    assert (OrderValue.objects.get().word, said(secret)) == (None, ["For Ada"])
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,F***,", own=own, name="again.csv")
    assert said(secret) == ["For Ada"]
    orders(tmp_path, "A-1,2024-11-11 20:00,100,7,X,For Lin,", own=own, name="third.csv")
    assert said(secret) == ["For Lin"]


def test_a_mapping_that_names_no_field_of_the_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"own\.cups"):
        orders(tmp_path, *FIRST, own='"own.cupps" = "cups"\n')
