"""The page of lifetime value and the customer's panel: what they say, to whom, and at what cost."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, Score
from guanxi.insight import valuing
from guanxi.insight.models import SLIPPING, ValueRun
from guanxi.insight.worth import Worth
from guanxi.orders.models import Order, Store
from guanxi.pages.panels import panels_for
from guanxi.warehouse.models import CHANGED
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met

PAGE = "/insight/value/"
HELD = {
    "cut": "2024-08-11", "days": 92, "best": "pareto-nbd",
    "forecasts": [
        {"name": "bg-nbd", "expected": 110.0, "seen": 100, "error": 0.4, "bias": 0.1},
        {"name": "pareto-nbd", "expected": 97.0, "seen": 100, "error": 0.3, "bias": -0.03},
        {"name": "same-rate", "expected": 160.0, "seen": 100, "error": 0.6, "bias": 0.6},
        {"name": "same-again", "expected": 80.0, "seen": 100, "error": 0.5, "bias": -0.2},
    ],
    "curve": [[0, 0.0, 0], [46, 50.2, 55], [92, 97.0, 100]],
}  # fmt: skip
TOLD = {
    "as_of": "2024-11-11", "unit": "week", "model": "pareto-nbd", "chosen_by": "hold-out",
    "parameters": {"r": 0.5533, "alpha": 10.578, "s": 0.606, "beta": 11.669}, "log_likelihood": -9594.98,
    "prior_weight": 0.0, "is_few": False, "customers": 420, "repeat_customers": 300, "currency": "CNY",
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44, "log_likelihood": -4000.0, "customers": 300, "prior_weight": 0.0},
    "next_year": {
        "orders": {"expected": 812.4, "low": 700.0, "high": 930.0},
        "alive": {"expected": 310.0, "low": 280.0, "high": 340.0},
        "alive_again": {"expected": 220.0, "low": 200.0, "high": 240.0},
        "revenue_minor": {"expected": 7_587_300, "low": 6_687_800, "high": 8_094_800},
    },
    "hold_out": HELD, "margin_minor": 3_000_000, "seconds": 1.2,
    "bands": {"edges": [1_000, 10_000], "customers": [200, 180, 40], "revenue_minor": [1, 2, 3], "best_tenth": 0.63},
}  # fmt: skip
PARTS = {
    "orders": 1.94, "alive": 0.45, "alive_low": 0.4, "alive_high": 0.52, "monetary_minor": 84_000, "low_minor": 0,
    "high_minor": 190_000, "least": 0, "most": 4, "bought": 8, "silent_days": 3,
}  # fmt: skip


def told(**other: Any) -> ValueRun:
    return ValueRun.objects.create(
        as_of=TODAY, customers=420, told=TOLD | other, seconds=1.2, finished_at=timezone.now()
    )


def score(customer: Customer, label: str = SLIPPING, **other: Any) -> Score:
    parts = PARTS | other
    return Score.objects.create(
        customer=customer, name="value", value=parts["monetary_minor"] or 0, label=label, parts=parts, as_of=TODAY,
        scheme_version=1,
    )  # fmt: skip


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def panel(client: Client, customer: Customer) -> str:
    return text(client, reverse("insight:customer-value", kwargs={"customer_id": customer.pk}))


def chinese(staff: Staff) -> Client:
    staff.language = "zh-hans"
    staff.save()
    client = Client()
    client.force_login(staff)
    return client


def test_the_page_says_what_will_come_and_how_sure_that_is(today: dt.date, owners_browser: Client) -> None:
    told()
    page = text(owners_browser)
    for words in (
        "<h1>Your customers will probably bring ¥75,873 within 12 months</h1>",
        "420 customers who bought, seen from 11 Nov 2024.",
        "8 in 10 futures: ¥66,878–¥80,948",
        "8 in 10 futures: 700–930",
        "of 300 who bought again",
        "The best tenth of customers brings 63% of what is expected.",
    ):
        assert words in page


def test_the_page_holds_the_models_against_what_came(today: dt.date, owners_browser: Client) -> None:
    told()
    page = text(owners_browser)
    assert "From 11 Aug 2024 on Pareto/NBD expected 3.0% fewer orders than came; the better of two" in page
    assert "simple rules was off by 20.0%." in page
    for words in ("−3.0%", "+60.0%", "Everybody goes on at their rate", "As many as before", "r 0.553", "v 15.44"):
        assert words in page


def test_the_page_speaks_chinese(today: dt.date, owner: Staff) -> None:
    told()
    page = text(chinese(owner))
    assert "<h1>未来 12 个月，客户预计带来 ¥75,873</h1>" in page
    assert "2024年8月11日之后，Pareto/NBD 的预计比实际少 3.0%" in page


def test_only_who_may_see_costs_is_told_the_margin(today: dt.date, owners_browser: Client, owner: Staff) -> None:
    run = told()
    assert "Expected margin" in text(owners_browser)
    hidden = Worth(run, "CNY", may_see_costs=False)
    assert "Expected margin" not in [str(metric.label) for metric in hidden.metrics]


def test_who_is_worth_most_and_who_is_slipping_away_are_listed(
    today: dt.date, owners_browser: Client, loyal: Customer, lapsed: Customer
) -> None:
    told()
    score(loyal)
    score(lapsed, "", alive=0.97, monetary_minor=200_000)
    page = text(owners_browser)
    best, slipping = page.split("Who is worth most?")[1].split("Who is worth most and slipping away?")
    assert best.index("¥2,000") < best.index("¥840")
    assert "¥840" in slipping
    assert "¥2,000" not in slipping
    assert reverse("customers:customer", args=[loyal.pk]) in slipping


def test_a_shop_whose_few_customers_came_back_is_told_that_others_speak_for_it(
    today: dt.date, owners_browser: Client
) -> None:
    told(prior_weight=0.9, is_few=True, hold_out=None, chosen_by="few")
    page = text(owners_browser)
    assert "Few customers bought again so far." in page
    assert "too few customers bought again to try both on the past" in page
    assert "held against its end here" in page


def test_a_shop_without_amounts_in_its_currency_is_told_of_orders(today: dt.date, owners_browser: Client) -> None:
    nothing = {"edges": [], "customers": [], "revenue_minor": [], "best_tenth": None}
    told(next_year=TOLD["next_year"] | {"revenue_minor": None}, gamma_gamma=None, bands=nothing, margin_minor=None)  # type: ignore[operator]
    page = text(owners_browser)
    assert "Your customers will probably order 812 times within 12 months" in page
    assert "revenue cannot be estimated" in page


def test_before_the_first_run_the_page_teaches_what_lifetime_value_is(owners_browser: Client) -> None:
    page = text(owners_browser)
    assert "Nobody&#x27;s value is estimated yet" in page
    assert "Few orders are enough" in page


@pytest.mark.parametrize("orders", [0, 1, 2])
def test_a_shop_of_hardly_any_orders_has_a_page_and_panels(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client, orders: int
) -> None:
    who = met(tea_house, key="lin", name="林晓", phone="+8618300002807")
    for nth in range(orders):
        buy(who, tea_house, on=TODAY - dt.timedelta(days=20 * nth), goods_minor=12_000)
    sync()
    valuing.compute()
    page, beside = text(owners_browser), panel(owners_browser, who)
    assert ("Few customers bought again so far." in page) == bool(orders)
    assert ("it takes one paid order" in beside) == (not orders)
    for words in ("nan", "inf<", "None"):
        assert words not in beside


def test_a_shop_that_gave_everything_back_has_a_page(
    lake: Path, today: dt.date, loyal: Customer, owners_browser: Client
) -> None:
    Order.objects.update(refunded_minor=26_800, net_minor=0, net_base_minor=0, **CHANGED)
    sync()
    valuing.compute()
    assert "Nobody&#x27;s value is estimated yet" in text(owners_browser)


def test_the_panel_says_what_is_expected_and_why(today: dt.date, agents_browser: Client, loyal: Customer) -> None:
    told()
    kept = score(loyal)
    page = panel(agents_browser, loyal)
    for words in ("<b>¥840</b>", "¥0–1,900", "<b>1.9</b>", "0–4", "<b>45%</b>", "40–52%"):
        assert words in page
    assert "Bought on 8 days, the last one 3 days ago: longer ago than their rhythm lets expect." in page
    for alive, words in ((0.9, "that fits their rhythm so far"), (0.1, "they have probably left for good")):
        Score.objects.filter(pk=kept.pk).update(parts=PARTS | {"alive": alive})
        assert words in panel(agents_browser, loyal)
    Score.objects.filter(pk=kept.pk).update(parts=PARTS | {"bought": 1, "monetary_minor": None})
    assert "what others did who began likewise" in panel(agents_browser, loyal)


def test_the_panel_speaks_chinese(today: dt.date, agent: Staff, loyal: Customer) -> None:
    told()
    score(loyal)
    assert "有 8 天下过单，最近一次是 3 天前：比平常的节奏久了。" in panel(chinese(agent), loyal)


def test_only_who_may_see_insight_is_led_to_the_page(
    today: dt.date, owners_browser: Client, agents_browser: Client, loyal: Customer
) -> None:
    told()
    score(loyal)
    assert PAGE in panel(owners_browser, loyal)
    assert PAGE not in panel(agents_browser, loyal)
    assert agents_browser.get(PAGE).status_code == 403


def test_the_customer_page_is_offered_the_panel(agent: Staff) -> None:
    found = next(each for each in panels_for("customer", agent) if each.name == "value")
    assert (found.place, found.url_name) == ("side", "insight:customer-value")


def test_the_panel_costs_six_questions_to_the_book(
    today: dt.date, agents_browser: Client, loyal: Customer, django_assert_num_queries: Any
) -> None:
    told()
    score(loyal)
    with django_assert_num_queries(6):  # session, staff, customer, score, run, company
        page = panel(agents_browser, loyal)
    assert len(page.encode()) < 15_000


def test_the_page_costs_the_same_however_many_people_are_on_it(
    today: dt.date, owners_browser: Client, tea_house: Store, django_assert_num_queries: Any
) -> None:
    told()
    for nth in range(12):
        score(met(tea_house, key=f"c{nth}", name=f"客{nth}", phone=f"+86139000055{nth:02}"), monetary_minor=1_000 + nth)
        if nth in {1, 11}:
            owners_browser.get(PAGE)
            with django_assert_num_queries(10):
                page = text(owners_browser)
    assert len(page.encode()) < 60_000


def rows_of(client: Client, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.status_code == 200
    whole = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert not {"nan", "inf", "None"} & {cell for row in csv.reader(whole.splitlines()) for cell in row}
    return list(csv.reader(whole.splitlines()))


def test_the_file_has_everybody_with_what_they_are_worth_and_its_ends(
    today: dt.date, owners_browser: Client, agents_browser: Client, tea_house: Store
) -> None:
    told()
    people = [met(tea_house, key=f"v{nth}", name=f"客{nth}", phone=f"+86139000066{nth:02}") for nth in range(13)]
    for nth, who in enumerate(people):
        score(who, SLIPPING if nth % 2 else "", monetary_minor=1_050 * nth)
    assert reverse("insight:value-table") in text(owners_browser)
    names, *lines = rows_of(owners_browser, reverse("insight:value-table"))
    assert names[-5:] == ["revenue (CNY)", "revenue_low (CNY)", "revenue_high (CNY)", "label", "as_of"]
    assert [line[0] for line in lines] == [each.public_id for each in reversed(people)]
    assert [line[8] for line in lines][:2] == ["126.00", "115.50"]
    assert {line[10] for line in lines} == {"1900.00"}
    assert {line[11] for line in lines} == {"slipping", ""}
    assert all("139" not in cell for line in lines for cell in line[:2])
    assert AuditEntry.objects.filter(act="list.exported", subject="list:value").count() == 1
    assert agents_browser.get(reverse("insight:value-table")).status_code == 403


def test_a_file_without_amounts_and_one_before_the_first_run_are_files(
    today: dt.date, owners_browser: Client, loyal: Customer
) -> None:
    assert len(rows_of(owners_browser, reverse("insight:value-table"))) == 1
    told()
    score(loyal, monetary_minor=None, low_minor=None, high_minor=None)
    (_names, line) = rows_of(owners_browser, reverse("insight:value-table"))
    assert line[8:11] == ["", "", ""]
    assert line[5] == str(PARTS["orders"])


@pytest.mark.parametrize("people", [2, 40])
def test_the_file_asks_the_book_the_same_however_many_they_are(
    today: dt.date, owners_browser: Client, tea_house: Store, people: int, django_assert_max_num_queries: Any
) -> None:
    told()
    for nth in range(people):
        score(met(tea_house, key=f"v{nth}", name=f"客{nth}", phone=f"+86139000066{nth:02}"))
    with django_assert_max_num_queries(18):
        rows_of(owners_browser, reverse("insight:value-table"))
