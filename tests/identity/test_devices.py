"""A device is the customer's who alone was seen on it, whatever order things become known in."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, Event, MergeLog, SourceProfile
from guanxi.identity import devices
from guanxi.identity.batch import resolve_all
from guanxi.identity.merging import merge, split, unmerge
from guanxi.identity.resolution import Identification, Sighting, resolve
from guanxi.identity.withdrawing import forget_identifiers, forget_profiles

NOON = dt.datetime(2024, 11, 11, 4, tzinfo=dt.UTC)


def on_device(key: str) -> SourceProfile:
    """Something happens on a device before anybody signs in."""
    pk, customer = devices.meet("web", {key: (key, NOON)})[key]
    Event.objects.create(profile_id=pk, customer_id=customer, name="Product Viewed", occurred_at=NOON, source="web")
    return SourceProfile.objects.get(pk=pk)


def signed_in(user: str, *device_ids: str, phone: str = "") -> int:
    """Somebody signs in on devices; gives whose profile it is."""
    return resolve([seen_on(user, *device_ids, phone=phone)]).people[f"user {user}"].customer_id


def seen_on(user: str, *device_ids: str, phone: str = "") -> Sighting:
    marks = [Identification(kind="external_id", value=user, namespace="web")]
    marks += [Identification(kind="device", value=device, namespace="web") for device in device_ids]
    marks += [Identification(kind="phone", value=phone)] if phone else []
    return Sighting(source="web", store="", key=f"user {user}", seen_at=NOON, identifications=tuple(marks))


def owner(key: str) -> int | None:
    return SourceProfile.objects.get(key=key, is_device=True).customer_id


def happened_to(key: str) -> set[int | None]:
    return set(Event.objects.filter(profile__key=key).values_list("customer", flat=True))


@pytest.mark.django_db
def test_a_device_nobody_signed_in_on_is_a_profile_and_no_customer() -> None:
    on_device("browser-1")
    assert (SourceProfile.objects.get().customer, Customer.objects.count()) == (None, 0)
    assert resolve_all()["left"] == 0
    assert (SourceProfile.objects.get().customer, Customer.objects.count()) == (None, 0)


@pytest.mark.django_db
def test_what_was_done_before_signing_in_is_theirs_afterwards() -> None:
    on_device("browser-1")
    ada = signed_in("ada", "browser-1")
    assert (owner("browser-1"), happened_to("browser-1")) == (ada, {ada})
    line = MergeLog.objects.get()
    assert (line.act, line.rule, line.customer_id) == ("linked", "alone on a device", ada)


@pytest.mark.django_db
def test_a_device_that_comes_later_than_its_person_is_theirs_as_well() -> None:
    ada = signed_in("ada", "browser-1", "phone-1")
    on_device("phone-1")
    on_device("phone-1")
    assert (owner("phone-1"), happened_to("phone-1")) == (ada, {ada})


@pytest.mark.django_db
def test_a_device_two_people_share_is_nobodys_and_neither_of_them_is_the_other() -> None:
    on_device("kitchen")
    ada, bo = signed_in("ada", "kitchen"), signed_in("bo", "kitchen")
    assert ada != bo
    assert (owner("kitchen"), happened_to("kitchen")) == (None, {None})
    assert [each.act for each in MergeLog.objects.all()] == ["linked", "unlinked"]


@pytest.mark.django_db
def test_a_merge_brings_devices_and_an_unmerge_takes_them_back(agent: Staff) -> None:
    for key in ("kitchen", "ada-s", "bo-s"):
        on_device(key)
    ada, bo = signed_in("ada", "kitchen", "ada-s"), signed_in("bo", "kitchen", "bo-s")
    (act,) = merge([ada, bo], by=agent)
    assert {key: owner(key) for key in ("kitchen", "ada-s", "bo-s")} == {"kitchen": ada, "ada-s": ada, "bo-s": ada}
    unmerge(act, by=agent)
    assert {key: owner(key) for key in ("kitchen", "ada-s", "bo-s")} == {"kitchen": None, "ada-s": ada, "bo-s": bo}
    assert (happened_to("kitchen"), happened_to("bo-s")) == ({None}, {bo})


@pytest.mark.django_db
def test_a_device_is_no_side_of_a_split(agent: Staff) -> None:
    on_device("browser-1")
    ada = signed_in("ada", "browser-1", phone="+8613812345678")
    signed_in("a.l.", phone="+8613812345678")
    device = SourceProfile.objects.get(is_device=True)
    away = SourceProfile.objects.get(key="user a.l.")
    split(Customer.objects.get(pk=ada), [away.pk, device.pk], by=agent)
    away.refresh_from_db()
    assert (owner("browser-1"), away.customer_id) == (ada, Customer.objects.exclude(pk=ada).get().pk)


@pytest.mark.django_db
def test_a_device_is_the_other_s_once_one_of_two_is_taken_back() -> None:
    on_device("kitchen")
    ada = signed_in("ada", "kitchen")
    signed_in("bo", "kitchen")
    forget_profiles([SourceProfile.objects.get(key="user bo").pk])
    assert owner("kitchen") == ada


@pytest.mark.django_db
def test_who_was_not_seen_on_a_device_after_all_has_it_no_longer() -> None:
    on_device("browser-1")
    ada = signed_in("ada")
    late = resolve([seen_on("ada", "browser-1")]).identifiers
    assert owner("browser-1") == ada
    forget_identifiers(late)
    assert (owner("browser-1"), happened_to("browser-1")) == (None, {None})


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("device"), st.sampled_from("pqr")),
        st.tuples(st.just("person"), st.sampled_from("abc"), st.sets(st.sampled_from("pqr"), max_size=2),
                  st.sampled_from(["", "+8613800000001", "+8613800000002"])),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


class Law(TestCase):
    """Random acts, each order in a transaction of its own."""

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(ACTS, st.randoms(use_true_random=False))
    def test_neither_order_nor_repetition_matters(self, acts: list[Any], chance: Any) -> None:
        shuffled = [*acts, *chance.sample(acts, len(acts) // 2)]
        chance.shuffle(shuffled)
        assert self.played(acts) == self.played(shuffled)

    def played(self, acts: list[Any]) -> Any:
        """Give who is with whom: of every profile, all that are the same customer's, and what happened to it."""
        before = transaction.savepoint()
        for kind, name, *more in acts:
            if kind == "device":
                on_device(name)
            else:
                signed_in(name, *more[0], phone=more[1])
        whose = dict(SourceProfile.objects.values_list("key", "customer"))
        told = {
            key: customer and sorted(other for other, theirs in whose.items() if theirs == customer)
            for key, customer in whose.items()
        }
        happened = {each: happened_to(each) == {whose[each]} for each in whose if len(each) == 1}
        transaction.savepoint_rollback(before)
        return told, happened
