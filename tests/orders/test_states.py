"""Orders narrowed by their states: however they are combined, the newest ones are read from one index."""

import datetime as dt
from itertools import combinations, product

import pytest
from django.db import connection

from guanxi.customers.models import Customer
from guanxi.orders.models import Order, Store
from guanxi.orders.models.order import STATES, OrderQuerySet
from guanxi.orders.states import first
from tests.cast import TODAY, buy

CHOSEN = [names for count in (1, 2, 3) for names in combinations(STATES, count)]


@pytest.fixture
def every_state(lapsed: Customer, tea_house: Store) -> None:
    """An order of every combination of states, on days that cross."""
    for nth, states in enumerate(product(*(each.values for each in STATES.values()))):
        order = buy(lapsed, tea_house, on=TODAY - dt.timedelta(days=nth * 7 % 11), goods_minor=100)
        Order.objects.filter(pk=order.pk).update(**dict(zip(STATES, states, strict=True)))


def narrowed(states: dict[str, str]) -> OrderQuerySet:
    rows = Order.objects.all()
    for name, state in states.items():
        rows = rows.in_state(name, state)
    return rows


@pytest.mark.parametrize("falls", [True, False])
@pytest.mark.parametrize("names", CHOSEN, ids="-".join)
def test_the_first_orders_of_some_states_are_those_of_a_plain_sort(
    every_state: None, names: tuple[str, ...], *, falls: bool
) -> None:
    sign = "-" if falls else ""
    for values in product(*(STATES[name].values[1:3] for name in names)):
        states = dict(zip(names, values, strict=True))
        plain = Order.objects.filter(**states).order_by(f"{sign}placed_at", f"{sign}id")
        assert narrowed(states).count() == plain.count()
        assert first(narrowed(states), states, 5, falls=falls) == list(plain[:5])


def test_nobody_who_may_see_no_orders_reads_any(every_state: None) -> None:
    assert first(Order.objects.none(), {}, 5, falls=True) == []


@pytest.mark.parametrize("names", CHOSEN, ids="-".join)
def test_whatever_states_are_asked_for_the_index_is_entered(every_state: None, names: tuple[str, ...]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in the words of SQLite")
    chosen = narrowed({name: STATES[name].values[1] for name in names})
    assert "order_by_states (payment_state=? AND fulfilment_state=? AND return_state=?" in chosen.explain()
    ones = chosen.filter(customer=7)
    assert "INDEX order_of_customer (customer_id=?" in ones.order_by("-placed_at", "-id").explain()
    assert "order_by_states" not in chosen.numbered("T00001").explain()
