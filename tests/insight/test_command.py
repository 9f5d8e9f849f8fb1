import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from guanxi.customers.models import Customer
from guanxi.insight.models import RfmRun
from guanxi.warehouse.sync import sync


def test_the_command_gives_the_classes_with_counts(
    lake: Path, today: dt.date, loyal: Customer, lapsed: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    sync()
    call_command("insight", "rfm", "--as-of", "2024-11-30", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    seconds = told.pop("seconds")
    assert seconds >= 0
    assert told == {
        "as_of": "2024-11-30",
        "scheme_version": 1,
        "customers": 2,
        "classes": {"high_value": 0, "potential": 0, "ordinary": 0, "lost": 2},
    }


def test_without_a_day_the_present_one_is_meant(lake: Path, today: dt.date, loyal: Customer) -> None:
    sync()
    call_command("insight", "rfm", "--json")
    assert RfmRun.objects.get().as_of == today
