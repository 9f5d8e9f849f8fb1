"""Customers asked for by several things at once: all of them hold, and pages neither repeat nor leave out anybody."""

import datetime as dt
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import Staff
from guanxi.customers.models import Channel, Customer, Score, Tag
from guanxi.customers.own import SHELF
from guanxi.orders.models import Store
from guanxi.pages import sifting
from guanxi.shop.models import CustomField, Kind
from tests.api import Program, keyed
from tests.cast import buy, met

pytestmark = pytest.mark.django_db
MANY = 24


@pytest.fixture
def program(owner: Staff) -> Program:
    return keyed(owner, per_minute=60_000)


@pytest.fixture
def crowd(tea_house: Store, owner: Staff) -> dict[str, set[str]]:
    """People of whom several things hold, each of other ones: who they are, by what a program asks."""
    tag = Tag.objects.called("白茶")
    cups = CustomField.declare("customer", "cups", {"kind": Kind.WHOLE, "label_en": "Cups", "label_zh": "杯"}, by=owner)
    people = [met(tea_house, key=f"k{n}", name=f"Kim {n}") for n in range(MANY)]
    lists: dict[str, list[Customer]] = {
        f"tag={tag.public_id}": people[::2], "reachable_by=email": people[::3], "city=Hangzhou": people[4:16],
        "created_to=2022-12-31": people[:18], "net_from=50001": people[6:], "rfm_class=lost": people[3:20],
        "field=cups:2..4": people[1::4] + people[::4], "store=tea": people, "orders_to=1&last_order_from=2024-01-01":
        people[6:],
    }  # fmt: skip
    for each in people[::2]:
        each.tag_with(tag, by=owner)
    for each in people[::3]:
        each.opt_in(Channel.EMAIL, source="checkout")
    for each in people[1::4] + people[::4]:
        SHELF.write(each, cups, ["3"], by=owner)
    for n, each in enumerate(people):
        year = 2022 if n < 18 else 2023
        at = dt.datetime(year, 5, 1 + (n * 7) % 20, tzinfo=dt.UTC)
        Customer.objects.filter(pk=each.pk).update(created_at=at, city="Hangzhou" if 4 <= n < 16 else "")
        buy(each, tea_house, on=dt.date(2024, 1, 1 + n) if n >= 6 else dt.date(2023, 1, 1), goods_minor=10_000 * n)
        scored(each, n)
    return {asked: {each.public_id for each in some} for asked, some in lists.items()}


def scored(customer: Customer, n: int) -> None:
    Score.objects.create(
        customer=customer, name="rfm", value=float(n % 5), label="lost" if 3 <= n < 20 else "high_value",
        as_of=dt.date(2024, 11, 11), scheme_version=1, parts={"monetary_minor": n},
    )  # fmt: skip


def walked(program: Program, query: str, limit: int = 200) -> list[str]:
    """Walk through a list to its end."""
    found: list[str] = []
    after, calls = "", 0
    while True:
        told = program.get(f"/customers?limit={limit}&{query}{after}")
        found += [each["id"] for each in told["data"]]
        calls += 1
        assert len(told["data"]) <= limit
        assert calls < 100
        if told["next"] is None:
            return found
        after = f"&after={told['next']}"


def expected(crowd: dict[str, set[str]], asked: tuple[str, ...]) -> set[str]:
    return set.intersection(*(crowd[each] for each in asked))


@pytest.mark.parametrize("few", [0, 5_000])
@pytest.mark.parametrize("at_once", [3, 2_000])
def test_everything_that_is_asked_for_holds_of_whoever_is_told(
    few: int, at_once: int, crowd: dict[str, set[str]], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "FEW", few)
    monkeypatch.setattr(sifting, "AT_ONCE", at_once)
    monkeypatch.setattr(sifting, "MET", 2 * at_once)
    for asked in [*combinations(crowd, 1), *combinations(crowd, 2), *list(combinations(crowd, 4))[::5], tuple(crowd)]:
        found = walked(program, "&".join(asked), 7)
        assert len(found) == len(set(found)), asked
        assert set(found) == expected(crowd, asked), asked


