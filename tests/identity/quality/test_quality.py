"""Data quality: counted in the background, the people behind each figure listed, put right one at a time."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.jobs.models import Job
from guanxi.customers.models import Channel, Customer, Identifier
from guanxi.identity.models import Behind, DuplicatePair, QualityCount, Stopped, Unread
from guanxi.identity.quality import accepting
from guanxi.identity.quality.counting import count_everybody
from guanxi.identity.quality.figures import EVERYBODY, FIGURES
from guanxi.identity.quality.report import Report
from guanxi.identity.resolution import Identification, Sighting, resolve
from guanxi.orders.models import Store
from tests.cast import met

URL = reverse("identity:quality")
SHARED = "+8613813572468"
pytestmark = pytest.mark.django_db


def shared_by(many: int) -> None:
    """Have a phone be given by as many buyers."""
    phone = Identification(kind="phone", value=SHARED)
    for nth in range(many):
        resolve([sighting(f"b{nth:02}", phone, Identification(kind="external_id", value=f"{nth:02}", scope="tea"))])


def sighting(key: str, *identifications: Identification, **told: Any) -> Sighting:
    seen_at = dt.datetime(2024, 11, 11, 4, tzinfo=dt.UTC)
    return Sighting(source="own", store="tea", key=key, seen_at=seen_at, identifications=identifications, **told)


def mistyped(store: Store, key: str = "mo") -> Customer:
    return met(store, key=key, name="Mo Salah", email=f"{key}@gmial.com")


def behind(figure: str) -> set[int]:
    return set(Behind.objects.under(figure).values_list("customer", flat=True))


def test_everybody_is_counted_where_they_belong(tea_house: Store, owner: Staff) -> None:
    mo, bot = mistyped(tea_house), met(tea_house, key="bot", name="🌸", email="x@mailinator.com")
    ada = met(tea_house, key="ada", name="Ada", phone="+8613800000000", email="ada@example.com")
    for customer in (mo, bot, ada):
        customer.opt_in(Channel.EMAIL, source="checkout", by=owner)
        customer.opt_in(Channel.SMS, source="checkout", by=owner)
    DuplicatePair.objects.create(left=mo, right=ada, weight=3.0)
    counts = count_everybody()
    assert counts[EVERYBODY] == 3
    assert behind("twice") == {mo.pk, ada.pk}
    assert (behind("mistyped"), behind("throw_away"), behind("bad_name")) == ({mo.pk}, {bot.pk}, {bot.pk})
    assert (behind("bad_phone"), behind("no_phone")) == ({ada.pk}, {mo.pk, bot.pk})
    assert (behind("reached_email"), behind("reached_sms")) == ({mo.pk, ada.pk}, set())
    assert counts["no_birthday"] == 3


def test_the_same_book_again_writes_no_person(tea_house: Store) -> None:
    mistyped(tea_house)
    count_everybody()
    before = set(Behind.objects.values_list("pk", flat=True))
    count_everybody()
    assert set(Behind.objects.values_list("pk", flat=True)) == before


def test_whoever_is_put_right_is_not_behind_the_figure_any_more(tea_house: Store) -> None:
    mo = mistyped(tea_house)
    count_everybody()
    Customer.objects.filter(pk=mo.pk).update(erased_at=timezone.now())
    count_everybody()
    assert not Behind.objects.filter(customer=mo).exists()


def test_a_phone_of_fifty_people_joins_nobody_and_the_page_says_so(owners_browser: Client, tea_house: Store) -> None:
    shared_by(50)
    assert Customer.objects.filter(survivor=None).count() == 50
    count_everybody()
    assert (Stopped.objects.get().profiles, len(behind("shared"))) == (50, 50)
    page = owners_browser.get(URL).content.decode()
    assert "138****2468" in page
    assert "50 profiles share it; the rule joins 20 at most. Stopped: it joins nobody." in page
    assert SHARED not in page


def test_what_could_not_be_read_is_told_of_and_not_kept(tea_house: Store) -> None:
    number = Identification(kind="external_id", value="7", scope="tea")
    resolve([sighting("7", number, unread=(("phone", "no_phone"), ("email", "no_email")))])
    resolve([sighting("7", number, unread=(("phone", "no_phone"),))])
    assert sorted(Unread.objects.values_list("kind", "reason")) == [("email", "no_email"), ("phone", "no_phone")]
    count_everybody()
    assert behind("broken") == behind("bad_phone") == behind("bad_email") != set()


def test_accepting_keeps_what_was_typed_in_the_trail_and_can_be_undone(
    owners_browser: Client, tea_house: Store
) -> None:
    mo = mistyped(tea_house)
    count_everybody()
    page = owners_browser.get(URL).content.decode()
    assert "mo***@gmial.com" in page or "m***@gmial.com" in page
    owners_browser.post(reverse("identity:quality-email", args=[mo.pk]))
    mine = Identifier.objects.filter(profile__customer=mo, kind="email")
    assert {(each.plain, each.ends_on is None) for each in mine} == {("mo@gmial.com", False), ("mo@gmail.com", True)}
    assert AuditEntry.objects.filter(act="customer.corrected").count() == 1
    assert behind("mistyped") == set()
    owners_browser.post(reverse("identity:quality-email-undo"))
    assert [(each.plain, each.ends_on) for each in mine.all()] == [("mo@gmial.com", None)]
    assert behind("mistyped") == {mo.pk}


def test_an_address_of_somebody_else_is_never_taken(owner: Staff, tea_house: Store) -> None:
    mo = mistyped(tea_house)
    met(tea_house, key="other", name="Other", email="mo@gmail.com")
    with pytest.raises(accepting.AlreadyTaken):
        accepting.accept(mo, by=owner)
    assert Identifier.objects.get(profile__customer=mo, kind="email").ends_on is None


def test_the_list_of_customers_shows_the_people_behind_a_figure(owners_browser: Client, tea_house: Store) -> None:
    mistyped(tea_house)
    met(tea_house, key="ada", name="Ada Lovelace", email="ada@example.com")
    count_everybody()
    page = owners_browser.get(reverse("customers:list"), {"quality": "mistyped"}).content.decode()
    assert "Mo S." in page
    assert "Ada L." not in page
    named = owners_browser.get(reverse("customers:list"), {"quality": "no_birthday"}).content.decode()
    assert "Ada L." in named


def test_figures_are_compared_with_those_of_a_month_ago(owner: Staff, tea_house: Store) -> None:
    mistyped(tea_house)
    met(tea_house, key="ada", name="Ada", email="ada@example.com")
    QualityCount.objects.keep({EVERYBODY: 4, "mistyped": 4}, at=timezone.now() - dt.timedelta(days=35))
    count_everybody()
    row = Report.now(owner).rows["mistyped"]
    assert (row.people, row.share, row.was) == (1, 0.5, 1.0)
    assert row.change
    assert (row.change.direction, row.change.word) == ("down", "better")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_asks_the_same_number_of_questions_however_many_people(
    owners_browser: Client, tea_house: Store, language: str
) -> None:
    def asked() -> int:
        count_everybody()
        with CaptureQueriesContext(connection) as queries:
            assert owners_browser.get(URL, headers={"accept-language": language}).status_code == 200
        return len(queries)

    mistyped(tea_house)
    asked()
    few = asked()
    for nth in range(5):
        mistyped(tea_house, f"mo{nth}")
    assert asked() == few


def test_a_page_without_customers_teaches(owners_browser: Client) -> None:
    page = owners_browser.get(URL).content.decode()
    assert "There are no customers yet." in page
    assert "gmail.com" in page


def test_counting_is_asked_for_once(owners_browser: Client, loyal: Customer) -> None:
    assert "Nothing was counted yet." in owners_browser.get(URL).content.decode()
    owners_browser.post(reverse("identity:quality-count"))
    owners_browser.post(reverse("identity:quality-count"))
    assert Job.objects.filter(task="guanxi.identity.tasks.count_quality").count() == 1
    assert "Counting data quality" in owners_browser.get(URL).content.decode()


def test_every_figure_says_how_it_is_computed() -> None:
    assert all(str(each.title) and str(each.how) and len(each.code) <= 20 for each in FIGURES.values())


def test_a_new_customers_mistyped_address_is_asked_about_and_kept(owners_browser: Client, tea_house: Store) -> None:
    url, typed = reverse("customers:new"), {"name": "Li", "email": "Li@gmial.com"}
    answer = owners_browser.post(url, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Did you mean li@gmail.com?" in page
    assert 'value="Li@gmial.com"' in page
    owners_browser.post(url, {**typed, "email_kept": "li@gmial.com"})
    assert [each.plain for each in Identifier.objects.filter(kind="email")] == ["li@gmial.com"]


def test_what_was_meant_is_taken_where_it_is_chosen(owners_browser: Client, tea_house: Store) -> None:
    typed = {"name": "Li", "email": "li@gmial.com", "email_instead": "li@gmail.com"}
    owners_browser.post(reverse("customers:new"), typed)
    assert [each.plain for each in Identifier.objects.filter(kind="email")] == ["li@gmail.com"]
