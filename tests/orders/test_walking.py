"""Orders asked for by several things at once: all of them hold, newest first, without gaps and repeats."""

import datetime as dt
from itertools import combinations

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.orders.models import Order, Store
from guanxi.orders.own import SHELF
from guanxi.pages import sifting
from guanxi.shop.models import CustomField, Kind
from tests.api import Program, keyed, problem
from tests.cast import buy, met

pytestmark = pytest.mark.django_db
MANY = 20


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, per_minute=60_000)


@pytest.fixture
def heap(tea_house: Store, owner: Staff) -> dict[str, set[str]]:
    """Orders of which several things hold, each of other ones: their ids, by what a program asks."""
    kim = met(tea_house, key="k", name="Kim")
    wrap = CustomField.declare(
        "order", "wrapped", {"kind": Kind.YES_NO, "label_en": "Wrapped", "label_zh": "包装"}, by=owner
    )
    other = Store.objects.create(code="moon", name="Moon", currency="CNY", time_zone="Asia/Shanghai")
    day = dt.date(2024, 3, 1)
    orders = [buy(kim if n % 2 else None, tea_house, on=day, goods_minor=1_000 * n) for n in range(MANY)]
    for n, each in enumerate(orders):
        place = {"city": "Leeds" if n < 12 else "", "store_id": other.pk if n >= 15 else tea_house.pk}
        state = {"fulfilment_state": "shipped" if n % 3 else "held", "order_state": "open" if n > 4 else "completed"}
        Order.objects.filter(pk=each.pk).update(total_minor=1_000 * n, **place, **state)
    for each in orders[::3]:
        SHELF.write(each, wrap, ["yes"], by=owner)
    several = {
        f"customer={kim.public_id}": orders[1::2], "whose=guest": orders[::2], "whose=known": orders[1::2],
        "city=Leeds": orders[:12], "store=moon": orders[15:], "store=tea": orders[:15],
        "total_from=3000&total_to=17000": orders[3:18], "placed_from=2024-03-01": orders,
        "fulfilment_state=shipped": [each for n, each in enumerate(orders) if n % 3],
        "order_state=open&payment_state=paid": orders[5:], "field=wrapped:yes": orders[::3],
    }  # fmt: skip
    return {asked: {each.public_id for each in some} for asked, some in several.items()}


def walked(program: Program, query: str, limit: int) -> list[str]:
    """Walk through a list to its end."""
    found: list[str] = []
    after = ""
    for _call in range(100):
        told = program.get(f"/orders?limit={limit}&{query}{after}")
        found += [each["id"] for each in told["data"]]
        if told["next"] is None:
            return found
        after = f"&after={told['next']}"
    raise AssertionError("it never ends")


@pytest.mark.parametrize("few", [0, 5_000])
@pytest.mark.parametrize("at_once", [3, 2_000])
def test_everything_that_is_asked_for_holds_of_every_order_newest_first(
    few: int, at_once: int, heap: dict[str, set[str]], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "FEW", few)
    monkeypatch.setattr(sifting, "AT_ONCE", at_once)
    monkeypatch.setattr(sifting, "MET", 2 * at_once)
    newest = [each.public_id for each in Order.objects.newest_first()]
    for asked in [*combinations(heap, 1), *combinations(heap, 2), *list(combinations(heap, 4))[::9]]:
        names = [part.split("=")[0] for each in asked for part in each.split("&")]
        if len({name for name in names if name != "field"}) < len([name for name in names if name != "field"]):
            continue  # one thing asked for twice
        expected = set.intersection(*(heap[each] for each in asked))
        assert walked(program, "&".join(asked), 6) == [each for each in newest if each in expected], asked


def test_orders_placed_meanwhile_do_not_move_the_pages(
    heap: dict[str, set[str]], program: Program, tea_house: Store, owner: Staff
) -> None:
    query = "city=Leeds&fulfilment_state=shipped"
    first = program.get(f"/orders?{query}&limit=3")
    rest = walked(program, f"{query}&after={first['next']}", 3)
    fresh = buy(None, tea_house, on=dt.date(2024, 4, 1), goods_minor=1)
    Order.objects.filter(pk=fresh.pk).update(city="Leeds", fulfilment_state="shipped")
    assert walked(program, f"{query}&after={first['next']}", 3) == rest
    assert walked(program, query, 3)[0] == fresh.public_id


def test_a_number_is_met_with_the_states_beside_it(heap: dict[str, set[str]], program: Program) -> None:
    number = Order.objects.filter(store__code="tea", fulfilment_state="shipped").first()
    assert number
    asked = f"store=tea&number={number.number}"
    assert walked(program, f"{asked}&fulfilment_state=shipped", 5) == [number.public_id]
    assert walked(program, f"{asked}&fulfilment_state=held", 5) == []
    assert walked(program, f"{asked}&city=Nowhere", 5) == []


def test_what_orders_cannot_be_asked_is_refused_by_its_name(heap: dict[str, set[str]], program: Program) -> None:
    for name, value in (
        ("store", "sun"), ("whose", "mine"), ("total_from", "1.5"), ("order_state", "gone"), ("currency", "C"),
        ("field", "wrapped:perhaps"), ("field", "taste:floral"), ("phone", "+8618300002807"), ("city", ""),
    ):  # fmt: skip
        told = problem(program.call("GET", f"/orders?{name}={value}"), 422)
        assert any(each.startswith(name) for each in told["fields"]), told


def test_no_order_is_told_to_whom_sees_none(heap: dict[str, set[str]], agent: Staff, owner: Staff) -> None:
    assert Customer.objects.exists()
    problem(keyed(agent, "customers:read").call("GET", "/orders?city=Leeds"), 403)
