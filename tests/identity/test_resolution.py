"""Who is one person: exact strong identifiers, whatever order they come in within a set."""

import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.accounts.models import Staff
from guanxi.customers.by_hand import Told, correct
from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.identity.evidence import overshared
from guanxi.identity.merging import split
from guanxi.identity.models import Apart, Merge, RuleSet
from guanxi.identity.resolution import Identification, Person, Sighting, resolve
from guanxi.identity.retelling import retell
from guanxi.identity.rules import ATTRIBUTES, Rules, Survivorship, in_force
from guanxi.identity.settling import misplaced
from tests.identity.people import ATTRIBUTES as SHOWN

NOON = dt.datetime(2024, 11, 11, 4, tzinfo=dt.UTC)


def seen(key: str, *identifications: Identification, store: str = "tea") -> Sighting:
    return Sighting(source="tmall", store=store, key=key, seen_at=NOON, identifications=identifications)


def phone(number: str, strength: str = "strong") -> Identification:
    return Identification(kind="phone", value=number, strength=strength)


@pytest.mark.django_db
def test_the_same_sighting_again_is_the_same_person() -> None:
    first = resolve([seen("li", phone("+8613812345678"))])
    again = resolve([seen("li", phone("+8613812345678"))])
    assert again.people == first.people
    assert (again.customers, again.profiles, Customer.objects.count()) == ([], [], 1)


@pytest.mark.django_db
def test_a_shared_strong_phone_joins_and_the_log_says_why() -> None:
    first = resolve([seen("li", phone("+8613812345678"))])
    second = resolve([seen("openid-9", phone("+8613812345678"), store="mini")])
    assert second.people["openid-9"].customer_id == first.people["li"].customer_id
    log = MergeLog.objects.get()
    assert (log.rule, log.profile_id) == ("same phone", second.people["openid-9"].profile_id)


@pytest.mark.django_db
def test_two_new_sightings_of_one_set_can_be_one_person() -> None:
    outcome = resolve([seen("a", phone("+8613812345678")), seen("b", phone("+8613812345678"))])
    assert outcome.people["a"].customer_id == outcome.people["b"].customer_id
    assert len(outcome.customers) == 1


@pytest.mark.django_db
def test_a_weak_phone_never_joins() -> None:
    resolve([seen("a", phone("+8618877771111", "weak")), seen("b", phone("+8618877771111", "weak"))])
    assert Customer.objects.count() == 2


MAIL = Identification(kind="email", value="li@example.com")


@pytest.mark.django_db
def test_who_is_seen_with_the_marks_of_two_customers_makes_them_one() -> None:
    by_mail = resolve([seen("a", MAIL)]).people["a"]
    by_phone = resolve([seen("b", phone("+8613812345678"))]).people["b"]
    both = resolve([seen("c", MAIL, phone("+8613812345678"))])
    assert both.people["c"].customer_id == by_mail.customer_id
    assert (both.moved, both.customers) == (True, [])
    assert Customer.objects.get(pk=by_phone.customer_id).survivor_id == by_mail.customer_id
    merge = Merge.objects.get()
    assert (merge.act, merge.rule, merge.proven_by) == ("merged", "same phone", "phone +8613812345678")


@pytest.mark.django_db
def test_who_is_told_apart_is_not_made_one_by_a_third() -> None:
    two = [resolve([seen(key, mark)]).people[key] for key, mark in (("a", MAIL), ("b", phone("+8613812345678")))]
    Apart.objects.create(left_id=two[0].profile_id, right_id=two[1].profile_id)
    third = resolve([seen("c", MAIL, phone("+8613812345678"))]).people["c"]
    assert third.customer_id == two[1].customer_id  # the phone is the stronger mark
    assert not Customer.objects.exclude(survivor=None).exists()
    assert not Merge.objects.exists()


@pytest.mark.django_db
def test_a_known_person_s_new_phone_is_added_and_joins() -> None:
    there = resolve([seen("li", phone("+8613812345678"))]).people["li"]
    first = resolve([seen("openid-9", MAIL, store="mini")]).people["openid-9"]
    bound = resolve([seen("openid-9", MAIL, phone("+8613812345678"), store="mini")])
    assert bound.people["openid-9"].customer_id == there.customer_id
    assert (len(bound.identifiers), bound.profiles) == (1, [])
    assert Customer.objects.get(pk=first.customer_id).survivor_id == there.customer_id


@pytest.mark.django_db
@pytest.mark.parametrize("at_once", [1, 7, 50])
def test_a_phone_shared_by_fifty_people_joins_nobody(at_once: int) -> None:
    people = [seen(f"k{n:02}", phone("+8613812345678")) for n in range(50)]
    for start in range(0, 50, at_once):
        resolve(people[start : start + at_once])
    assert len(set(SourceProfile.objects.values_list("customer", flat=True))) == 50
    assert not Customer.objects.exclude(survivor=None).exists()
    withdrawn = set(Merge.objects.values_list("act", "rule"))
    assert [(each.kind, each.profiles) for each in overshared(in_force().joining)] == [("phone", 50)]
    assert withdrawn == (set() if at_once == 50 else {("withdrawn", "phone over its limit")})


@pytest.mark.django_db
def test_a_blocked_value_joins_nobody() -> None:
    resolve([seen("a", phone("+8613800138000")), seen("b", phone("+8613800138000"))])
    assert Customer.objects.count() == 2


@pytest.mark.django_db
def test_a_store_s_customer_number_identifies_in_that_store_alone() -> None:
    number = {"kind": "external_id", "value": "7", "namespace": "tmall"}
    here = resolve([seen("7", Identification(**number, scope="tea"))]).people["7"]
    there = resolve([seen("7", Identification(**number, scope="mini"), store="mini")]).people["7"]
    assert here.customer_id != there.customer_id


