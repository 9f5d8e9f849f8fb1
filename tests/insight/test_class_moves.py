"""The page of moves between classes: what it says, who stands behind it, its file, the API, and what it costs."""

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.insight.asked_moves import AskedMoves, BadDays
from guanxi.insight.class_moves import COLUMNS, PARAMETERS, KeptClasses
from guanxi.insight.given import parameters
from guanxi.insight.models import RfmScheme
from guanxi.insight.scheme import DEFAULT
from guanxi.orders.models import Store
from guanxi.warehouse import marts
from guanxi.warehouse.reading import snapshot
from guanxi.warehouse.sync import sync
from tests.api import Program, keyed, problem
from tests.cast import TODAY, buy, met

PAGE = "/insight/rfm/moves/"
QUERIES = 7
DAYS = {"now": TODAY, "month": dt.date(2024, 10, 11), "quarter": dt.date(2024, 8, 11), "year": dt.date(2023, 11, 11)}


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    assert len(response.content) < 60_000
    found = " ".join(response.content.decode().split())
    assert "NaN" not in found
    assert "inf%" not in found
    return found


def compute() -> None:
    sync()
    marts.run("customer_classes", **parameters("customer_classes", TODAY))


def shop(*, fading: int = 0, faithful: int = 0, new: int = 0) -> None:
    """The fading bought much until spring, the faithful buy little every week, the new bought yesterday."""
    store = Store.objects.get()
    for nth in range(fading):
        who = met(store, key=f"fading-{nth}", name=f"Fading {nth}")
        for days in range(90, 170, 8):
            buy(who, store, on=TODAY - dt.timedelta(days=days), goods_minor=90_000)
    for nth in range(faithful):
        who = met(store, key=f"faithful-{nth}", name=f"Faithful {nth}")
        for days in range(0, 120, 20):
            buy(who, store, on=TODAY - dt.timedelta(days=days), goods_minor=1_000)
    for nth in range(new):
        buy(met(store, key=f"new-{nth}", name=f"New {nth}"), store, on=TODAY - dt.timedelta(days=1), goods_minor=500)
    compute()


