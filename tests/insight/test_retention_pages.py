"""The page of retention: what it says of small shops, who stands behind its figures, and what it costs."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product
from guanxi.customers.models import Customer
from guanxi.insight import daily, scoring
from guanxi.orders.models import Order, OrderLine, Refund, Store
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met, noon
from tests.insight.test_funnel_pages import browser, page

__all__ = ["browser"]
BEGAN = dt.date(TODAY.year - 1, 3, 10)
HOME = "/insight/retention/"
PARTS = ("repurchase/", "beginnings/", "intervals/", "people/?within=0", "cohorts.csv")


def person(nth: int) -> Customer:
    return met(Store.objects.get(), key=f"buyer-{nth}", name=f"Buyer {nth}")


def computed() -> None:
    sync()
    scoring.score_customers(TODAY)
    daily.compute(TODAY)


def later(months: int, day: int = 5) -> dt.date:
    """A day of the month so many after the one in which the shop began."""
    years, month = divmod(BEGAN.month - 1 + months, 12)
    return dt.date(BEGAN.year + years, month + 1, day)


def give_back(order: Order, on: dt.date, minor: int) -> None:
    Refund.objects.create(
        store=order.store, number=f"R{Refund.objects.count() + 1}", order=order, customer_id=order.customer_id,
        profile=order.profile, refunded_at=noon(on), refunded_on=on, currency=order.currency, amount_minor=minor,
        source="own",
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(refunded_minor=order.refunded_minor + minor)


def all_of(browser: Client) -> str:
    """Everything the page and its panels say, each of which answers."""
    found = page(browser, HOME)
    for part in PARTS:
        answer = browser.get(HOME + part)
        assert answer.status_code == 200, part
        found += b"".join(answer).decode()  # type: ignore[arg-type]
    for word in ("NaN", "nan%", "Infinity", "inf%", "None"):
        assert word not in found
    return found


@pytest.fixture
def shop(lake: Path, today: dt.date, tea_house: Store) -> Store:
    """Four who began in March: two came back in April, one of them in May as well; one gave goods back in June."""
    ann, ben, cem, dan = (person(nth) for nth in range(11, 15))
    for who in (ann, ben, cem, dan):
        first = buy(who, tea_house, on=BEGAN, goods_minor=10_000)
    for who, months in ((ann, 1), (ben, 1), (ann, 2)):
        buy(who, tea_house, on=later(months), goods_minor=5_000)
    give_back(first, later(3), 4_000)
    buy(None, tea_house, on=BEGAN, goods_minor=99_000)
    computed()
    return tea_house


@pytest.mark.usefixtures("shop")
def test_the_page_says_how_many_came_back_and_leads_to_them(browser: Client) -> None:
    shown = page(browser, HOME)
    month = BEGAN.strftime("%b %Y")
    assert (
        f"<h1>Of 4 customers who first bought in {month}, 50.0% came back in the next month; on average 50.0% do</h1>"
        in shown
    )
    assert "2 of 4" in shown, "who bought more than once"
    behind = page(browser, f"{HOME}people/?cohort={BEGAN:%Y-%m}&amp;month=1".replace("&amp;", "&"))
    assert behind.count('data-card="who"') == 2
    assert f"cohort={BEGAN:%Y-%m}&amp;month=1" in shown
    assert page(browser, f"{HOME}people/?within=90").count('data-card="who"') == 2


@pytest.mark.usefixtures("shop")
def test_a_refund_makes_somebody_active_among_documents_alone(browser: Client) -> None:
    address = f"people/?cohort={BEGAN:%Y-%m}&month=3"
    assert page(browser, HOME + address).count('data-card="who"') == 0
    assert page(browser, f"{HOME}{address}&basis=documents").count('data-card="who"') == 1
    assert "first seen in" in page(browser, f"{HOME}?basis=documents")


@pytest.mark.usefixtures("shop")
def test_the_cells_show_shares_customers_net_sales_and_net_sales_of_each(browser: Client) -> None:
    assert ">50.0%</a>" in page(browser, HOME)
    assert ">2</a>" in page(browser, f"{HOME}?shows=customers")
    assert ">¥400</a>" in page(browser, f"{HOME}?shows=net")
    assert ">¥25</a>" in page(browser, f"{HOME}?shows=each"), "two orders of ¥50 among four"
    assert ">−¥40</span>" in page(browser, f"{HOME}?shows=net"), "the month in which goods came back alone"


@pytest.mark.usefixtures("shop")
def test_the_table_leaves_as_csv_with_the_months_in_which_nobody_came_and_that_is_noted(browser: Client) -> None:
    text = b"".join(browser.get(f"{HOME}cohorts.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Customers"] for row in rows[:5]] == ["4", "2", "1", "0", "0"]
    assert [row["Net sales (CNY)"] for row in rows[:4]] == ["400.00", "100.00", "50.00", "-40.00"]
    assert len(rows) == (TODAY.year - BEGAN.year) * 12 + TODAY.month - BEGAN.month + 1
    assert AuditEntry.objects.filter(act="chart.exported", subject="chart:cohorts").count() == 1


def test_first_products_are_told_apart_with_their_range_and_the_cohorts_of_each_can_be_seen(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    shelve([Good(sku="BC", name="Old cake", currency="CNY"), Good(sku="CU", name="Cup", currency="CNY")])
    cake = Product.objects.get(name="Old cake")
    for nth in range(20, 30):
        who, sku = person(nth), "BC" if nth < 25 else "CU"
        order = buy(who, tea_house, on=BEGAN, goods_minor=8_000)
        OrderLine.objects.create(
            order=order, line_number=1, sku=sku, product_name=sku, quantity=1, unit_price=80, amount_minor=8_000
        )
        if nth < 25:
            buy(who, tea_house, on=BEGAN + dt.timedelta(days=30), goods_minor=8_000)
    computed()
    shown = page(browser, f"{HOME}beginnings/")
    assert "Who began with “Old cake” comes back most surely: 100.0%, of all it is 50.0%." in shown
    assert "56.6%" in shown, "the lower end of the range of five of five"
    group = f"product:{cake.pk}"
    chosen = page(browser, f"{HOME}?group={group}")
    assert "Of 5 customers" in chosen
    assert "Only customers who began with “Old cake”." in chosen
    assert page(browser, f"{HOME}people/?within=90&group={group}").count('data-card="who"') == 5
    assert "No customer began with that." in page(browser, f"{HOME}?group=product:987654")


def test_channels_are_told_apart_by_their_names(lake: Path, today: dt.date, tea_house: Store, browser: Client) -> None:
    ann, ben = person(11), person(12)
    tmall = Store.objects.create(code="tm", name="Tmall", channel="tmall", currency="CNY", time_zone="Asia/Shanghai")
    buy(ann, tea_house, on=BEGAN, goods_minor=9_000)
    for on in (BEGAN, later(1)):
        Order.objects.filter(pk=buy(ben, tea_house, on=on, goods_minor=7_000).pk).update(store=tmall)
    computed()
    assert "None of them stands out: 50.0% of all buy again" in page(browser, f"{HOME}beginnings/?by=channel")
    shown = page(browser, f"{HOME}?group=channel:tmall&shows=customers")
    assert '<option value="channel:tmall" selected>Tmall</option>' in shown
    assert "Of 1 customer who first bought" in shown


def test_repurchase_is_compared_with_the_six_months_before(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    for nth in range(24):
        who, on = person(40 + nth), later(nth % 12)
        buy(who, tea_house, on=on, goods_minor=8_000)
        if nth % 12 >= 6:
            buy(who, tea_house, on=on + dt.timedelta(days=20), goods_minor=8_000)
    computed()
    shown = page(browser, f"{HOME}repurchase/")
    assert "Newest six months" in shown
    assert "Within 90 days, 50.0% buy again." in shown, "too few for a comparison in a sentence"


def test_without_orders_the_page_teaches(lake: Path, today: dt.date, browser: Client) -> None:
    assert "Retention shows how many customers come back, month by month." in page(browser, HOME)
    assert "Shows which share buys again" in page(browser, f"{HOME}repurchase/")
    for panel in ("beginnings/", "intervals/"):
        assert "needs two groups" in page(browser, HOME + panel)
    assert "No customer stands behind this." in page(browser, f"{HOME}people/?within=90")
    assert browser.get(f"{HOME}cohorts.csv").status_code == 404


def test_a_shop_of_guests_alone_is_taught_as_well(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    buy(None, tea_house, on=BEGAN, goods_minor=9_000)
    computed()
    assert "Retention shows how many customers come back" in all_of(browser)


def test_one_customer_of_this_month_is_told_that_the_next_is_not_over(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    buy(person(11), tea_house, on=TODAY, goods_minor=9_000)
    computed()
    shown = all_of(browser)
    assert "<h1>1 customer began in" in shown
    assert "nobody has been known for 90 days yet" in shown
    assert "The first point comes when the month after the first cohort is over." in shown


def test_a_cohort_whose_orders_were_all_given_back_shows_no_money_and_no_fault(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    for nth in (11, 12):
        give_back(buy(person(nth), tea_house, on=BEGAN, goods_minor=9_000), later(1), 9_000)
    computed()
    all_of(browser)
    assert ">−¥180</span>" in page(browser, f"{HOME}?shows=net")
    assert ">−¥90</span>" in page(browser, f"{HOME}?shows=each")


def test_a_years_gap_leaves_older_cohorts_on_a_page_of_their_own(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    for nth in range(16):
        buy(person(40 + nth), tea_house, on=later(nth - 24), goods_minor=8_000)
    buy(person(90), tea_house, on=later(6), goods_minor=8_000)
    computed()
    shown = all_of(browser)
    oldest, newest = later(-24).strftime("%b %Y"), later(6).strftime("%b %Y")
    assert f"<b>{newest}</b>" in shown
    assert f"<b>{oldest}</b>" not in shown
    until = f"?until={later(-21):%Y-%m}#cohorts"
    assert until in shown
    assert f"<b>{oldest}</b>" in page(browser, f"{HOME}{until}")


def test_foreign_money_counts_in_the_companys_currency_and_what_has_no_rate_is_told(
    lake: Path, today: dt.date, tea_house: Store, browser: Client
) -> None:
    dollars, lost = (buy(person(nth), tea_house, on=BEGAN, goods_minor=10_000) for nth in (11, 12))
    Order.objects.filter(pk=dollars.pk).update(currency="USD", net_base_minor=70_000)
    Order.objects.filter(pk=lost.pk).update(currency="EUR", net_base_minor=None)
    computed()
    shown = page(browser, f"{HOME}?shows=net")
    assert ">¥700</a>" in shown
    assert "1 order or refund in foreign money without an exchange rate is not in these sums." in shown


@pytest.mark.usefixtures("shop")
def test_an_address_that_makes_no_sense_shows_the_usual_page_or_nobody(browser: Client) -> None:
    usual = ["basis=x&shows=y&by=z&within=-1&until=2011-99", "group=nonsense:1", "group=product:%00'", "until=0000-00"]
    for query in usual:
        for part in ("", "repurchase/", "beginnings/", "intervals/", "cohorts.csv"):
            assert browser.get(f"{HOME}{part}?{query}").status_code == 200
    nobody = [
        "cohort=2011",
        "cohort=2011-01&month=x",
        "cohort=2011-01&month=99999",
        "within=7",
        "cohort=9999-12&month=1",
    ]
    for query in ("", *nobody):
        assert browser.get(f"{HOME}people/?{query}").status_code == 404


@pytest.mark.usefixtures("shop")
def test_the_page_speaks_chinese(browser: Client, owner: Staff) -> None:
    owner.language = "zh-hans"
    owner.save()
    assert "首次购买的 4 位客户，有 50.0% 次月又来买；平均是 50.0%" in page(browser, HOME)


def test_the_page_asks_the_book_no_more_for_more_customers(
    shop: Store, browser: Client, django_assert_num_queries: Any
) -> None:
    costs = {"": 7, "repurchase/": 5, "beginnings/": 5, "intervals/": 5, f"people/?cohort={BEGAN:%Y-%m}&month=0": 9}
    for more in (False, True):
        if more:
            for nth in range(60, 90):
                buy(person(nth), shop, on=BEGAN, goods_minor=7_000)
            computed()
        for part, cost in costs.items():
            browser.get(HOME + part)
            with django_assert_num_queries(cost):
                assert browser.get(HOME + part).status_code == 200