def test_the_best_of_a_class_come_first_also_where_more_is_asked_for(
    crowd: dict[str, set[str]], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for few in (0, 5_000):
        monkeypatch.setattr(sifting, "FEW", few)
        best = walked(program, "rfm_class=lost&city=Hangzhou&reachable_by=email", 2)
        keys = [Customer.key_of(each) for each in best]
        values = {each.customer_id: each for each in Score.objects.filter(customer__in=keys)}
        assert keys == sorted(keys, key=lambda key: (-values[key].value, -values[key].weight, -(key or 0)))
        assert len(keys) == 4
        days = walked(program, "created_to=2022-12-31&city=Hangzhou", 3)
        people = Customer.objects.in_bulk([Customer.key_of(each) for each in days])
        assert [Customer.key_of(each) for each in days] == sorted(people, key=lambda k: (people[k].created_at, k))


def test_pages_stay_where_they_are_while_people_come_and_go(
    crowd: dict[str, set[str]], program: Program, tea_house: Store, owner: Staff
) -> None:
    tag = next(each for each in crowd if each.startswith("tag"))
    query = f"{tag}&city=Hangzhou&limit=2"
    first = program.get(f"/customers?{query}")
    rest = walked(program, f"{query}&after={first['next']}", 2)
    newcomer = met(tea_house, key="new", name="New")
    newcomer.tag_with(Tag.objects.called("白茶"), by=owner)
    Customer.objects.filter(pk=newcomer.pk).update(city="Hangzhou")
    gone = Customer.objects.get(pk=Customer.key_of(first["next"]))
    Customer.objects.filter(pk=gone.pk).update(city="")
    assert walked(program, f"{query}&after={first['next']}", 2) == [*rest, newcomer.public_id]


def test_what_is_rare_is_found_within_a_bounded_number_of_rows_a_call(
    crowd: dict[str, set[str]], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "FEW", 0)
    monkeypatch.setattr(sifting, "AT_ONCE", 4)
    monkeypatch.setattr(sifting, "MET", 8)
    Customer.objects.filter(pk=Customer.objects.latest("pk").pk).update(country="GB")
    told = program.get("/customers?country=GB&limit=1")
    assert (told["data"], told["next"] is None) == ([], False), "the call ends before anybody was met"
    last = Customer.objects.latest("pk").public_id
    assert walked(program, "country=GB", 1) == [last]


def test_more_rows_and_more_conditions_cost_no_more_statements(crowd: dict[str, set[str]], program: Program) -> None:
    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            program.get(f"/customers?{query}")
        return len(queries)

    tag = next(each for each in crowd if each.startswith("tag"))
    cost(tag)
    assert cost(f"{tag}&city=Hangzhou&limit=1") == cost(f"{tag}&city=Hangzhou&limit=20")
    assert cost(f"{tag}&reachable_by=email&net_from=1") <= cost(tag) + 4


def test_nobody_is_told_whom_the_role_does_not_see(crowd: dict[str, set[str]], program: Program, owner: Staff) -> None:
    one, other = (Customer.objects.get(pk=Customer.key_of(each)) for each in sorted(crowd["city=Hangzhou"])[:2])
    Customer.objects.filter(pk=one.pk).update(survivor=other)
    assert one.public_id not in walked(program, "city=Hangzhou&store=tea")


def test_a_filter_that_is_unknown_or_of_another_type_is_named(crowd: dict[str, set[str]], program: Program) -> None:
    for name, value in (
        ("tag", "x"), ("store", "moon"), ("net_from", "1.5"), ("created_from", "soon"), ("colour", "red"),
        ("field", "cups"), ("field", "cups:many"), ("field", "own:1"), ("field", "cups:1..x"),
    ):  # fmt: skip
        answer = program.call("GET", f"/customers?city=Hangzhou&{name}={value}")
        assert answer.status_code == 422, (name, value)
        assert any(each.startswith(name) for each in answer.json()["fields"]), answer.content
