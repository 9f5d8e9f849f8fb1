"""The public order files import with the figures their description tells."""

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from guanxi.ingest.undo import undo
from guanxi.orders.models import Order
from guanxi.warehouse import reading
from guanxi.warehouse.sync import sync
from tests.ingest.shop import imported, mapped

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
RETAIL = DATA / "online_retail" / "online_retail_2010_2011.csv.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"{DATA} is not there; GUANXI_DATA names the folder of public data sets"
    ),
]
CLEANED = """
    from order_lines join orders using (order_id)
    where orders.customer_id is not null and quantity > 0 and unit_price > 0 and kind = 'sale'
"""
CDNOW = """
order_number = "row"
customer_external_id = "master_id"
placed_at = "date"
quantity = "cds"
total = "usd"
currency = { value = "USD" }
[file]
header = false
columns = ["master_id", "sample_id", "date", "cds", "usd"]
delimiter = "whitespace"
time_format = "%Y%m%d"
"""


@pytest.fixture(autouse=True)
def lake(settings: Any, tmp_path: Path) -> None:
    settings.LAKE = str(tmp_path / "lake")


def asked(question: str) -> list[dict[str, Any]]:
    with reading.snapshot() as lake:
        return list(lake.sql(question).to_pylist())


def test_online_retail(tmp_path: Path) -> None:
    batch = imported(RETAIL)
    names = ("rows", "documents", "orders", "refunds", "lines", "refund_lines", "customers", "guests", "rejected")
    assert {name: batch.counts[name] for name in names} == {
        "rows": 541_909, "documents": 25_900, "orders": 22_064, "refunds": 3_836, "lines": 532_621,
        "refund_lines": 9_288, "customers": 4_372, "guests": 3_710, "rejected": 0,
    }  # fmt: skip
    sync()
    (cleaned,) = asked(
        f"""select count(*) as n, count(distinct orders.customer_id) as people, count(distinct order_id) as invoices,
                   sum(quantity * unit_price) as revenue {CLEANED}"""
    )
    assert (cleaned["n"], cleaned["people"], cleaned["invoices"]) == (397_884, 4_338, 18_532)
    assert round(float(cleaned["revenue"]), 2) == 8_911_407.90
    (total,) = asked(
        """select sum(quantity * unit_price) as s from
           (select quantity, unit_price from order_lines union all select quantity, unit_price from refund_lines)"""
    )
    assert f"{total['s']:.3f}" == "9747747.934"
    top = asked(
        f"select orders.customer_id, sum(quantity * unit_price) as s {CLEANED} group by 1 order by 2 desc limit 2"
    )
    assert [f"{row['s']:.2f}" for row in top] == ["280206.02", "259657.30"]
    assert cohort("placed_on", CLEANED) == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    every = """from (select customer_id, placed_on from orders union all select customer_id, refunded_on from refunds) d
               where customer_id is not null"""
    assert cohort("placed_on", every.replace("customer_id is", "d.customer_id is"), owner="d") == [
        948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260,
    ]  # fmt: skip
    undo(batch)
    sync()
    assert asked("select count(*) as n from orders") == [{"n": 0}]
    assert asked("select count(*) as n from customers") == [{"n": 0}]
    assert not Order.objects.exists()


def cohort(day: str, source: str, owner: str = "orders") -> list[int]:
    day = f"{owner}.{day}"
    rows = asked(
        f"""
        with active as (select distinct {owner}.customer_id as who, date_trunc('month', {day}) as month {source}),
             first as (select who, min(month) as month from active group by who)
        select active.month as month, count(*) as n from active join first using (who)
        where first.month = date '2010-12-01' group by 1 order by 1
        """
    )
    return [row["n"] for row in rows]


def test_two_halves_of_online_retail_that_overlap_are_the_whole(tmp_path: Path) -> None:
    with gzip.open(RETAIL, "rt", encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    some = lines[:30_001]
    for name, part in (("a.csv", some[:20_001]), ("b.csv", [some[0], *some[15_000:]])):
        (tmp_path / name).write_text("".join(part), encoding="utf-8")
        imported(tmp_path / name)
    sync()
    (found,) = asked(
        """select sum(n) as n, sum(s) as s from (
             select count(*) as n, sum(quantity * unit_price) as s from order_lines
             union all select count(*), sum(quantity * unit_price) from refund_lines)"""
    )
    rows = list(csv.DictReader(some))
    assert found["n"] == len(rows)
    assert float(found["s"]) == pytest.approx(sum(float(r["Quantity"]) * float(r["UnitPrice"]) for r in rows), abs=0.01)


def test_tmall_report(tmp_path: Path) -> None:
    batch = imported(DATA / "tmall_orders" / "tmall_order_report.csv", preset="tmall-report")
    assert (batch.counts["orders"], batch.counts["guests"], batch.counts["refunds"]) == (28_010, 28_010, 5_646)
    sync()
    (found,) = asked(
        """select count(*) as n, sum(total_minor) as total, count(*) filter (where is_paid) as paid,
                  count(*) filter (where is_paid and net_minor > 0) as received,
                  count(*) filter (where is_paid and refunded_minor = 0) as kept, sum(net_minor) as net,
                  sum(refunded_minor) as refunded from orders"""
    )
    assert found == {
        "n": 28_010, "total": 299_576_061, "paid": 24_087, "received": 18_955, "kept": 18_441, "net": 190_248_715,
        "refunded": 57_233_592,
    }  # fmt: skip
    provinces = asked("select province, count(*) as n from orders group by 1 order by 2 desc")
    assert len(provinces) == 31
    assert [(row["province"], row["n"]) for row in provinces[:3]] == [
        ("上海", 3353),
        ("广东省", 2463),
        ("江苏省", 2126),
    ]


def test_olist(tmp_path: Path) -> None:
    files = sorted((DATA / "olist_sample").glob("*.csv"))
    batch = imported(*files, preset="olist")
    assert (batch.counts["orders"], batch.counts["lines"], batch.counts["customers"]) == (10_000, 11_513, 9_957)
    sync()
    assert asked("select count(*) as n from customers") == [{"n": 9_957}]
    (found,) = asked("select sum(goods_minor) as goods, sum(shipping_minor) as freight from orders")
    assert found == {"goods": 138_960_203, "freight": 23_091_816}
    from django.db.models import Count, Sum

    from guanxi.orders.models import Payment

    assert Payment.objects.aggregate(n=Count("pk"), s=Sum("amount_minor")) == {"n": 10_415, "s": 162_064_963}


def test_cdnow_by_a_mapping(tmp_path: Path) -> None:
    batch = imported(DATA / "cdnow" / "CDNOW_sample.txt", preset="generic", mapping=mapped(tmp_path, CDNOW))
    assert (batch.counts["orders"], batch.counts["customers"], batch.counts["rejected"]) == (6_919, 2_357, 0)
    sync()
    assert (
        asked("select sum(net_minor) as net, sum(quantity) as cds from orders join order_lines using (order_id)")[0][
            "net"
        ]
        == 24_409_194
    )
