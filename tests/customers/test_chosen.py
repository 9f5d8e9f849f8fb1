"""Acts upon many customers: whom they reach, that the reader hears it first, and that they are taken back whole."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.customers import together
from guanxi.customers.models import BulkAct, Channel, Consent, Customer, Event, Note, Tag, Tagging
from guanxi.customers.models.customer import CustomerQuerySet, TooLateToUndo
from guanxi.customers.together import Verb, act, take_back

CHOSEN = "/customers/chosen/"
TEA = Verb(BulkAct.Kind.TAG, "white tea")
NO_MAIL = Verb(BulkAct.Kind.CONSENT, Channel.EMAIL)
Crowd = Callable[[int], list[Customer]]


def everyone() -> CustomerQuerySet:
    return Customer.objects.all()


def sent(client: Client, query: str = "", **fields: object) -> str:
    return client.post(CHOSEN + query, fields, follow=True).content.decode()


def test_a_tag_reaches_only_those_who_do_not_carry_it(owner: Staff, crowd: Crowd) -> None:
    first, *_ = crowd(4)
    first.tag_with(Tag.objects.called("White Tea"), by=owner)
    assert together.reached(everyone(), TEA).count() == 3
    assert act(everyone(), TEA, by=owner).reached == 3
    assert Tagging.objects.count() == 4
    assert Event.objects.filter(name="Tag Added").count() == 4
    assert {each.profile_id for each in Tagging.objects.all()} == {
        c.house_profile and c.house_profile.pk for c in everyone()
    }


def test_tags_are_taken_back_and_older_ones_stay(owner: Staff, crowd: Crowd) -> None:
    first, *_ = crowd(4)
    first.tag_with(Tag.objects.called("white tea"), by=owner)
    done = act(everyone(), TEA, by=owner)
    assert take_back(done) == 3
    assert list(Tagging.objects.values_list("customer", flat=True)) == [first.pk]
    assert Event.objects.filter(name="Tag Removed").count() == 3


def test_a_note_is_written_for_everybody_and_taken_back(owner: Staff, crowd: Crowd) -> None:
    people = crowd(3)
    people[0].annotate_with("likes tea", by=owner)
    done = act(everyone(), Verb(BulkAct.Kind.NOTE, "late parcel, called"), by=owner)
    assert Note.objects.filter(text="late parcel, called").count() == 3
    assert take_back(done) == 3
    assert [note.text for note in Note.objects.all()] == ["likes tea"]


def test_consents_come_back_but_not_over_a_newer_one(owner: Staff, crowd: Crowd) -> None:
    ada, bo, silent = crowd(3)
    for each in (ada, bo):
        each.opt_in(Channel.EMAIL, source="checkout")
    ada.opt_in(Channel.SMS, source="checkout")
    done = act(everyone(), NO_MAIL, by=owner)
    assert done.reached == 2
    assert list(Consent.objects.in_force().values_list("channel", flat=True)) == ["sms"]
    bo.opt_in(Channel.EMAIL, source="form")
    assert take_back(done) == 1
    assert Consent.objects.in_force(Channel.EMAIL).of(ada).get().withdrawn_by is None
    assert Consent.objects.in_force(Channel.EMAIL).of(bo).get().source == "form"
    assert not silent.consents.exists()


def test_an_act_is_taken_back_once_and_not_after_a_while(owner: Staff, crowd: Crowd) -> None:
    crowd(2)
    done = act(everyone(), TEA, by=owner)
    assert [take_back(done), take_back(done)] == [2, 0]
    old = act(everyone(), TEA, by=owner)
    old.at = timezone.now() - dt.timedelta(minutes=11)
    with pytest.raises(TooLateToUndo):
        take_back(old)
    assert Tagging.objects.count() == 2


@pytest.mark.parametrize("verb", [TEA, Verb(BulkAct.Kind.NOTE, "hello"), NO_MAIL])
def test_what_an_act_costs_does_not_grow_with_the_people(owner: Staff, crowd: Crowd, verb: Verb) -> None:
    for each in crowd(2):
        each.opt_in(Channel.EMAIL, source="checkout")
    Tag.objects.called("white tea")
    costs = []
    for _again in range(2):
        with CaptureQueriesContext(connection) as queries:
            done = act(everyone(), verb, by=owner)
            take_back(done)
        costs.append(len(queries))
        for each in crowd(20):
            each.opt_in(Channel.EMAIL, source="checkout")
    assert costs[0] == costs[1]


def test_nothing_happens_before_the_reader_agreed_to_the_number(owners_browser: Client, crowd: Crowd) -> None:
    people = crowd(3)
    picks = [each.public_id for each in people[:2]]
    assert "2 customers chosen" in sent(owners_browser, verb="tag", pick=picks)
    page = sent(owners_browser, verb="tag", pick=picks, word="gift")
    assert "It reaches 2 customers of the 2 you chose." in page
    assert ">Tag 2 customers</button>" in page
    sent(owners_browser, verb="tag", pick=picks, word="gift", sure="3")
    assert not Tagging.objects.exists()
    page = sent(owners_browser, verb="tag", pick=picks, word="gift", sure="2")
    assert Tagging.objects.count() == 2
    assert "Tagged 2 customers “gift”." in page
    owners_browser.post(reverse("customers:chosen-undo", args=[BulkAct.objects.get().pk]))
    assert not Tagging.objects.exists()


def test_all_that_match_are_those_the_address_narrows_to(owners_browser: Client, crowd: Crowd, loyal: Customer) -> None:
    crowd(60)
    page = sent(owners_browser, "?q=guest", verb="note", all="1", word="sale", sure="60")
    assert "The note is kept for 60 customers." in page
    assert not loyal.notes.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"verb": "delete", "all": "1"}, {"verb": ""}, {"verb": "tag", "pick": "1"}, {"verb": "tag", "pick": "cus_\0"},
        {"verb": "tag", "pick": "' or 1=1"}, {"verb": "tag", "all": "yes", "word": "x", "sure": "2"},
        {"verb": "consent", "all": "1", "word": "carrier-pigeon", "sure": "2"},
        {"verb": "tag", "all": "1", "word": " "},
        {"verb": "tag", "all": "1", "word": "x" * 61, "sure": "2"},
        {"verb": "tag", "all": "1", "word": "a", "sure": "x"},
    ],
)  # fmt: skip
def test_a_forged_choice_does_nothing(owners_browser: Client, crowd: Crowd, fields: dict[str, str]) -> None:
    crowd(2)
    assert owners_browser.post(CHOSEN, fields).status_code in {200, 302, 404, 422}
    assert not BulkAct.objects.exists()


def test_who_was_merged_away_is_not_reached(owners_browser: Client, crowd: Crowd) -> None:
    one, other = crowd(2)
    Customer.objects.filter(pk=other.pk).update(survivor=one)
    picks = [one.public_id, other.public_id]
    assert "It reaches 1 customer of the 1 you chose." in sent(owners_browser, verb="tag", pick=picks, word="gift")


def test_too_many_at_once_are_refused_in_words(
    owners_browser: Client, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(3)
    monkeypatch.setattr("guanxi.customers.chosen.MOST", 2)
    assert "3 customers are too many at once." in sent(owners_browser, verb="tag", all="1", word="a", sure="3")


def test_who_may_only_look_chooses_nobody(analysts_browser: Client, crowd: Crowd) -> None:
    crowd(1)
    assert "data-gx-pick" not in analysts_browser.get("/customers/").content.decode()
    assert analysts_browser.post(CHOSEN, {"verb": "tag", "all": "1"}).status_code == 403


def test_nobody_takes_back_the_act_of_somebody_else(owners_browser: Client, agent: Staff, crowd: Crowd) -> None:
    crowd(1)
    done = act(everyone(), TEA, by=agent)
    assert owners_browser.post(reverse("customers:chosen-undo", args=[done.pk])).status_code == 404
    assert Tagging.objects.count() == 1
