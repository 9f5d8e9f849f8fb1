"""What the shop asks of its own: the taste somebody likes, how many they give, and a few more."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.orders.models import Store
from guanxi.shop.models import CustomField, Kind
from tests.cast import met

Declare = Callable[..., CustomField]
TASTES = [
    {"key": "floral", "en": "Floral", "zh": "花香"},
    {"key": "roasted", "en": "Roasted", "zh": "焙火"},
    {"key": "sweet", "en": "Sweet", "zh": "甜润"},
]


@pytest.fixture
def declare(owner: Staff) -> Declare:
    """Declare a field the short way."""

    def make(name: str, kind: str = Kind.TEXT, subject: str = "customer", **told: Any) -> CustomField:
        if kind in {Kind.CHOICE, Kind.CHOICES}:
            told.setdefault("choices", TASTES)
        labels = {"label_en": name.replace("_", " ").capitalize(), "label_zh": f"字段{name}"}
        return CustomField.declare(subject, name, {**labels, "kind": kind, **told}, by=owner)

    return make


@pytest.fixture
def taste(declare: Declare) -> CustomField:
    return declare("taste", Kind.CHOICES)


@pytest.fixture
def crowd_of(tea_house: Store) -> Callable[[int], list[Customer]]:
    """So many people more."""

    def meet(count: int) -> list[Customer]:
        first = Customer.objects.count()
        return [
            met(tea_house, key=f"k{first + nth}", name=f"Kit {first + nth}", email=f"kit{first + nth}@example.com")
            for nth in range(count)
        ]

    return meet
