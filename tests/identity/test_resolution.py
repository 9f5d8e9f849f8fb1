"""Who is one person: exact strong identifiers, whatever order they come in within a set."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.identity.resolution import Identification, Sighting, resolve

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


@pytest.mark.django_db
def test_the_phone_is_the_strongest_key() -> None:
    mail = Identification(kind="email", value="a@example.com")
    by_mail = resolve([seen("a", mail)]).people["a"].customer_id
    by_phone = resolve([seen("b", phone("+8613812345678"))]).people["b"].customer_id
    both = resolve([seen("c", mail, phone("+8613812345678"))]).people["c"].customer_id
    assert (both == by_phone, both == by_mail) == (True, False)


@pytest.mark.django_db
def test_a_store_s_customer_number_identifies_in_that_store_alone() -> None:
    number = {"kind": "external_id", "value": "7", "namespace": "tmall"}
    here = resolve([seen("7", Identification(**number, scope="tea"))]).people["7"]
    there = resolve([seen("7", Identification(**number, scope="mini"), store="mini")]).people["7"]
    assert here.customer_id != there.customer_id


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
