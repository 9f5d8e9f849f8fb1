"""The panel says why, the page shows the classes; both to whom the role allows."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, Score
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.insight.overview import Overview
from guanxi.pages.panels import panels_for


@pytest.fixture
def scored(today: dt.date, loyal: Customer, lapsed: Customer) -> RfmRun:
    """Two customers among three, as a run left them."""
    figures = {
        loyal: {"r": 5, "f": 3, "m": 3, "recency_days": 3, "frequency": 8, "monetary_minor": 214_400},
        lapsed: {"r": 1, "f": 1, "m": 1, "recency_days": 730, "frequency": 0, "monetary_minor": 0},
    }
    for customer, parts in figures.items():
        Score.objects.create(
            customer=customer, name="rfm", value=parts["r"], label="", parts=parts, as_of=today, scheme_version=1
        )
    return RfmRun.objects.create(
        scheme=RfmScheme.current(),
        as_of=today,
        customers=3,
        classes={
            "high_value": {"customers": 0, "net_minor": 0},
            "potential": {"customers": 1, "net_minor": 214_400},
            "ordinary": {"customers": 0, "net_minor": 0},
            "lost": {"customers": 2, "net_minor": 15_800},
        },
        limits={
            "recency": [7, 30, 90, 180],
            "frequency": [1, 1, 8, 8],
            "monetary": [15_800, 15_800, 214_400, 214_400],
        },
        seconds=0.1,
        finished_at=timezone.now(),
    )


def panel_of(customer: Customer, client: Client) -> str:
    response = client.get(reverse("insight:customer-rfm", kwargs={"customer_id": customer.pk}))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def signed_in(client: Client, staff: Staff, language: str = "en") -> Client:
    staff.language = language
    staff.save()
    client.force_login(staff)
    return client


def test_the_panel_says_why(scored: RfmRun, client: Client, agent: Staff, loyal: Customer) -> None:
    page = panel_of(loyal, signed_in(client, agent))
    assert "<h2>Why potential?</h2>" in page
    assert "Score 3.6 (R 30%, F 30%, M 40%)." in page
    assert "After 5 more days without an order R drops to 4 and the score to 3.3." in page
    assert "8 orders in 365 days" in page
    assert "¥2,144" in page
    assert "3 days ago" in page
    assert "the last day observed" not in page


def test_the_panel_speaks_chinese(scored: RfmRun, client: Client, agent: Staff, loyal: Customer) -> None:
    page = panel_of(loyal, signed_in(client, agent, "zh-hans"))
    assert "<h2>为什么是潜力？</h2>" in page
    assert "综合 3.6 分（R 30%、F 30%、M 40%）。5 天内不再下单，R 降到 4，总分 3.3。" in page
    assert "365 天 8 单" in page
    assert "看规则" in page


def test_a_customer_without_a_paid_order_is_told_what_is_needed(client: Client, agent: Staff, loyal: Customer) -> None:
    assert "need one paid order" in panel_of(loyal, signed_in(client, agent))


def test_scores_of_an_archive_say_from_which_day_they_are_seen(
    scored: RfmRun, client: Client, owner: Staff, loyal: Customer
) -> None:
    RfmRun.objects.update(as_of=scored.as_of - dt.timedelta(days=20))
    assert "Seen from 22 Oct 2024, the last day observed." in panel_of(loyal, signed_in(client, owner))


def test_scores_that_are_overdue_say_so(
    scored: RfmRun, client: Client, owner: Staff, loyal: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + dt.timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    page = panel_of(loyal, signed_in(client, owner))
    assert "gx-asof-stale" in page
    assert "See whether the worker runs." in page


def test_only_who_may_see_the_rules_is_led_to_them(
    scored: RfmRun, client: Client, owner: Staff, agent: Staff, loyal: Customer
) -> None:
    assert reverse("insight:rfm") in panel_of(loyal, signed_in(client, owner))
    assert reverse("insight:rfm") not in panel_of(loyal, signed_in(Client(), agent))


def test_a_customer_nobody_knows_is_not_found(client: Client, owner: Staff) -> None:
    address = reverse("insight:customer-rfm", kwargs={"customer_id": 12345})
    assert signed_in(client, owner).get(address).status_code == 404


def test_nobody_sees_scores_without_signing_in(
    scored: RfmRun, client: Client, loyal: Customer, outsider: Staff
) -> None:
    address = reverse("insight:customer-rfm", kwargs={"customer_id": loyal.pk})
    assert client.get(address).status_code == 302
    client.force_login(outsider)
    assert client.get(address).status_code == 302


def test_the_panel_costs_six_questions_to_the_book(
    scored: RfmRun, client: Client, owner: Staff, loyal: Customer, django_assert_num_queries: Any
) -> None:
    signed_in(client, owner)
    with django_assert_num_queries(6):  # session, staff, customer, score, run with its rules, company
        page = panel_of(loyal, client)
    assert len(page.encode()) < 15_000


def test_the_page_of_classes_says_how_many_and_what_they_bring(scored: RfmRun, client: Client, owner: Staff) -> None:
    page = " ".join(signed_in(client, owner).get(reverse("insight:rfm")).content.decode().split())
    assert "<h1>0.0% of customers are high-value and bring 0.0% of net sales</h1>" in page
    assert "3 customers who bought, as of 11 Nov 2024." in page
    assert "¥2,144.00" in page
    assert "Version 1, since" in page
    for words in ("≤ 7", "8–30", "31–90", "91–180", "≥ 181"):
        assert words in page


def test_the_classes_cost_four_questions_to_the_book(scored: RfmRun, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):  # company, rules, run, the days before; the shell asks its own
        overview = Overview.now()
        assert [row.customers for row in overview.classes] == [0, 1, 0, 2]
        assert len(overview.rules) == 3


def test_before_the_first_run_the_page_teaches_what_classes_are(client: Client, owner: Staff) -> None:
    page = signed_in(client, owner).get(reverse("insight:rfm")).content.decode()
    assert "No customer is scored yet" in page
    assert "Classes say who your best customers are." in page


def test_an_agent_may_not_open_the_page_of_classes(client: Client, agent: Staff) -> None:
    assert signed_in(client, agent).get(reverse("insight:rfm")).status_code == 403


def test_the_customer_page_is_offered_the_panel(agent: Staff) -> None:
    panel = next(each for each in panels_for("customer", agent) if each.name == "rfm")
    assert (panel.place, panel.url_name) == ("side", "insight:customer-rfm")
