"""Who knows whom: what relates two people, what relates nobody, and what staff say of it."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.guard.sealing import seal
from guanxi.identity import tasks
from guanxi.identity.graph.edges import Bearing, Edge, Said, edges_of
from guanxi.identity.graph.models import Kind, Relation, Trace, Untraced
from guanxi.identity.graph.neighbours import Shared, around
from guanxi.identity.graph.relating import NotRelatable, deny, referred_by, relate, take_back
from guanxi.identity.graph.tracing import trace_waiting
from guanxi.identity.merging import merge, unmerge
from guanxi.identity.rules import Rules
from guanxi.orders.models import Order, Purchases, Store
from tests.identity.people import NOON, joiner, person

HOME = {"address": "文三路 90 号 3-501"}
DAY = dt.timedelta(days=1)


def sent(profile: SourceProfile, store: Store, *labels: dict[str, str]) -> list[Order]:
    """Have a profile order parcels, a day apart."""
    made = []
    for nth, label in enumerate(labels):
        number = f"{profile.pk}-{Order.objects.count()}"
        made.append(
            Order.objects.create(
                customer=profile.customer, profile=profile, store=store, number=number, placed_at=NOON + nth * DAY,
                placed_on=NOON.date(), currency="CNY", source="own", city="杭州",
                recipient=seal(json.dumps(label), Order.place(store.code, number)),
            )
        )  # fmt: skip
    Purchases.objects.arrive([each.pk for each in made])
    return made


def house(customer: Customer) -> SourceProfile:
    return customer.founders.get()


def owns(customer: Customer, phone: str) -> None:
    found = Identifier.sealed_of("phone", phone)
    found.profile = house(customer)
    found.save()


def told(*customers: Customer) -> list[tuple[str, int, int, int]]:
    return [(each.kind, *each.ends, each.times) for each in around([each.pk for each in customers]).edges]


def test_who_shares_an_address_is_related_however_it_is_written(tea_house: Store) -> None:
    lin, chen, far = (person(nth) for nth in (1, 2, 3))
    sent(house(lin), tea_house, HOME, HOME)
    sent(house(chen), tea_house, {"address": "浙江省杭州市文三路90号3栋501室"})
    sent(house(far), tea_house, {"address": "文三路 91 号 3-501"}, {"address": "文三路***"})
    assert tasks.trace_parcels.func(_context()) == 3
    assert told(lin) == [("address", lin.pk, chen.pk, 3)] == told(chen)
    edge = around([lin.pk]).edges[0]
    assert (edge.first_at, edge.last_at) == (NOON, NOON + DAY)
    assert told(far) == []
    assert not Trace.objects.filter(digest__contains="文").exists()


def test_a_gift_relates_giver_and_recipient_and_never_makes_them_one(tea_house: Store) -> None:
    son, mother = person(1), person(2)
    owns(mother, "+8613900001111")
    sent(house(son), tea_house, {"recipient_phone": "139 0000 1111"}, {"recipient_phone": "13900001111"})
    trace_waiting()
    assert told(son) == [("gift", son.pk, mother.pk, 2)] == told(mother)
    assert Customer.objects.filter(survivor=None).count() == 2


def test_two_who_send_to_the_same_third_and_two_at_one_device_are_a_household(tea_house: Store) -> None:
    lin, chen, wang = (person(nth) for nth in (1, 2, 3))
    for each in (lin, chen):
        sent(house(each), tea_house, {"recipient_phone": "13900001111"})
    for each in (lin, wang):
        digest = Identifier.digest_of("device", "ipad", scope="mini")
        house(each).identifiers.create(kind="device", value="ipad", scope="mini", digest=digest)
    trace_waiting()
    assert told(lin) == [("household", lin.pk, chen.pk, 2), ("household", lin.pk, wang.pk, 0)]


def test_a_dormitory_is_no_family_and_is_said_to_be_one(tea_house: Store) -> None:
    people = [person(nth) for nth in range(9)]
    for each in people:
        sent(house(each), tea_house, {"address": "学院路 30 号 7 栋"})
    sent(house(people[0]), tea_house, HOME)
    sent(house(people[1]), tea_house, HOME)
    trace_waiting()
    found = around([people[0].pk])
    assert [each.ends for each in found.edges] == [(people[0].pk, people[1].pk)]
    assert (found.shared, found.limit) == ([Shared("address", 9)], 6)
    assert len(around([people[0].pk], rules=Rules(shared=9)).people(people[0].pk)) == 8


def test_what_a_cancelled_or_removed_order_said_is_forgotten(tea_house: Store) -> None:
    lin, chen = person(1), person(2)
    mine, _again = sent(house(lin), tea_house, HOME, {"address": "文三路 1 号 1-101"})
    sent(house(chen), tea_house, HOME)
    trace_waiting()
    assert told(lin) == [("address", lin.pk, chen.pk, 2)]
    with Purchases.objects.following([mine.pk]):
        Order.objects.filter(pk=mine.pk).delete()
    trace_waiting()
    assert told(lin) == []
    assert Trace.objects.filter(profile=house(lin)).count() == 1
    assert (trace_waiting(), Untraced.objects.count()) == (0, 0)


def test_edges_follow_merges_and_come_back_with_an_unmerge(tea_house: Store, agent: Staff) -> None:
    lin, chen, wang, zhou = (person(nth) for nth in (1, 2, 3, 4))
    for each in (chen, wang):
        sent(house(each), tea_house, HOME)
    trace_waiting()
    referred_by(chen, zhou, by=agent)
    deny(chen, lin, Kind.GIFT, by=agent)
    before = {each.pk: told(each) for each in (lin, chen, wang, zhou)}
    act = merge([lin.pk, chen.pk], by=agent)[0]
    assert told(lin) == [("referral", zhou.pk, lin.pk, 0), ("address", lin.pk, wang.pk, 2)]
    again = merge([lin.pk, wang.pk], by=agent)[0]
    assert told(lin) == [("referral", zhou.pk, lin.pk, 0)]  # nobody is related to themselves
    unmerge(again, by=agent)
    unmerge(act, by=agent)
    assert {each.pk: told(each) for each in (lin, chen, wang, zhou)} == before


def test_what_staff_removed_stays_removed_until_they_say_otherwise(tea_house: Store, agent: Staff) -> None:
    lin, chen = person(1), person(2)
    for each in (lin, chen):
        sent(house(each), tea_house, HOME)
    trace_waiting()
    gone = deny(chen, lin, Kind.ADDRESS, by=agent)
    assert deny(lin, chen, Kind.ADDRESS, by=agent) == gone
    sent(house(lin), tea_house, HOME)
    trace_waiting()
    assert told(lin) == []
    take_back(gone, by=agent)
    assert told(lin) == [("address", lin.pk, chen.pk, 3)]
    referral = referred_by(lin, chen, by=agent)
    assert referral == referred_by(lin, chen, by=agent)
    denied = deny(chen, lin, Kind.REFERRAL, by=agent)
    assert referred_by(lin, chen, by=None, source="import") is None
    assert relate(chen, lin, Kind.REFERRAL, by=agent) == referral  # by hand it holds again
    denied.refresh_from_db()
    assert denied.lifted_by == referral
    take_back(referral, by=agent)  # and what it had lifted, too
    assert [each.kind for each in around([lin.pk]).edges] == ["address"]
    assert AuditEntry.objects.filter(act="customer.related").count() == 2


@pytest.mark.parametrize("kind", [Kind.ADDRESS, Kind.GIFT])
def test_what_cannot_be_said_is_refused(kind: str, agent: Staff) -> None:
    lin, chen = person(1), person(2)
    if kind == Kind.ADDRESS:
        with pytest.raises(NotRelatable, match="seen in orders"):
            relate(lin, chen, kind, by=agent)
    with pytest.raises(NotRelatable, match="themselves"):
        relate(lin, lin, kind, by=agent)
    Customer.objects.filter(pk=chen.pk).update(erased_at=NOON)
    with pytest.raises(NotRelatable, match="erased"):
        relate(lin, Customer.objects.get(pk=chen.pk), Kind.HOUSEHOLD, by=agent)
    assert not Relation.objects.exists()


def test_thirty_people_cost_as_many_queries_as_one_and_a_hot_address_none_more(
    tea_house: Store, django_assert_max_num_queries: Any
) -> None:
    people = [person(nth) for nth in range(30)]
    for each in people:
        joiner(each, f"w{each.pk}")
        sent(house(each), tea_house, HOME, {"address": f"文三路 {each.pk} 号 1-101"})
    trace_waiting()
    around([people[0].pk])
    with django_assert_max_num_queries(7):
        around([people[0].pk])
    with django_assert_max_num_queries(7):
        assert around([each.pk for each in people]).shared == [Shared("address", 30)]


SIGNS = st.lists(
    st.builds(
        Bearing, st.integers(1, 6), st.sampled_from(["address", "recipient", "phone", "device"]), st.sampled_from("ab"),
        st.integers(1, 3), st.just(NOON), st.just(NOON),
    ),
    max_size=14,
)  # fmt: skip
WORDS = st.lists(
    st.builds(Said, st.sampled_from(Kind.values), st.integers(1, 6), st.integers(1, 6), st.booleans(), st.just(NOON)),
    max_size=5,
)


@given(SIGNS, WORDS, st.randoms(), st.integers(2, 6))
def test_neither_order_nor_where_one_stands_makes_a_difference(
    signs: list[Bearing], words: list[Said], rng: Any, limit: int
) -> None:
    def drawn(bearings: Sequence[Bearing], said: Sequence[Said], near: set[int]) -> list[Edge]:
        return edges_of(bearings, said, around=near, limit=limit)

    everybody = set(range(1, 7))
    whole = drawn(signs, words, everybody)
    assert all(edge.one != edge.other for edge in whole)
    for each in everybody:
        assert drawn(signs, words, {each}) == [edge for edge in whole if each in edge.ends]
    mixed, others = rng.sample(signs, len(signs)), rng.sample(words, len(words))
    assert [(e.kind, e.ends, e.times) for e in drawn(mixed, others, everybody)] == [
        (e.kind, e.ends, e.times) for e in whole
    ]
    merged = [each._replace(customer=min(each.customer, 5)) for each in signs]  # 5 and 6 are one now
    assert all(6 not in edge.ends for edge in drawn(merged, (), everybody))


@settings(max_examples=15)
@given(
    st.lists(st.sampled_from(["杭州市文三路90号", "文三路 90 号", "Flat 3, 12 Willow Lane", "**", "", "1"]), max_size=3)
)
def test_an_address_in_normal_form_stays_as_it_is(parts: list[str]) -> None:
    from guanxi.identity.graph.addresses import address_key

    key = address_key(" ".join(parts), city="杭州市")
    assert key in {"", address_key(key.partition("|")[2], city="杭州市")}


def _context() -> Any:
    class Context:
        class task_result:  # noqa: N801 - as the library calls it
            id, worker_ids = "none", ()

        attempt = 1

    return Context()
