"""Probable duplicates of the shop's own book: found, offered, decided, taken back, never offered again when told
apart."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.core.jobs.models import Job
from guanxi.customers.by_hand import put_back
from guanxi.customers.models import Customer, Identifier
from guanxi.identity.duplicates import searching
from guanxi.identity.duplicates.pair import DecidedAlready, DuplicatePair, DuplicateSearch
from guanxi.identity.models import Apart, Merge, RuleSet
from guanxi.identity.rules import Rules
from guanxi.identity.tasks import search_duplicates
from tests.cast import hired
from tests.identity.people import person, picture

pytestmark = pytest.mark.django_db
URL = reverse("identity:duplicates")
BORN = dt.date(1992, 3, 14)
EVIDENCE = [["given", "sounds alike", 6.1], ["phones", "typo", 7.4], ["city", "different", -1.5]]


def reached(customer: Customer, *phones: str) -> Customer:
    profile = customer.founders.get()
    for phone in phones:
        known = Identifier.sealed_of("phone", phone)
        known.profile = profile
        known.save()
    return customer


@pytest.fixture
def lin(db: None) -> Customer:
    return reached(person(1, name="林婉清", birthday=BORN, city="杭州"), "+8613900000001", "+8618300002807")


@pytest.fixture
def twin(lin: Customer) -> Customer:
    return reached(person(2, name="林晚清", birthday=BORN, city="杭州"), "+8618300002801")


@pytest.fixture
def others(lin: Customer) -> list[Customer]:
    names = ("周素问", "Ada Byron", "陈嘉树", "Bo Ek")
    return [
        reached(person(nth, name=name, birthday=dt.date(1970 + nth, nth, nth), city="上海"), f"+86137{nth}1112222")
        for nth, name in enumerate(names, 3)
    ]


@pytest.fixture
def pair(lin: Customer, twin: Customer) -> DuplicatePair:
    return DuplicatePair.objects.create(left=lin, right=twin, weight=5.2, evidence=EVIDENCE)


def test_a_search_finds_who_looks_like_one_person_by_any_of_their_phones(
    lin: Customer, twin: Customer, others: list[Customer]
) -> None:
    search = searching.search_all()
    found = DuplicatePair.objects.get()
    assert (found.left, found.right, search.people) == (lin, twin, 6)
    words = {column: level for column, level, _weight in found.evidence}
    assert (words["surname"], words["phones"], words["birthday"]) == ("same", "typo", "same")
    assert not any(value in str(found.evidence) for value in ("林", "1830000", "1992"))


def test_told_apart_they_are_never_offered_again(pair: DuplicatePair, others: list[Customer], agent: Staff) -> None:
    pair.keep_apart(by=agent)
    DuplicatePair.objects.all().delete()  # the cannot-link alone remembers it
    searching.search_all()
    assert not DuplicatePair.objects.exists()


def test_above_the_owners_threshold_they_are_merged_without_asking(pair: DuplicatePair, owner: Staff) -> None:
    assert searching.merge_the_sure() == 0  # off until the owner says so
    RuleSet.objects.adopt(replace(Rules(), threshold=95), by=owner)
    assert searching.merge_the_sure() == 1
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.merge.rule) == ("merged", None, searching.AUTOMATIC)


def test_who_came_since_the_last_search_is_compared_with_those_alike(lin: Customer, others: list[Customer]) -> None:
    DuplicateSearch.objects.create(ended_at=dt.datetime.now(dt.UTC), prior=1e-3)
    late = reached(person(9, name="林婉清", birthday=BORN, city="杭州"), "+8618300002801")
    Customer.objects.filter(pk=late.pk).update(created_at=dt.datetime.now(dt.UTC))
    assert searching.search_new() == 1
    assert DuplicatePair.objects.get().right == late


@pytest.mark.parametrize("decide", ["unite", "keep_apart", "postpone"])
def test_a_decision_taken_back_leaves_nothing_behind_and_the_pair_waits_again(
    pair: DuplicatePair, agent: Staff, decide: str
) -> None:
    before = picture()
    getattr(pair, decide)(by=agent)
    assert not DuplicatePair.objects.waiting().exists()
    pair.reopen(by=agent)
    assert picture() == before
    assert DuplicatePair.objects.waiting().get() == pair
    assert not Apart.objects.in_force().exists()  # a slip of the hand says nothing


def test_two_who_decide_at_once_decide_once(pair: DuplicatePair, agent: Staff) -> None:
    same = DuplicatePair.objects.get(pk=pair.pk)
    pair.unite(by=agent)
    with pytest.raises(DecidedAlready):
        same.keep_apart(by=agent)
    assert not Apart.objects.exists()


def test_an_agent_merges_on_the_page_and_takes_it_back(agents_browser: Client, pair: DuplicatePair) -> None:
    page = agents_browser.get(URL).content.decode()
    assert all(said in page for said in ("97.4%", "one character off", "139****0001", "183****2807", 'data-gx-key="m"'))
    assert "18300002807" not in page
    assert "林婉清" not in page
    done = agents_browser.post(
        reverse("identity:duplicate-decision", args=[pair.pk]), {"decision": "merge"}, follow=True
    ).content.decode()
    assert Merge.objects.in_force().count() == 1
    assert reverse("identity:duplicate-undo", args=[pair.pk]) in done
    assert agents_browser.post(reverse("identity:duplicate-decision", args=[pair.pk]), {}).status_code == 422
    agents_browser.post(reverse("identity:duplicate-undo", args=[pair.pk]))
    assert DuplicatePair.objects.waiting().count() == 1


def test_the_analyst_looks_and_decides_nothing(client: Client, pair: DuplicatePair) -> None:
    client.force_login(hired("kit", "Kit", Role.ANALYST))
    page = client.get(URL).content.decode()
    assert 'data-gx-key="m"' not in page
    assert client.post(reverse("identity:duplicate-decision", args=[pair.pk]), {"decision": "merge"}).status_code == 403


def test_an_empty_queue_teaches_and_begins_a_search(agents_browser: Client) -> None:
    assert "Search now" in agents_browser.get(URL).content.decode()
    for _twice in range(2):
        page = agents_browser.post(reverse("identity:duplicates-search"), follow=True).content.decode()
    assert "Searching for probable duplicates" in page
    assert Job.objects.filter(task=search_duplicates.module_path).count() == 1
    agents_browser.post(reverse("identity:duplicates-stop"))
    assert Job.objects.filter(cancel_requested_at__isnull=False).count() == 1


def test_more_pairs_ask_no_more_of_the_book(
    agents_browser: Client, pair: DuplicatePair, others: list[Customer]
) -> None:
    agents_browser.get(URL)
    with CaptureQueriesContext(connection) as few:
        agents_browser.get(URL)
    for left, right in pairwise(others):
        DuplicatePair.objects.create(left=left, right=right, weight=2.0, evidence=EVIDENCE)
    with CaptureQueriesContext(connection) as many:
        agents_browser.get(URL)
    assert len(many) == len(few)


def test_whose_value_is_chosen_is_shown_as_long_as_the_merge_holds(pair: DuplicatePair, agent: Staff) -> None:
    before = picture()
    pair.unite(by=agent, chosen={"name": pair.left_id, "birthday": pair.left_id})
    lin = Customer.objects.get(pk=pair.left_id)
    assert lin.name == "林婉清"  # the rules would show the newer 林晚清
    told = [each.properties["fields"] for each in lin.events.filter(name="Values Preferred")]
    assert told == [["name"]]  # of the birthday both say the same
    put_back(lin, "name", "林清", by=agent)  # what is written later wins
    assert Customer.objects.get(pk=lin.pk).name == "林清"
    pair.reopen(by=agent)
    names = dict(Customer.objects.values_list("pk", "name"))
    assert (names[pair.left_id], names[pair.right_id]) == ("林清", "林晚清")
    assert [row[:2] for row in picture()["people"]] == [row[:2] for row in before["people"]]


def test_the_page_shows_what_was_chosen_and_a_word_that_means_nothing_chooses_nothing(
    agents_browser: Client, pair: DuplicatePair
) -> None:
    def winners(query: str) -> dict[str, str]:
        lines = agents_browser.get(f"{URL}?pair={pair.pk}{query}").context["case"].lines
        return {line.field: line.wins for line in lines if line.wins}

    assert winners("") == {"name": "right"}
    assert winners("&pick_name=left&pick_gender=right&pick_place=%00") == {"name": "left"}
    assert winners("&pick_name=%27--&pick_hat=left") == {"name": "right"}
    sent = {"decision": "merge", "pick_name": "left"}
    agents_browser.post(reverse("identity:duplicate-decision", args=[pair.pk]), sent)
    assert Customer.objects.get(pk=pair.left_id).name == "林婉清"
