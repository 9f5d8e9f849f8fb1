"""Staff at their browsers, a crowd of customers, and a class for each."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import translation

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Customer, Score
from guanxi.orders.models import Store
from tests.cast import TODAY, buy, hired, met


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def analyst(db: None) -> Staff:
    """Who may look and not touch."""
    return hired("ana", "Ana", Role.ANALYST)


@pytest.fixture
def analysts_browser(analyst: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(analyst)
    return client


@pytest.fixture
def crowd(tea_house: Store) -> Callable[[int], list[Customer]]:
    """Have so many people buy once each, who all have a phone."""

    def gather(count: int) -> list[Customer]:
        start = Customer.objects.count()
        people = [
            met(tea_house, key=f"c{nth}", name=f"Guest {nth}", phone=f"+86183{nth:08}")
            for nth in range(start, start + count)
        ]
        for nth, each in enumerate(people):
            buy(each, tea_house, on=TODAY - dt.timedelta(days=nth), goods_minor=1_000 + nth)
        return people

    return gather


def scored(customer: Customer, value: float, label: str, *, monetary_minor: int = 0) -> Score:
    """Have a customer stand in a class."""
    return Score.objects.create(
        customer=customer,
        name="rfm",
        value=value,
        label=label,
        parts={"monetary_minor": monetary_minor},
        as_of=TODAY,
        scheme_version=1,
    )
