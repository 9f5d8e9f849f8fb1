"""The whole book at once: what it finds is what came of resolving everybody as they came."""

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from guanxi.customers.models import Customer, Identifier, MergeLog, SourceProfile
from guanxi.identity import batch
from guanxi.identity.batch import compare, resolve_all
from guanxi.identity.models import Apart, Merge, RuleSet
from guanxi.identity.resolution import resolve
from guanxi.identity.rules import Rules
from tests.identity.people import person
from tests.identity.test_resolution import MAIL, people_there, phone, seen

pytestmark = pytest.mark.django_db


def loaded(key: str, *marks: str) -> SourceProfile:
    """Put a profile into the book that nobody resolved."""
    profile = SourceProfile.objects.create(source="tmall", store="tea", key=key, name=f"name of {key}")
    for mark in marks:
        Identifier.sealed_of(*mark.split(":", 1))
        identifier = Identifier.sealed_of(*mark.split(":", 1))
        identifier.profile = profile
        identifier.save()
    return profile


def test_who_was_loaded_without_being_resolved_becomes_people() -> None:
    there = resolve([seen("there", phone("+8613712345678"))]).people["there"]
    loaded("a", "phone:+8613700000001")
    loaded("b", "phone:+8613700000001", "email:b@example.com")
    loaded("c", "email:b@example.com")
    loaded("d", "phone:+8613712345678")
    nobody = loaded("a device")
    told = resolve_all()
    assert people_there() == {frozenset("abc"), frozenset({"there", "d"})}
    assert SourceProfile.objects.get(key="d").customer_id == there.customer_id
    assert SourceProfile.objects.get(pk=nobody.pk).customer_id is None
    assert (told["customers_founded"], told["left"]) == (1, 0)
    founded = Customer.objects.get(profiles__key="b")
    assert (founded.name, founded.house_profile.key) == ("name of a", "a")
    assert MergeLog.objects.filter(act="linked").count() == 3
    assert resolve_all()["customers_changed"] == 0


def test_other_rules_part_people_and_the_old_ones_make_them_one_again() -> None:
    resolve([seen("a", phone("+8613700000001")), seen("b", phone("+8613700000001"), MAIL), seen("c", MAIL)])
    one = Customer.objects.get()
    RuleSet.objects.adopt(replace(Rules(), limits={"phone": 20}))
    assert compare().facts["customers_changed"] == 1
    assert len(people_there()) == 1  # comparing writes nothing
    resolve_all()
    assert people_there() == {frozenset("ab"), frozenset("c")}
    assert Merge.objects.get().act == "withdrawn"
    RuleSet.objects.adopt(Rules())
    resolve_all()
    assert people_there() == {frozenset("abc")}
    assert Customer.objects.get(survivor=None) == one


def test_what_staff_decided_stays_whatever_the_rules_say() -> None:
    found = resolve([seen("a", phone("+8613700000001")), seen("b", MAIL)]).people
    Apart.objects.create(left_id=found["a"].profile_id, right_id=found["b"].profile_id)
    for_both = seen("c", phone("+8613700000001"), MAIL)
    resolve([for_both])
    assert compare().facts["customers_changed"] == 0


def test_a_million_who_share_an_address_or_a_phone_do_not_hang() -> None:
    at = timezone.now() - dt.timedelta(days=1)
    SourceProfile.objects.bulk_create(
        SourceProfile(source="s", store="t", key=f"{n:05}", first_seen_at=at) for n in range(3_000)
    )
    digest = Identifier.digest_of("phone", "+8613711111111")
    Identifier.objects.bulk_create(
        Identifier(profile_id=pk, kind="phone", digest=digest)
        for pk in SourceProfile.objects.values_list("pk", flat=True)
    )
    told = resolve_all()
    assert (told["customers_founded"], told["identifiers_stopped"], told["left"]) == (3_000, 1, 0)
    resolve([seen("one more", phone("+8613711111111"))])
    assert not Merge.objects.exists()


@pytest.mark.django_db
def test_who_is_somebody_s_by_now_is_founded_no_second_time() -> None:
    lin = person(1)
    batch._found([[lin.founders.get().pk]])
    assert Customer.objects.count() == 1
