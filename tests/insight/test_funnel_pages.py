"""The page of funnels: what it finds, who stands behind a bar, and what it says where there is nothing."""

import csv
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.core.ids import reserve
from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.warehouse.sync import sync
from tests.cast import TODAY

DATA = Path(os.environ.get("GUANXI_DATA") or Path(__file__).parents[3] / "shared" / "data")
LOG = DATA / "synthetic_ecom_clickstream" / "ecom.csv.gz"
COLUMNS = ("id", "name", "occurred_at", "received_at", "source", "properties", "profile_id")
NOON = dt.datetime.combine(TODAY, dt.time(2), dt.UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STEPS = "s1=Checkout+Started&s2=Payment+Info+Entered&s3=Order+Completed"
NAMES = {
    "product_view": "Product Viewed",
    "add_to_cart": "Product Added",
    "cart": "Cart Viewed",
    "shipping_details": "Checkout Started",
    "payment_details": "Payment Info Entered",
    "purchase": "Order Completed",
}


@pytest.fixture
def browser(client: Client, owner: Staff) -> Client:
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


def happen(rows: list[tuple[str, dt.datetime, int, str]]) -> None:
    keys = reserve(Event, len(rows))
    told = [
        (key, name, at, at, "web", json.dumps({"device": device}), profile)
        for key, (name, at, profile, device) in zip(keys, rows, strict=True)
    ]
    Event.objects.append(COLUMNS, told)
    sync()


def page(browser: Client, address: str) -> str:
    return " ".join(browser.get(address).content.decode().split())


@pytest.fixture
def walked(lake: Path, today: dt.date, loyal: Customer) -> None:
    """A customer who orders, and a device nobody knows that turns back."""
    device = SourceProfile.objects.create(source="web", key="d1", is_device=True)
    known = SourceProfile.objects.filter(customer=loyal).first()
    assert known
    names = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
    minutes = [(name, NOON + dt.timedelta(minutes=nth), known.pk, "phone") for nth, name in enumerate(names)]
    happen([*minutes, ("Product Viewed", NOON, device.pk, "desktop")])


def test_the_page_finds_where_people_turn_back_and_leads_to_them(
    walked: None, browser: Client, loyal: Customer
) -> None:
    shown = page(browser, "/insight/funnels/?range=30d&by=device")
    assert "<h1>50.0% of 2 people came to the end; most were lost before “Product Added”</h1>" in shown
    assert "“Phone” came to the end most often: 100.0%." in shown
    behind = page(browser, "/insight/funnels/people/?funnel=order&window=7d&step=1")
    assert behind.count('data-card="who"') == 1
    assert f"/customers/{loyal.public_id}/" in behind


def test_who_turned_back_at_a_step_is_listed(walked: None, browser: Client, loyal: Customer) -> None:
    seen = SourceProfile.objects.filter(customer=loyal).values_list("pk", flat=True)[0]
    happen([("Products Searched", NOON, seen, "phone")])
    address = "/insight/funnels/people/?s1=Products+Searched&s2=Cart+Viewed&step=1"
    assert f"/customers/{loyal.public_id}/" in page(browser, f"{address}&dropped=1")
    assert "Who turned back after “Products Searched”" in page(browser, f"{address}&dropped=1")
    assert "No customer turned back here" in page(browser, "/insight/funnels/people/?step=1&dropped=1")


def test_a_funnel_of_ones_own_is_kept_as_typed_and_under_a_name(walked: None, browser: Client) -> None:
    own = "s1=Product+Viewed&p1=device&o1=is&v1=phone&s2=Order+Completed&window=30d&per=visit&source=web"
    shown = page(browser, f"/insight/funnels/?{own}&more=1")
    assert "100.0% of 1 visit came to the end" in shown
    assert 'value="phone"' in shown
    assert 'name="s3"' in shown, "an empty step more"
    kept = {"name": "Phones", "query": own, "next": "/insight/funnels/"}
    assert browser.post(reverse("list-views", args=["funnels"]), kept).status_code == 302
    assert 'aria-current="page">Phones<' in page(browser, f"/insight/funnels/?{own}")
    one = page(browser, "/insight/funnels/?s1=Product+Viewed")
    assert "A funnel has two to six steps." in one


def test_a_step_that_cannot_be_counted_is_shown_as_it_was_typed(walked: None, browser: Client) -> None:
    answer = browser.get("/insight/funnels/?s1=Product+Viewed&p1=nonsense&v1=red&s2=Order+Completed&window=9y")
    shown = answer.content.decode()
    assert (answer.status_code, 'value="red"' in shown, "Choose a property of the list" in shown) == (422, True, True)


def test_the_page_asks_the_book_no_more_for_more_people(
    walked: None, browser: Client, django_assert_max_num_queries: Any
) -> None:
    browser.get("/insight/funnels/")
    with django_assert_max_num_queries(30):
        browser.get("/insight/funnels/?by=source&funnel=payment")


def test_without_events_the_page_teaches(lake: Path, today: dt.date, browser: Client) -> None:
    assert "Connect your site, app or shop under Sources" in page(browser, "/insight/funnels/")


def test_what_is_no_funnel_is_refused_in_words(lake: Path, browser: Client) -> None:
    answer = browser.get("/insight/funnels/?s2=b&window=1h&s1=" + "x" * 101)
    assert (answer.status_code, b"at most 100 characters" in answer.content) == (422, True)
    assert browser.get("/insight/funnels/people/?step=9").status_code == 404


@pytest.mark.realdata
def test_the_planted_incidents_of_a_real_log_are_named(lake: Path, today: dt.date, browser: Client) -> None:
    log = pl.read_csv(LOG, try_parse_dates=True).filter(pl.col("event").is_in(list(NAMES)))
    users = {
        each.key: each.pk
        for each in SourceProfile.objects.bulk_create(
            SourceProfile(source="web", key=key, is_device=True) for key in log["user_id"].unique(maintain_order=True)
        )
    }
    chosen = log.select("event", "timestamp", "user_id", "platform").iter_rows()
    happen(
        [
            (NAMES[name], at.replace(tzinfo=SHANGHAI), users[who], {"mobile": "phone"}.get(on, on))
            for name, at, who, on in chosen
        ]
    )
    shown = page(browser, f"/insight/funnels/incidents/?{STEPS}&from=2024-01-01&to=2024-06-30")
    assert "Mar 2024" not in shown
    assert (
        "14 Apr 2024 to 7 May 2024, Phone: 30% went from “Checkout Started” to “Payment Info Entered”, else 77%."
        in shown
    )
    assert "19 May 2024 to 8 Jun 2024: 36% went from “Payment Info Entered” to “Order Completed”, else 85%." in shown


def lines_of(browser: Client, address: str) -> list[list[str]]:
    response = browser.get(address)
    assert response.status_code == 200
    whole = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(whole.splitlines()))


