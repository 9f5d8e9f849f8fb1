"""The lookup that names any number of keys in one parameter."""

from datetime import UTC, datetime

import pytest
from django.db.models.functions import Length

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, SourceProfile

pytestmark = [pytest.mark.django_db, pytest.mark.book]
AT = datetime(2026, 11, 11, 8, tzinfo=UTC)


def test_finds_numbers_by_a_list_a_range_and_none_by_an_empty_one() -> None:
    first, second, third = (Staff.objects.create(sign_in_name=f"s{nth}").pk for nth in range(3))
    among = Staff.objects.filter(pk__among=[third, first, 10**12])
    assert set(among.values_list("pk", flat=True)) == {first, third}
    assert Staff.objects.filter(pk__among=range(second, third + 1)).count() == 2
    assert not Staff.objects.filter(pk__among=[]).exists()


def test_finds_texts_as_they_are_written() -> None:
    names = ["茶", "o'brien", 'say "tea"', "back\\slash", "50%", "%s", "🍵"]
    for name in names:
        Staff.objects.create(sign_in_name=name)
    found = Staff.objects.filter(sign_in_name__among=[*names, "nobody"])
    assert set(found.values_list("sign_in_name", flat=True)) == set(names)
    assert not Staff.objects.filter(sign_in_name__among=["o", "%"]).exists()


def test_goes_with_other_conditions_and_over_keys_of_other_tables() -> None:
    ada = Customer.objects.create(name="Ada")
    profiles = [SourceProfile.objects.create(source="web", key=key, customer=ada, first_seen_at=AT) for key in "abc"]
    keys = [each.pk for each in profiles]
    told = SourceProfile.objects.annotate(long=Length("key")).filter(long=1, customer__among=[ada.pk])
    assert set(told.filter(pk__among=keys[:2]).values_list("key", flat=True)) == {"a", "b"}
    assert Customer.objects.filter(profiles__among=keys).distinct().get() == ada
    assert not SourceProfile.objects.exclude(customer__among=[ada.pk]).exists()
