import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import AuditEntry, SecondFactorRule, Staff
from guanxi.accounts.roles import Role
from tests.accounts.test_second_factor import with_app
from tests.cast import PASS_PHRASE, hired

pytestmark = pytest.mark.django_db
PAGE = "second-factor-rule"


@pytest.fixture
def owners_page(owners_browser: Client) -> Client:
    """The browser of an owner who gave the password a moment ago."""
    owners_browser.post(reverse("confirm"), {"password": PASS_PHRASE})
    return owners_browser


def test_an_owner_says_whether_owners_need_a_second_factor(owners_page: Client, owner: Staff) -> None:
    with_app(owner)
    assert owners_page.post(reverse(PAGE), {"required": "perhaps"}).status_code == 422
    owners_page.post(reverse(PAGE), {"required": "1"})
    assert SecondFactorRule.objects.in_force().exists()
    assert "Owners need one" in owners_page.get(reverse(PAGE)).content.decode()
    owners_page.post(reverse(PAGE), {"required": "0"})
    assert not SecondFactorRule.objects.in_force().exists()
    assert "Nobody needs one" in owners_page.get(reverse(PAGE)).content.decode()
    entries = AuditEntry.objects.filter(act="staff.second_factor_rule", by=owner)
    assert [each.changes for each in entries.order_by("pk")] == [
        '{"second_factor":[false,true]}',
        '{"second_factor":[true,false]}',
    ]


def test_the_rule_is_changed_by_owners_alone_who_give_their_password(
    owners_browser: Client, agents_browser: Client
) -> None:
    assert agents_browser.get(reverse(PAGE)).status_code == 403
    assert agents_browser.post(reverse(PAGE), {"required": "0"}).status_code == 403
    here = f"http://testserver{reverse(PAGE)}"
    asked = owners_browser.post(reverse(PAGE), {"required": "1"}, headers={"Referer": here})
    assert owners_browser.post(asked["Location"], {"password": PASS_PHRASE})["Location"] == here
    assert not SecondFactorRule.objects.exists()


def test_the_page_says_who_lacks_one_and_from_when_on_it_is_needed(owners_page: Client, owner: Staff) -> None:
    with_app(owner)
    hired("an", "An Other", Role.OWNER)
    SecondFactorRule.change(required=True, by=owner, after=dt.timedelta(days=1))
    page = owners_page.get(reverse(PAGE)).content.decode()
    assert page.count("has one") == 1
    assert page.count("sets one up when the day comes") == 1
    SecondFactorRule.change(required=True, by=owner)
    assert "sets one up at the next click" in owners_page.get(reverse(PAGE)).content.decode()


def test_the_page_of_the_rule_asks_the_same_however_many_work_here(
    owners_page: Client, django_assert_num_queries: Any
) -> None:
    for count in (1, 4):
        for nth in range(count):
            hired(f"clerk-{count}-{nth}", "Kit", Role.CLERK)
        owners_page.get(reverse(PAGE))
        with django_assert_num_queries(7):
            owners_page.get(reverse(PAGE))