def test_the_steps_and_who_turned_back_are_a_file(walked: None, browser: Client) -> None:
    address = "/insight/funnels/steps.csv?range=30d&by=device&funnel=order"
    assert "/insight/funnels/steps.csv?" in page(browser, "/insight/funnels/?range=30d&by=device")
    names, *lines = lines_of(browser, address)
    assert names[:4] == ["Device", "Step", "People", "Customers among them"]
    assert names[7] == "Turned back"
    assert len(lines) == 4 * 3
    assert [line[2] for line in lines[:4]] == ["2", "1", "1", "1"]
    assert [line[7] for line in lines[:4]] == ["1", "0", "0", ""]
    assert {line[0] for line in lines} == {"All", "Phone", "Computer"}
    for step in range(4):
        assert int(lines[step][2]) == sum(int(lines[4 * part + step][2]) for part in (1, 2))
    assert lines_of(browser, "/insight/funnels/steps.csv")[0][0] == "Part"
    assert browser.get("/insight/funnels/steps.csv?s1=&s2=x&window=9").status_code == 404


def test_a_funnel_without_events_is_a_file_of_no_people(lake: Path, today: dt.date, browser: Client) -> None:
    _names, *lines = lines_of(browser, "/insight/funnels/steps.csv")
    assert [line[2] for line in lines] == ["0"] * 4
    assert not {"nan", "None", "inf"} & {cell for line in lines for cell in line}
