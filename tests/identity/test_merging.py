"""Merges, unmerges and splits by hand: any sequence of them is what the log says, and can be taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.models import Channel, Customer, Identifier, MergeLog, SourceProfile, Tag
from guanxi.identity.evidence import around, stable_order
from guanxi.identity.merging import NotOnePerson, merge, sides_of, split, unmerge
from guanxi.identity.models import Apart, Merge
from guanxi.identity.moving import rehome
from guanxi.identity.partition import partition
from guanxi.identity.rules import in_force
from guanxi.identity.settling import misplaced
from guanxi.orders.models import Store
from tests.identity.people import bought, joiner, person, picture

pytestmark = pytest.mark.django_db

PEOPLE = st.integers(0, 4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), PEOPLE, PEOPLE),
        st.tuples(st.just("unmerge"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("split"), PEOPLE, st.integers(1, 30)),
    ),
    max_size=8,
)


@contextmanager
def undone_at_the_end() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def five(tea_house: Store, agent: Staff) -> list[Customer]:
    """Five people with facts of every kind, two with a second profile that bears their member card; met once a test."""
    vip = Tag.objects.called("vip")
    people = [person(nth, gender="male" if nth % 2 else "") for nth in range(1, 6)]
    for nth, each in enumerate(people):
        house = each.house_profile
        assert house is not None
        if nth % 2:
            second = joiner(each, f"w{nth}")
            carry(f"card {nth}", house, second)
            bought(second, tea_house, f"j{nth}")
        bought(house, tea_house, f"h{nth}")
        each.annotate_with(f"note {nth}", by=agent)
        each.tag_with(vip, by=agent)
        each.opt_in(Channel.SMS, source="checkout")
    people[2].opt_out(Channel.SMS, by=agent)
    return people


def as_they_are(people: list[Customer]) -> list[Customer]:
    """The same people as the book has them, without what an example before made of them."""
    return [Customer.objects.get(pk=each.pk) for each in people]


def carry(card: str, *profiles: SourceProfile) -> None:
    kind = Identifier.Kind.MEMBER_CARD
    digest = Identifier.digest_of(kind, card)
    Identifier.objects.bulk_create(Identifier(profile=each, kind=kind, value=card, digest=digest) for each in profiles)


def do(act: tuple[str, int, int], people: list[Customer], agent: Staff) -> None:
    kind, one, other = act
    try:
        if kind == "merge":
            merge([people[one].pk, people[other].pk], by=agent)
        elif kind == "unmerge":
            merges = list(Merge.objects.in_force().order_by("pk"))
            if merges:
                unmerge(merges[one % len(merges)], by=agent)
        else:
            stands = Customer.objects.survivor_of(people[one].pk) or people[one]
            mine = SourceProfile.objects.filter(customer=stands).order_by("pk").values_list("pk", flat=True)
            split(stands, [pk for nth, pk in enumerate(mine) if other >> nth & 1], by=agent)
    except NotOnePerson:
        pass


def from_scratch(whose: dict[int, int]) -> dict[str, Any]:
    """Put every profile where it was at first, and from there, in one move, where the partition has it."""
    act = Merge.write(Merge.Act.SPLIT, survivor=min(whose.values()), rule="test")
    now = dict(SourceProfile.objects.values_list("pk", "customer"))
    with undone_at_the_end():
        rehome(whose, merge=act)
        rehome({pk: customer for pk, customer in now.items() if customer}, merge=act)
        return picture()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_sequence_of_acts_is_what_the_log_says(
    acts: list[tuple[str, int, int]], five: list[Customer], agent: Staff
) -> None:
    with undone_at_the_end():
        people = as_they_are(five)
        rehome({}, merge=Merge.write(Merge.Act.SPLIT, survivor=people[0].pk, rule="test"))
        first = {pk: customer for pk, customer in SourceProfile.objects.values_list("pk", "customer") if customer}
        for act in acts:
            do(act, people, agent)
        everybody = list(first)
        assert misplaced(everybody) == {}
        joining = in_force().joining
        found = partition(around(everybody, joining), joining, stable=stable_order)
        components = dict(zip(found["profile"].to_pylist(), found["component"].to_pylist(), strict=True))
        customers = dict(SourceProfile.objects.values_list("pk", "customer"))
        pairs = {(components[pk], customers[pk]) for pk in everybody}
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
        alive = Customer.objects.filter(survivor=None, profiles__isnull=False)
        assert set(alive.values_list("pk", flat=True)) == set(customers.values())
        assert picture() == from_scratch(first)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.just("merge"), PEOPLE, PEOPLE), max_size=7), order=st.randoms(use_true_random=False))
def test_all_merges_taken_back_in_any_order_leave_everything_as_it_was(
    acts: list[tuple[str, int, int]], order: Any, five: list[Customer], agent: Staff
) -> None:
    with undone_at_the_end():
        people = as_they_are(five)
        before = picture()
        for act in acts:
            do(act, people, agent)
        merges = list(Merge.objects.in_force())
        order.shuffle(merges)
        for each in merges:
            unmerge(each, by=agent)
        assert picture() == before


def test_what_is_merged_by_rule_and_taken_back_stays_apart_whatever_they_share(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    for each in (lin, chen):
        house = each.founders.get()
        card = Identifier.sealed_of("phone", "+8613911112222")
        card.profile = house
        card.save()
    from guanxi.identity.settling import settle

    joined = settle([lin.founders.get().pk], act="", rule="same phone")
    assert joined is not None
    assert Customer.objects.get(pk=chen.pk).survivor == lin
    unmerge(joined, by=agent)
    assert Customer.objects.get(pk=chen.pk).survivor is None
    assert settle([lin.founders.get().pk, chen.founders.get().pk], act="", rule="same phone") is None
    assert Apart.objects.in_force().count() == 1
    merge([lin.pk, chen.pk], by=agent)
    assert not Apart.objects.in_force().exists()


def test_a_merge_that_others_followed_is_taken_back_alone(agent: Staff) -> None:
    lin, chen, mei = person(1), person(2), person(3)
    (first,) = merge([chen.pk, mei.pk], by=agent)
    (second,) = merge([lin.pk, mei.pk], by=agent)  # who was merged stands for who took them
    assert (second.survivor, second.other) == (lin, chen)
    unmerge(first, by=agent)
    where = dict(Customer.objects.values_list("pk", "survivor"))
    assert where == {lin.pk: None, chen.pk: lin.pk, mei.pk: None}
    with pytest.raises(NotOnePerson, match=str(first.pk)):
        unmerge(first, by=agent)


def test_a_merge_can_be_taken_back_after_a_split_said_the_same(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    for _again in range(2):
        (act,) = merge([lin.pk, chen.pk], by=agent)
        split(lin, [chen.founders.get().pk], by=agent)
    unmerge(act, by=agent)
    assert Apart.objects.in_force().count() == 1
    assert not Customer.objects.filter(survivor__isnull=False).exists()


def test_profiles_split_off_are_one_person_and_so_are_those_who_stay(agent: Staff) -> None:
    lin, chen, mei = person(1), person(2), person(3)
    merge([lin.pk, chen.pk], by=agent)
    merge([chen.pk, mei.pk], by=agent)
    act = split(lin, [chen.founders.get().pk, mei.founders.get().pk], by=agent)
    assert act.other == chen
    assert dict(Customer.objects.values_list("pk", "survivor")) == {lin.pk: None, chen.pk: None, mei.pk: chen.pk}
    merge([lin.pk, chen.pk], by=agent)
    assert Customer.objects.filter(survivor=lin).count() == 2


def test_a_joiner_who_is_split_off_founds_a_customer(agent: Staff) -> None:
    lin = person(1)
    wechat = joiner(lin, "w")
    wechat.name = "Wei"
    wechat.save()
    act = split(lin, [wechat.pk], by=agent)
    wechat.refresh_from_db()
    assert wechat.customer == wechat.home == act.other
    assert wechat.home is not None
    assert wechat.home.name == "Wei"


def test_who_cannot_be_merged_is_said_why(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    for wrong in ([lin.pk], [lin.pk, lin.pk], []):
        with pytest.raises(NotOnePerson, match="one customer already"):
            merge(wrong, by=agent)
    chen.erased_at = chen.created_at
    chen.save()
    with pytest.raises(NotOnePerson, match="erased"):
        merge([lin.pk, chen.pk], by=agent)
    with pytest.raises(NotOnePerson, match="not none and not all"):
        split(lin, [lin.founders.get().pk], by=agent)


def test_each_act_is_told_in_the_stream_the_trail_and_the_log(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    (act,) = merge([chen.pk, lin.pk], by=agent, evidence="called us")
    assert Merge.objects.get(pk=act.pk).proven_by == "called us"
    assert sides_of(act) == ([chen.founders.get().pk], [lin.founders.get().pk])
    assert MergeLog.objects.filter(merge_id=act.pk, by=agent, rule="by hand").count() == 2
    assert lin.events.get(name="Customers Merged").properties == {"merge": act.pk, "by": agent.pk}
    undone = unmerge(act, by=agent)
    for each in (lin, chen):
        assert each.events.get(name="Customers Unmerged").properties["merge"] == undone.pk
    acts = AuditEntry.objects.filter(act__startswith="customer.").values_list("act", flat=True)
    assert sorted(acts) == sorted(["customer.merged", "customer.unmerged"] * 2)