@pytest.mark.django_db(transaction=True)
def test_the_page_says_whom_the_shop_loses_and_leads_to_them(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(fading=2, faithful=3, new=4)
    page = text(owners_browser)
    assert "2 of 2 customers who were “High-value” on 11 Aug 2024 are “Potential” now;" in page
    assert "11 Aug 2024 → 11 Nov 2024, both by version 1 of the rules." in page
    behind = text(owners_browser, f"{PAGE}people/?since=quarter&until=now&before=high_value&after=potential")
    assert behind.count('data-card="who"') == 2
    assert "High-value → Potential" in behind
    assert text(owners_browser, f"{PAGE}people/?since=quarter&way=came").count('data-card="who"') == 4
    assert "before=high_value&amp;after=potential" in page
    assert "No customer stands behind this." in text(owners_browser, f"{PAGE}people/?before=lost&after=high_value")


@pytest.mark.django_db(transaction=True)
def test_the_flows_the_matrix_the_file_and_the_people_add_up(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(fading=2, faithful=3, new=4)
    kept = KeptClasses.read()
    assert kept is not None
    for since, until in (("year", "now"), ("quarter", "now"), ("month", "now"), ("year", "quarter")):
        moves = kept.between(AskedMoves(since, until))
        with snapshot() as lake_now:
            column = COLUMNS[until]
            count = lake_now.sql(f"select count({column}) as n from customer_classes").to_pylist()[0]["n"]
        assert moves.count() == sum(moves.count(way=way) for way in ("rose", "fell", "stayed", "came")) == count
        assert [cell.customers for cell in moves.totals][-1] == sum(cells[-1].customers for _name, cells in moves.lines)
        assert sum(row["customers"] for row in moves.chart.rows) == count
    sealed = re.findall(r'name="chart" value="([^"]+)"', text(owners_browser))
    file = owners_browser.post("/charts/file/", {"chart": sealed[0], "form": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(file.splitlines()))
    assert sum(int(row["Customers"]) for row in rows) == 9
    assert {row["Class on 11 Aug 2024"] for row in rows} >= {"High-value", "Not yet a customer"}


@pytest.mark.django_db(transaction=True)
def test_where_nobody_had_bought_by_then_all_are_newcomers(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(new=1)
    page = text(owners_browser)
    assert "Nobody had bought by 11 Oct 2024: the one customer of 11 Nov 2024 came later</h1>" in page
    assert "Nobody had bought by 11 Aug 2024</h1>" in text(owners_browser, f"{PAGE}?since=year&until=quarter")


@pytest.mark.django_db(transaction=True)
def test_where_nobody_moves_the_page_says_so(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    who = met(tea_house, key="gone", name="Gone")
    buy(who, tea_house, on=TODAY - dt.timedelta(days=700), goods_minor=100, refunded_minor=100)
    compute()
    assert "Nobody changed class between 11 Aug 2024 and 11 Nov 2024</h1>" in text(owners_browser)


@pytest.mark.django_db(transaction=True)
def test_days_that_cannot_be_are_refused_in_words(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(new=1)
    for asked, said in {
        "since=2025-01-01": "2025-01-01 lies after the last day observed, 11 Nov 2024.",
        "since=month&until=quarter": "11 Oct 2024 does not lie before 11 Aug 2024.",
        "since=now": "11 Nov 2024 does not lie before 11 Nov 2024.",
        "since=2024-10-01": "Classes of 2024-10-01 are not kept, but of these days: 11 Nov 2023 · 11 Aug 2024 ·",
        "until=soon%00": "is no day.",
    }.items():
        assert said in text(owners_browser, f"{PAGE}?{asked}")
        assert owners_browser.get(f"{PAGE}people/?{asked}").status_code == 404
    assert "cannot be compared" not in text(owners_browser, f"{PAGE}?since=2024-10-11&until=2024-11-11")
    assert owners_browser.get(f"{PAGE}people/?before=gold").status_code == 404
    assert owners_browser.get(f"{PAGE}people/?way=sideways").status_code == 404


def test_two_days_are_told_by_words_or_as_they_are() -> None:
    assert AskedMoves.of({}, DAYS, "quarter") == AskedMoves("quarter", "now")
    assert AskedMoves.of({"since": "2023-11-11", "until": "month"}, DAYS, "quarter") == AskedMoves("year", "month")
    assert AskedMoves.of({"until": "quarter"}, DAYS, "quarter") == AskedMoves("year", "quarter")
    for told, field in (({"until": "year"}, "since"), ({"until": "2024-02-30"}, "until")):
        with pytest.raises(BadDays) as refused:
            AskedMoves.of(told, DAYS, "quarter")
        assert refused.value.field == field


@pytest.mark.django_db(transaction=True)
def test_moves_by_rules_that_have_changed_since_say_so(
    lake: Path, today: dt.date, tea_house: Store, owner: Staff, owners_browser: Client
) -> None:
    shop(new=2)
    rules = DEFAULT.kept() | {
        "classes": [{**DEFAULT.kept()["classes"][0], "key": "best"}, *DEFAULT.kept()["classes"][1:]]
    }
    RfmScheme.objects.adopt(type(DEFAULT).of(rules), by=owner)
    page = text(owners_browser)
    assert "both by version 1 of the rules." in page
    assert "The rules have changed since" in page


def test_before_the_first_run_the_page_teaches(db: None, lake: Path, owners_browser: Client) -> None:
    assert "Moves between classes show who is rising" in text(owners_browser)
    assert owners_browser.get(f"{PAGE}people/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_shop_without_orders_is_taught_too(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    compute()
    assert "Moves between classes show who is rising" in text(owners_browser)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [3, 30])
def test_the_page_asks_as_much_however_many_there_are(
    people: int, lake: Path, today: dt.date, tea_house: Store, owners_browser: Client, django_assert_num_queries: Any
) -> None:
    shop(new=people)
    for address in (PAGE, f"{PAGE}people/?way=came"):
        owners_browser.get(address)
    with django_assert_num_queries(QUERIES):
        owners_browser.get(PAGE)
    with django_assert_num_queries(QUERIES + 3):
        owners_browser.get(f"{PAGE}people/?way=came")


@pytest.mark.django_db(transaction=True)
def test_a_program_is_told_the_same(lake: Path, today: dt.date, tea_house: Store, owner: Staff) -> None:
    program: Program = keyed(owner, "insight:read")
    found = program.get("/insight/rfm/moves")
    assert (found["as_of"], found["finding"], found["moves"]) == (None, "Nothing was computed yet", [])
    shop(fading=2, faithful=3, new=4)
    found = program.get("/insight/rfm/moves?since=quarter")
    assert {"before": "high_value", "after": "potential", "customers": 2, "share": 1.0} in found["moves"]
    assert found["came"] == sum(each["customers"] for each in found["moves"] if each["before"] is None) == 4
    assert (found["since"], found["until"]) == ("2024-08-11", "2024-11-11")
    assert found["days"] == [day.isoformat() for day in DAYS.values()]
    assert list(PARAMETERS) == list(DAYS)
    assert program.get("/insight/rfm/moves?since=2024-08-11") == found
    for asked in ("since=2030-01-01", "since=month&until=year", "until=x"):
        problem(program.call("GET", f"/insight/rfm/moves?{asked}"), 422)
