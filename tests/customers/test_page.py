"""A customer's page and its panels: what they say, what they hide, and what they cost."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.customers.models import Consent, Customer, MergeLog, Note, Tag
from guanxi.customers.models.customer import TooLateToUndo
from guanxi.identity.resolution import Identification, Sighting, resolve
from guanxi.orders.models import Store
from guanxi.pages.panels import panels_for
from tests.cast import met
from tests.customers.conftest import scored

HTMX = {"HX-Request": "true"}
COSTS = {"identity": 7, "consents": 5, "tags": 5, "notes": 5, "timeline": 9}
PAGE_QUERIES = 10  # one of them counts probable duplicates for the navigation


def at(name: str, customer: Customer, *more: Any) -> str:
    return reverse(f"customers:{name}", args=[customer.pk, *more])


def panel(client: Client, name: str, customer: Customer, query: str = "") -> str:
    response = client.get(at(name, customer) + query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_the_head_says_who_it_is(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    scored(loyal, 5.0, "high_value")
    loyal.tag_with(Tag.objects.called("white tea"), by=owner)
    Customer.objects.filter(pk=loyal.pk).update(gender="female", birthday=dt.date(1988, 3, 14), city="杭州")
    page = owners_browser.get(at("customer", loyal)).content.decode()
    for words in ("林**", "183****2807", "High-value", "white tea", "Female", "Birthday 14 March", "杭州"):
        assert words in page
    assert "林晓" not in page


def test_every_panel_has_its_place_and_loads(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    page = owners_browser.get(at("customer", loyal)).content.decode()
    panels = panels_for("customer", owner)
    assert {"identity", "consents", "tags", "figures", "timeline", "orders", "notes", "rfm"} <= {p.name for p in panels}
    for each in panels:
        address = reverse(each.url_name, kwargs={"customer_id": loyal.pk})
        assert f'data-panel="{each.name}" data-place="{each.place}"' in page
        assert f'hx-get="{address}"' in page
        assert owners_browser.get(address, headers=HTMX).status_code == 200


@pytest.mark.parametrize("tab", ["overview", "orders", "about", "notes"])
def test_a_phone_shows_one_part_of_the_page(owners_browser: Client, loyal: Customer, tab: str) -> None:
    page = owners_browser.get(at("customer", loyal) + f"?tab={tab}").content.decode()
    assert f'<a href="?tab={tab}" aria-current="page">' in page
    assert "?tab=elsewhere" not in page


def test_a_merged_customers_page_is_the_survivors(
    owners_browser: Client, loyal: Customer, lapsed: Customer, opted_out: Customer
) -> None:
    Customer.objects.filter(pk=opted_out.pk).update(survivor=lapsed)
    Customer.objects.filter(pk=lapsed.pk).update(survivor=loyal)
    response = owners_browser.get(at("customer", opted_out))
    assert (response.status_code, response.headers["Location"]) == (302, at("customer", loyal))
    assert owners_browser.get(at("identity", opted_out)).status_code == 404


@pytest.mark.parametrize(
    "word", ["cus_0000000000000", "cus_9WDXWNVX5FJ1N", "cus_ZZZZZZZZZZZZZ", "ord_9WDXWNVX5FJ1N", "1"]
)
def test_an_unknown_id_is_not_found(owners_browser: Client, word: str) -> None:
    assert owners_browser.get(f"/customers/{word}/").status_code == 404


def test_the_page_and_its_panels_cost_the_same_whatever_happened(
    owners_browser: Client,
    loyal: Customer,
    owner: Staff,
    tea_house: Store,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def look() -> None:
        with django_assert_num_queries(PAGE_QUERIES):
            owners_browser.get(at("customer", loyal))
        for name, cost in COSTS.items():
            with django_assert_max_num_queries(cost):
                panel(owners_browser, name, loyal)

    busy(loyal, owner, 3)
    look()
    busy(loyal, owner, 50)
    look()


def busy(customer: Customer, by: Staff, count: int) -> None:
    """Have much happen to somebody."""
    for nth in range(count):
        customer.annotate_with(f"note {nth}", by=by)
        customer.tag_with(Tag.objects.called(f"tag {nth}"), by=by)
        customer.opt_in("email", source="checkout", by=by)
        customer.opt_out("email", by=by)


def test_the_same_phone_in_two_sources_is_one_word_of_one_person(
    owners_browser: Client, two_identities: Customer
) -> None:
    card = panel(owners_browser, "identity", two_identities)
    assert "2 identities, one person" in card
    assert card.count("139****5566") == 1
    assert "Strong · 2 sources" in card
    assert "same Phone" in card
    assert "13900005566" not in card


def test_a_person_known_by_nothing_says_what_that_means(owners_browser: Client, db: None) -> None:
    nobody = Customer.objects.create(name="Walk-in")
    assert "No phone, e-mail or number is known." in panel(owners_browser, "identity", nobody)
    assert "Nothing has happened here yet." in panel(owners_browser, "timeline", nobody)


def test_an_unusual_reason_of_a_merge_is_shown_as_it_is(owners_browser: Client, loyal: Customer) -> None:
    MergeLog.objects.create(act="linked", profile=loyal.profiles.get(), customer=loyal, rule="by hand")
    assert "by hand" in panel(owners_browser, "identity", loyal)


def test_consents_say_agreed_withdrawn_or_never_asked(owners_browser: Client, opted_out: Customer) -> None:
    opted_out.opt_in("sms", source="checkout")
    opted_out.opt_in("push", purpose="service", source="checkout")
    card = panel(owners_browser, "consents", opted_out)
    today = timezone.localdate()
    assert f"withdrawn {today.day}" in card
    assert f"agreed {today.day}" in card
    assert card.count("never asked") == 3
    assert card.count("<h3") == 2


def test_withdrawing_a_consent_ends_reach_and_can_be_undone(
    owners_browser: Client, loyal: Customer, owner: Staff
) -> None:
    consent = loyal.opt_in("sms", source="checkout")
    response = owners_browser.post(at("consent-withdrawal", loyal, "sms", "marketing"), headers=HTMX)
    assert loyal not in Customer.objects.reachable_by("sms")
    undo = at("consent-restoration", loyal, consent.pk)
    assert f'action="{undo}"' in response.content.decode()
    owners_browser.post(undo)
    assert loyal in Customer.objects.reachable_by("sms")
    assert names(loyal)[-3:] == ["Consent Given", "Consent Withdrawn", "Consent Restored"]


def names(customer: Customer) -> list[str]:
    return list(customer.events.order_by("pk").values_list("name", flat=True))


def test_doing_it_twice_does_it_once(owners_browser: Client, loyal: Customer) -> None:
    for _ in range(2):
        owners_browser.post(at("consent-agreement", loyal, "email", "marketing"), headers=HTMX)
    assert loyal.consents.count() == 1
    for _ in range(2):
        owners_browser.post(at("consent-withdrawal", loyal, "email", "marketing"), headers=HTMX)
    assert names(loyal) == ["Consent Given", "Consent Withdrawn"]


def test_a_note_sent_twice_by_one_form_stands_once(owners_browser: Client, loyal: Customer) -> None:
    shown = panel(owners_browser, "notes", loyal)
    key = re.search(r'name="once" value="([\w-]{22})"', shown)
    assert key
    sent = {"text": "Likes white tea", "once": key[1]}
    answers = [owners_browser.post(at("note-addition", loyal), sent) for _ in range(2)]
    assert {answer.url for answer in answers} == {reverse("customers:customer", args=[loyal.pk])}  # type: ignore[attr-defined]
    assert loyal.notes.count() == 1
    owners_browser.post(at("note-addition", loyal), {"text": "Likes white tea", "once": f"{key[1]}again"})
    assert loyal.notes.count() == 2, "the same words of another form are another note"


def test_a_new_customer_sent_twice_by_one_form_is_one_and_both_lead_there(owners_browser: Client) -> None:
    page = owners_browser.get(reverse("customers:new")).content.decode()
    key = re.search(r'name="once" value="([\w-]{22})"', page)
    assert key
    sent = {"name": "林晓雨", "once": key[1]}
    answers = [owners_browser.post(reverse("customers:new"), sent) for _ in range(2)]
    only = Customer.objects.get()
    assert [answer.url for answer in answers] == [reverse("customers:customer", args=[only.pk])] * 2  # type: ignore[attr-defined]


def test_a_consent_noted_by_mistake_was_never_given(owners_browser: Client, loyal: Customer) -> None:
    owners_browser.post(at("consent-agreement", loyal, "email", "marketing"))
    consent = loyal.consents.get()
    owners_browser.post(at("consent-retraction", loyal, consent.pk))
    assert not loyal.consents.exists()
    assert names(loyal) == ["Consent Given", "Consent Retracted"]


def test_after_ten_minutes_a_slip_is_history(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    consent = loyal.opt_in("sms", source="checkout")
    loyal.opt_out("sms", by=owner)
    long_ago = timezone.now() - dt.timedelta(minutes=11)
    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=long_ago, agreed_at=long_ago)
    consent.refresh_from_db()
    with pytest.raises(TooLateToUndo):
        consent.restore(by=owner)
    assert owners_browser.post(at("consent-restoration", loyal, consent.pk)).status_code == 409
    assert loyal not in Customer.objects.reachable_by("sms")


def test_a_withdrawal_is_not_restored_where_they_agreed_again(loyal: Customer, owner: Staff) -> None:
    first = loyal.opt_in("sms", source="checkout")
    loyal.opt_out("sms", by=owner)
    loyal.opt_in("sms", source="counter")
    first.refresh_from_db()
    first.restore(by=owner)
    first.refresh_from_db()
    assert first.withdrawn_at is not None


@pytest.mark.parametrize("path", ["consents/fax/marketing/agreement/", "consents/sms/fun/agreement/"])
def test_a_wrong_word_is_no_route(owners_browser: Client, loyal: Customer, path: str) -> None:
    assert owners_browser.post(at("customer", loyal) + path).status_code == 404


def test_a_tag_goes_on_and_off_and_on_again(owners_browser: Client, loyal: Customer) -> None:
    owners_browser.post(at("tag-addition", loyal), {"name": "White Tea"})
    owners_browser.post(at("tag-addition", loyal), {"name": "white tea"})
    tag = Tag.objects.get()
    assert loyal.taggings.count() == 1
    assert "White Tea" in panel(owners_browser, "tags", loyal)
    owners_browser.post(at("tag-removal", loyal, tag.pk))
    owners_browser.post(at("tag-removal", loyal, tag.pk))
    assert not loyal.taggings.exists()
    owners_browser.post(at("tag-return", loyal, tag.pk))
    assert names(loyal) == ["Tag Added", "Tag Removed", "Tag Added"]


def test_an_expired_tag_is_not_carried(owners_browser: Client, loyal: Customer, owner: Staff) -> None:
    tagging = loyal.tag_with(Tag.objects.called("hot lead"), by=owner)
    tagging.expires_on = timezone.localdate() - dt.timedelta(days=1)
    tagging.save()
    assert "hot lead</li>" not in panel(owners_browser, "tags", loyal)
    assert "hot lead" not in owners_browser.get(at("customer", loyal)).content.decode()


def test_a_note_is_kept_shown_on_top_and_can_be_taken_back(owners_browser: Client, loyal: Customer) -> None:
    response = owners_browser.post(at("note-addition", loyal), {"text": "Likes <b>rice</b> paper"}, headers=HTMX)
    card = response.content.decode()
    note = Note.objects.get()
    assert "Likes &lt;b&gt;rice&lt;/b&gt; paper" in card
    assert f'action="{at("note-removal", loyal, note.pk)}"' in card
    owners_browser.post(at("note-removal", loyal, note.pk))
    assert not Note.objects.exists()
    assert names(loyal) == ["Note Added", "Note Removed"]


def test_an_empty_note_keeps_the_panel_and_says_why(owners_browser: Client, loyal: Customer) -> None:
    response = owners_browser.post(at("note-addition", loyal), {"text": "  "}, headers=HTMX)
    assert response.status_code == 422
    assert "This field is required." in response.content.decode()


def test_nobody_takes_back_a_note_of_somebody_else(owners_browser: Client, loyal: Customer, agent: Staff) -> None:
    note = loyal.annotate_with("mine", by=agent)
    owners_browser.post(at("note-removal", loyal, note.pk))
    assert Note.objects.filter(pk=note.pk).exists()


CHANGES = [
    ("consent-agreement", ("sms", "marketing")),
    ("consent-withdrawal", ("sms", "marketing")),
    ("consent-restoration", (1,)),
    ("consent-retraction", (1,)),
    ("tag-addition", ()),
    ("tag-removal", (1,)),
    ("tag-return", (1,)),
    ("note-addition", ()),
    ("note-removal", (1,)),
    ("edit", ()),
]


@pytest.mark.parametrize(("route", "more"), CHANGES)
def test_an_analyst_changes_nothing(
    analysts_browser: Client, loyal: Customer, route: str, more: tuple[Any, ...]
) -> None:
    before = names(loyal)
    told = {"text": "x", "name": "x"}
    assert analysts_browser.post(at(route, loyal, *more), told).status_code == 403
    assert names(loyal) == before


def test_a_look_never_changes_anything(owners_browser: Client, loyal: Customer) -> None:
    for route, more in CHANGES[:-1]:
        assert owners_browser.get(at(route, loyal, *more)).status_code == 405


def test_forms_work_without_a_script(owners_browser: Client, loyal: Customer) -> None:
    response = owners_browser.post(at("note-addition", loyal), {"text": "by hand"}, follow=True)
    assert response.redirect_chain == [(at("customer", loyal), 302)]
    assert "The note is kept." in response.content.decode()


def test_an_analyst_reads_panels_without_their_forms(analysts_browser: Client, loyal: Customer) -> None:
    for name in ("consents", "tags", "notes"):
        assert "<form" not in panel(analysts_browser, name, loyal)


def test_someone_without_a_name_is_called_by_their_number(
    owners_browser: Client, tea_house: Store, crowd: Callable[[int], list[Customer]]
) -> None:
    seen = Sighting(
        source="own", store="tea", key="14646", seen_at=timezone.now(),
        identifications=(Identification(kind="external_id", value="14646", namespace="own", scope="tea"),),
    )  # fmt: skip
    customer = Customer.objects.get(pk=resolve([seen]).people["14646"].customer_id)
    assert "Customer 14646" in owners_browser.get(at("customer", customer)).content.decode()


def test_an_erased_customer_is_called_nothing(owners_browser: Client, tea_house: Store) -> None:
    customer = met(tea_house, key="x", name="Erased Soon", email="soon@example.com")
    Customer.objects.filter(pk=customer.pk).update(erased_at=timezone.now())
    assert "Erased customer" in owners_browser.get(at("customer", customer)).content.decode()
