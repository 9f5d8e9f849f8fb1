"""The tables of insight's pages leave as files that say what the pages say."""

import csv
import re

import pytest
from django.test import Client

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.insight.models import MarketingCost, ValueRun
from guanxi.orders.models import Order
from tests.insight.costs import cost_of
from tests.insight.test_api import computed
from tests.insight.test_channels import ASKED, visited
from tests.insight.test_funnel_pages import browser
from tests.insight.test_value_pages import told

__all__ = ["browser", "computed", "visited"]
FORM = re.compile(r'<form class="gx-chart-tools"[^>]*>.*?name="chart" value="([^"]+)"', re.DOTALL)


def tables(client: Client, address: str) -> list[list[dict[str, str]]]:
    """Download every table that a page offers as CSV."""
    shown = client.get(address).content.decode()
    found = []
    for token in FORM.findall(shown):
        answer = client.post("/charts/file/", {"chart": token, "form": "csv"})
        assert answer.status_code == 200
        assert client.post("/charts/file/", {"chart": token, "form": "xlsx"}).content[:2] == b"PK"
        found.append(list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines())))
    return found


def test_classes_and_cells_leave_as_files(browser: Client, computed: None) -> None:
    cells, classes = tables(browser, "/insight/rfm/")
    assert sum(int(row["Customers"]) for row in classes) == sum(int(row["Customers"]) for row in cells) == 2
    assert sum(float(row["Net sales (CNY)"]) for row in cells) == pytest.approx(
        sum(float(value) for row in classes for name, value in row.items() if name.startswith("Net sales"))
    )
    assert AuditEntry.objects.filter(act="chart.exported").count() == 4


def test_channels_leave_as_files_without_formulas(browser: Client, visited: Order, owner: Staff) -> None:
    cost_of("=cmd|calc", by=owner)
    MarketingCost.objects.update(starts_on=visited.placed_on, ends_on=visited.placed_on)
    economics, compared = tables(browser, ASKED)
    assert {row["Source"] for row in economics} >= {"newsletter", "www.baidu.com", "ad", "'=cmd|calc"}
    assert sum(float(row["Last contact"]) for row in compared) == 1


def test_the_back_test_leaves_as_a_file(browser: Client, computed: None, today: object) -> None:
    ValueRun.objects.all().delete()
    told()
    (rows,) = tables(browser, "/insight/value/")
    assert [row["Forecast"] for row in rows][:2] == ["BG/NBD", "Pareto/NBD"]
    assert float(rows[1]["Expected orders"]) == 97
