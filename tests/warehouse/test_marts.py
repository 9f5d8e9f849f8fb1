"""Marts are proven before they run, and are read like any table."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from guanxi.warehouse import marts, parts, registry
from guanxi.warehouse.headers import MartBroken
from guanxi.warehouse.marts import Mart
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.warehouse.toy import Person, Sale, sell

pytestmark = pytest.mark.usefixtures("shop")
FILE = Path(__file__).parent / "sql" / "customer_spend.sql"
DAY = dt.date(2024, 12, 31)


@pytest.fixture
def spend() -> Mart:
    mart = Mart("customer_spend", FILE)
    registry.register(mart)
    return mart


def altered(tmp_path: Path, old: str, new: str) -> Mart:
    text = FILE.read_text()
    assert old in text
    (tmp_path / "customer_spend.sql").write_text(text.replace(old, new))
    return Mart("customer_spend", tmp_path / "customer_spend.sql")


def test_a_mart_is_computed_kept_and_read_by_its_name(spend: Mart) -> None:
    ada = Person.objects.create(customer_id=7)
    sell("N1", person=ada.pk, net=100)
    sell("N2", person=ada.pk, net=50)
    sell("guest")
    sync()
    assert marts.run(spend, as_of=DAY).rows == 1
    with snapshot() as now:
        assert now.sql("select * from customer_spend").to_pylist() == [{"customer_id": 7, "sales": 2, "net_minor": 150}]
    assert [batch.num_rows for batch in marts.rows("customer_spend")] == [1]


def test_a_second_run_replaces_the_first(spend: Mart, settings: Any) -> None:
    settings.LAKE_GRACE_SECONDS = 3600
    ada = Person.objects.create(customer_id=7)
    sell("N1", person=ada.pk, net=100)
    sync()
    marts.run("customer_spend", as_of=DAY)
    sell("N2", person=ada.pk, net=1)
    sync()
    with snapshot() as before:
        for _ in range(8):
            marts.run("customer_spend", as_of=DAY)
        assert before.sql("select net_minor from customer_spend").to_pylist() == [{"net_minor": 100}]
    with snapshot() as now:
        assert now.sql("select net_minor from customer_spend").to_pylist() == [{"net_minor": 101}]


def test_a_mart_without_rows_is_empty_and_typed(spend: Mart) -> None:
    assert marts.run(spend, as_of=DAY).rows == 0
    with snapshot() as now:
        assert now.sql("select * from customer_spend").schema.names == ["customer_id", "sales", "net_minor"]


def test_the_header_says_what_it_is(spend: Mart) -> None:
    assert spend.grain == "one row per customer_id with at least one paid sale up to as_of"
    assert [(p.name, p.type, p.words) for p in spend.parameters] == [("as_of", "date", "last day observed")]
    assert [(c.name, c.type, c.words) for c in spend.header.columns] == [
        ("customer_id", "bigint", ""),
        ("sales", "integer", "paid sales"),
        ("net_minor", "bigint", "base currency"),
    ]


def test_a_sound_mart_passes(spend: Mart) -> None:
    marts.check(spend)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("from sales", "from parcels", "parcels is not a table"),
        ("from sales", "from read_csv('x.csv')", "is not a table"),
        ("sales integer", "sales bigint", "the header says"),
        ("net_minor bigint", "net bigint", "the header says"),
        ("cast(count(*) as integer)", "cast(dayofweek($as_of) as integer)", "day_of_week"),
        ("cast(count(*) as integer)", "cast(count(*) / count(net_minor) as integer)", "divide by zero"),
        ("cast(count(*) as integer)", "cast(date_diff('month', $as_of, $as_of) as integer)", "only days"),
        ("cast(count(*) as integer)", "cast(quantile_cont(net_minor, 0.5) as integer)", "not on the list"),
        ("$as_of", "$until", "parameters"),
        ("group by customer_id", "group customer_id", "SQL"),
        ("-- grain ", "-- size ", "no grain"),
        ("-- customer_spend:", "-- spend:", "calls it spend"),
        ("customer_id bigint |", "customer_id |", "is not `name type"),
    ],
)
def test_a_mart_that_does_not_fit_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, word: str) -> None:
    with pytest.raises(MartBroken, match="customer_spend") as refused:
        marts.check(altered(tmp_path, old, new))
    assert word in str(refused.value)


def test_safe_divisions_pass(tmp_path: Path) -> None:
    for divisor in ("2", "nullif(count(net_minor), 0)", "greatest(count(net_minor), 1)", "(10)"):
        marts.check(altered(tmp_path, "cast(count(*) as integer)", f"cast(count(*) / {divisor} as integer)"))


def test_a_mart_survives_a_column_that_changes_its_type(spend: Mart, tmp_path: Path) -> None:
    sell("N1", person=Person.objects.create(customer_id=7).pk)
    sync()
    marts.run(spend, as_of=DAY)
    (tmp_path / "customer_spend.sql").write_text(
        FILE.read_text().replace("sales integer", "sales bigint").replace("cast(count(*) as integer)", "count(*)")
    )
    marts.run(Mart("customer_spend", tmp_path / "customer_spend.sql"), as_of=DAY)
    assert Sale.objects.count() == sum(batch["sales"][0].as_py() for batch in marts.rows("customer_spend"))


TOLD = """-- customer_luck: what a program computed.
-- grain      one row per month and customer_id
-- columns    customer_id bigint | luck double
-- source     a program
"""


def luck(tmp_path: Path) -> Mart:
    (tmp_path / "customer_luck.sql").write_text(TOLD)
    mart = Mart("customer_luck", tmp_path / "customer_luck.sql")
    registry.register(mart)
    return mart


def lucky(**each: float) -> list[pa.RecordBatch]:
    rows = [{"customer_id": int(name[1:]), "luck": value} for name, value in each.items()]
    return pa.Table.from_pylist(rows, pa.schema([("customer_id", pa.int64()), ("luck", pa.float64())])).to_batches()


def read_luck() -> list[tuple[int, float]]:
    with snapshot() as now:
        rows = now.sql("select customer_id, luck from customer_luck order by all").to_pylist()
    return [(row["customer_id"], row["luck"]) for row in rows]


def test_what_a_program_computes_is_kept_by_parts(tmp_path: Path) -> None:
    mart = luck(tmp_path)
    marts.check(mart)
    assert parts.keep(mart, 202410, lucky(c1=0.1, c2=0.2)).rows == 2
    parts.keep(mart, 202411, lucky(c1=0.3))
    assert read_luck() == [(1, 0.1), (1, 0.3), (2, 0.2)]
    parts.keep(mart, 202411, lucky(c2=0.5))
    assert read_luck() == [(1, 0.1), (2, 0.2), (2, 0.5)]
    assert parts.keep(mart, 202411, []).rows == 0
    assert read_luck() == [(1, 0.1), (2, 0.2)]


def test_of_whom_nothing_may_stay_is_taken_out_of_every_part(tmp_path: Path) -> None:
    mart = luck(tmp_path)
    parts.keep(mart, 202409, lucky(c1=0.1))
    parts.keep(mart, 202410, lucky(c1=0.2, c2=0.3))
    parts.keep(mart, 202411, lucky(c2=0.4), without=[1])
    assert read_luck() == [(2, 0.3), (2, 0.4)]


def test_a_header_that_names_another_mart_is_refused(tmp_path: Path) -> None:
    (tmp_path / "customer_fate.sql").write_text(TOLD)
    with pytest.raises(MartBroken, match="the header calls it customer_luck"):
        marts.check(Mart("customer_fate", tmp_path / "customer_fate.sql"))
