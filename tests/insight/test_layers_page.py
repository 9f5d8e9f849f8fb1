"""The page of layers: what it says, who stands behind its figures, its file, and what it costs."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.insight import given
from guanxi.orders.models import Store
from guanxi.warehouse.sync import sync
from tests.cast import TODAY, buy, met

PAGE = "/insight/layers/"
QUERIES = 7


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    found = " ".join(response.content.decode().split())
    assert "NaN" not in found
    return found


def shop(people: int, *, refunded: int = 0) -> None:
    """Everybody bought once; who came first spent most, and is lost."""
    store = Store.objects.get()
    for nth in range(people):
        who = met(store, key=f"layer-{nth}", name=f"Buyer {nth}")
        on = TODAY - dt.timedelta(days=10 if nth else 200)
        buy(who, store, on=on, goods_minor=1_000 if nth else 19_000, refunded_minor=refunded)
    sync()
    given.compute(["customer_layers"], TODAY)


@pytest.mark.django_db(transaction=True)
def test_the_page_says_what_the_best_bring_and_leads_to_them(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(20)
    page = text(owners_browser)
    assert "1 customer of top value brought 50.0% of net sales; 1 of them is dormant or lost</h1>" in page
    assert "Everybody: too few have come back for a limit of your own" in page
    assert re.search(r"<td class=\"gx-n\">90 days</td>\s*<td class=\"gx-n\">180 days</td>", page)
    assert "worth=top&amp;state=lost" in page
    assert text(owners_browser, f"{PAGE}people/?worth=top&state=lost").count('data-card="who"') == 1
    assert text(owners_browser, f"{PAGE}people/?state=new").count('data-card="who"') == 19
    assert owners_browser.get(f"{PAGE}people/?worth=gold").status_code == 404
    file = b"".join(owners_browser.get(f"{PAGE}layers.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "Top value,Lost,1,190.00" in file


@pytest.mark.django_db(transaction=True)
def test_where_all_was_given_back_no_share_is_told(
    lake: Path, today: dt.date, tea_house: Store, owners_browser: Client
) -> None:
    shop(1, refunded=19_000)
    assert "1 customer bought so far</h1>" in text(owners_browser)


def test_before_the_first_run_the_page_teaches(db: None, owners_browser: Client) -> None:
    assert "Layers show who brings most" in text(owners_browser)
    assert owners_browser.get(f"{PAGE}layers.csv").status_code == 404
    assert owners_browser.get(f"{PAGE}people/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [3, 30])
def test_the_page_asks_as_much_however_many_there_are(
    people: int, lake: Path, today: dt.date, tea_house: Store, owners_browser: Client, django_assert_num_queries: Any
) -> None:
    shop(people)
    owners_browser.get(PAGE)
    with django_assert_num_queries(QUERIES):
        owners_browser.get(PAGE)
