"""An analyst, and a lake with a few orders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job
from guanxi.core.jobs.worker import Worker
from guanxi.customers.models import Customer
from guanxi.insight.notebook.models import Notebook
from guanxi.warehouse.sync import sync
from tests.cast import hired


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    """A home of its own, where answers lie."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def analyst(db: None) -> Staff:
    """Somebody who may ask."""
    return hired("ann", "Ann", Role.ANALYST)


@pytest.fixture
def desk(analyst: Staff) -> Client:
    """Their browser."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(analyst)
    return client


@pytest.fixture
def reader(db: None) -> Client:
    """The browser of a marketer, who reads and does not ask."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(hired("may", "May", Role.MARKETER))
    return client


@pytest.fixture
def orders(home: Path, lake: Path, loyal: Customer, lapsed: Customer) -> None:
    """The orders of two customers, in the lake."""
    sync()


@pytest.fixture
def run(desk: Client) -> Callable[..., str]:
    """Run the first cell of a notebook as its page does, and give what stands below it then."""

    def ran(notebook: Notebook, number: int = 1) -> str:
        answer = desk.post(f"/insight/notebook/{notebook.pk}/", form(notebook, do=f"run-{number}"))
        if answer.status_code == 302:
            Worker().drain()
            answer = desk.get(f"/insight/notebook/{notebook.pk}/cells/{number}/")
        return " ".join(answer.content.decode().split())

    return ran


def form(notebook: Notebook, **changed: Any) -> dict[str, Any]:
    """What the page of a notebook would send."""
    told: dict[str, Any] = {"title": notebook.title, "over": notebook.version, "cell": []}
    for cell in notebook.parts:
        told["cell"].append(cell.number)
        told[f"kind-{cell.number}"], told[f"text-{cell.number}"] = cell.kind, cell.text
        told |= {f"{name}-{cell.number}": getattr(cell.chart, name) for name in ("x", "y", "series")}
        told[f"chart-{cell.number}"] = cell.chart.kind
    return told | changed


def jobs() -> int:
    """How many questions wait."""
    return Job.objects.unfinished().filter(task__endswith="answer_question").count()