@pytest.mark.django_db
def test_what_a_joiner_says_is_shown_and_goes_with_it(agent: Staff) -> None:
    early = replace(seen("li", phone("+8613812345678")), name="李", province="浙江", city="杭州")
    late = replace(
        seen("openid-9", phone("+8613812345678"), store="mini"), seen_at=NOON + dt.timedelta(days=1), name="李娜",
        gender="female", birthday=dt.date(1990, 5, 1), city="宁波",
    )  # fmt: skip
    resolve([late])
    li = Customer.objects.get(pk=resolve([early]).people["li"].customer_id)
    assert (li.name, li.gender, str(li.birthday), li.province, li.city) == ("李娜", "female", "1990-05-01", "", "宁波")
    assert (li.first_source, li.created_at) == ("tmall", NOON), "seen first by whom it was seen first"
    correct(li, replace(Told.of(li), city="绍兴", gender=""), by=agent)
    resolve([replace(late, key="third", store="x", seen_at=NOON + dt.timedelta(days=9), city="北京", gender="male")])
    li.refresh_from_db()
    assert (li.city, li.gender, li.name) == ("绍兴", "", "李娜"), "what staff wrote or emptied stays so"
    split(li, [SourceProfile.objects.get(key="third").pk, SourceProfile.objects.get(key="li").pk], by=agent)
    first = SourceProfile.objects.get(key="li").customer
    assert first is not None
    assert (first.name, first.gender, first.city) == ("李娜", "male", "北京")
    li.refresh_from_db()
    assert (li.name, str(li.birthday), li.city, li.created_at) == ("李娜", "1990-05-01", "绍兴", late.seen_at)


MARKS = {
    "phone": lambda n: phone(f"+861381234567{n}"),
    "email": lambda n: Identification(kind="email", value=f"{n}@example.com"),
}
MARKED = st.dictionaries(
    st.integers(0, 9), st.sets(st.tuples(st.sampled_from(sorted(MARKS)), st.integers(0, 2)), max_size=2), max_size=9
)


class Law(TestCase):
    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=12))
    def test_resolving_twice_changes_nothing_and_every_profile_has_a_person(self, pairs: list[tuple[int, int]]) -> None:
        sightings = [seen(f"k{key}", phone(f"+861381234567{tel}")) for key, tel in dict(pairs).items()]
        first = resolve(sightings)
        counts = (Customer.objects.count(), SourceProfile.objects.count(), Identifier.objects.count())
        assert resolve(sightings).people == first.people
        assert (Customer.objects.count(), SourceProfile.objects.count(), Identifier.objects.count()) == counts
        assert Customer.objects.count() == len(set(dict(pairs).values()))
        assert not SourceProfile.objects.filter(customer=None).exists()

    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)
    @given(MARKED, st.randoms(use_true_random=False), st.integers(1, 4), st.sampled_from(Survivorship.values))
    def test_the_order_in_which_people_come_never_matters(
        self, marks: dict[int, set[tuple[str, int]]], dice: Random, at_once: int, shown: str
    ) -> None:
        rules = replace(Rules(), limits={"phone": 3, "email": 2}, survivorship=dict.fromkeys(ATTRIBUTES, shown))
        RuleSet.objects.adopt(rules)
        sightings = [telling(key, *(MARKS[kind](n) for kind, n in sorted(told))) for key, told in marks.items()]
        found = []
        for _ in range(2):
            dice.shuffle(sightings)
            before = transaction.savepoint()
            for start in range(0, len(sightings), at_once):
                resolve(sightings[start : start + at_once])
            assert misplaced(SourceProfile.objects.values_list("pk", flat=True)) == {}
            found.append(shown_there())
            retell(list(Customer.objects.values_list("pk", flat=True)))
            assert shown_there() == found[-1]
            assert resolve(sightings).people == {s.key: found_person(s.key) for s in sightings}
            assert shown_there() == found[-1]
            transaction.savepoint_rollback(before)
        assert found[0] == found[1]


def telling(key: int, *identifications: Identification) -> Sighting:
    """Have somebody be seen who says this and that, some of it often, some of it at the same time."""
    said = {"name": ("", "林", "陈")[key % 3], "gender": ("", "female", "male", "female")[key % 4]}
    place = {"province": ("浙江", "")[key % 2], "city": ("杭州", "", "宁波")[key % 3]}
    born = dt.date(1990, 5, key) if key % 5 else None
    at = NOON + dt.timedelta(days=key * 7 % 4)
    return replace(seen(f"k{key}", *identifications), seen_at=at, birthday=born, **said, **place)


def people_there() -> set[frozenset[str]]:
    """Group the keys of profiles by whose they are."""
    return set(_keys_of_customers().values())


def shown_there() -> set[tuple[Any, ...]]:
    """Give the keys of everybody's profiles, each with what the customer shows."""
    shown = {row[0]: row[1:] for row in Customer.objects.values_list("pk", *(set(SHOWN) - {"import_id"}))}
    return {(keys, *shown[customer]) for customer, keys in _keys_of_customers().items()}


def _keys_of_customers() -> dict[int, frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for key, customer in SourceProfile.objects.filter(customer__isnull=False).values_list("key", "customer_id"):
        groups.setdefault(customer, set()).add(key)
    return {customer: frozenset(keys) for customer, keys in groups.items()}


def found_person(key: str) -> Person:
    profile = SourceProfile.objects.get(key=key)
    return Person(profile.pk, profile.customer_id or 0)
