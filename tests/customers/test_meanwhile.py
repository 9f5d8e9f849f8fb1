"""Editing in place, and two people editing one customer."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers import meanwhile
from guanxi.customers.by_hand import ATTRIBUTES, Told, correct
from guanxi.customers.meanwhile import ChangedMeanwhile
from guanxi.customers.models import Customer

HTMX = {"HX-Request": "true"}
SEEN = re.compile(r'name="seen" value="([^"]*)"')


def field(customer: Customer, name: str) -> str:
    return reverse("customers:attribute", args=[customer.pk, name])


def write(client: Client, customer: Customer, name: str, value: str, **more: str) -> HttpResponse:
    form = client.get(field(customer, name) + "?edit", headers=HTMX).content.decode()
    found = SEEN.search(form)
    assert found
    return client.post(field(customer, name), {name: value, "seen": found[1], **more}, headers=HTMX)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("city", "杭州", "杭州"),
        ("gender", "female", "Female"),
        ("birthday", "1988-03-14", "14 Mar 1988"),
        ("name", "林晓雨", "林**"),
        ("country", "<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_one_attribute_is_written_in_its_place_and_can_be_taken_back(
    owners_browser: Client, loyal: Customer, name: str, value: str, shown: str
) -> None:
    before = getattr(loyal, name)
    html = write(owners_browser, loyal, name, value).content.decode()
    assert shown in html
    assert "customer-head" in html
    loyal.refresh_from_db()
    assert str(getattr(loyal, name)) == value
    back = owners_browser.post(reverse("customers:attribute-undo", args=[loyal.pk]), {"next": "/customers/?q=x"})
    assert back["Location"] == "/customers/?q=x"
    loyal.refresh_from_db()
    assert getattr(loyal, name) == before


def test_an_undo_leaves_what_somebody_else_wrote_since(owners_browser: Client, loyal: Customer, agent: Staff) -> None:
    write(owners_browser, loyal, "city", "杭州")
    correct(loyal, Told(city="苏州"), by=agent)
    owners_browser.post(reverse("customers:attribute-undo", args=[loyal.pk]))
    loyal.refresh_from_db()
    assert loyal.city == "苏州"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", ""])
def test_an_undo_never_leads_to_another_site(owners_browser: Client, loyal: Customer, target: str) -> None:
    back = owners_browser.post(reverse("customers:attribute-undo", args=[loyal.pk]), {"next": target})
    assert back["Location"] == f"/customers/{loyal.public_id}/"


def test_a_wrong_value_stays_in_its_field_with_the_reason(owners_browser: Client, loyal: Customer) -> None:
    answer = write(owners_browser, loyal, "birthday", "2999-01-01")
    assert answer.status_code == 422
    assert "This day is still to come." in answer.content.decode()
    assert 'value="2999-01-01"' in answer.content.decode()


def test_the_second_of_two_sees_what_the_first_wrote_and_chooses(
    owners_browser: Client, loyal: Customer, agent: Staff
) -> None:
    found = SEEN.search(owners_browser.get(field(loyal, "city") + "?edit", headers=HTMX).content.decode())
    assert found
    correct(loyal, Told(city="苏州"), by=agent)
    clash = owners_browser.post(field(loyal, "city"), {"city": "杭州", "seen": found[1]}, headers=HTMX)
    html = clash.content.decode()
    assert clash.status_code == 409
    assert '<del class="gx-now">苏州</del>' in html
    assert '<ins class="gx-after">杭州</ins>' in html
    loyal.refresh_from_db()
    assert loyal.city == "苏州"
    again = SEEN.search(html)
    assert again
    assert owners_browser.post(field(loyal, "city"), {"city": "杭州", "seen": again[1]}).status_code == 302
    loyal.refresh_from_db()
    assert loyal.city == "杭州"


def test_what_two_people_wrote_in_different_fields_both_stands(
    owners_browser: Client, loyal: Customer, agent: Staff
) -> None:
    page = reverse("customers:edit", args=[loyal.pk])
    found = SEEN.search(owners_browser.get(page).content.decode())
    assert found
    correct(loyal, Told(city="苏州", gender="female"), by=agent)
    sent = {"city": "", "province": "浙江", "seen": found[1]}
    assert owners_browser.post(page, sent).status_code == 302
    loyal.refresh_from_db()
    assert (loyal.city, loyal.gender, loyal.province) == ("苏州", "female", "浙江")


@pytest.mark.parametrize(("choice", "stands"), [("mine", "杭州"), ("now", "苏州")])
def test_a_whole_form_asks_which_of_two_values_is_true(
    owners_browser: Client, loyal: Customer, agent: Staff, choice: str, stands: str
) -> None:
    page = reverse("customers:edit", args=[loyal.pk])
    found = SEEN.search(owners_browser.get(page).content.decode())
    assert found
    correct(loyal, Told(city="苏州"), by=agent)
    sent = {"city": "杭州", "province": "浙江", "seen": found[1]}
    clash = owners_browser.post(page, sent)
    html = clash.content.decode()
    assert clash.status_code == 409
    assert 'name="choice_city" value="mine"' in html
    assert 'value="杭州"' in html
    again = SEEN.search(html)
    assert again
    assert owners_browser.post(page, {**sent, "seen": again[1], "choice_city": choice}).status_code == 302
    loyal.refresh_from_db()
    assert (loyal.city, loyal.province) == (stands, "浙江")


def test_what_an_editor_saw_cannot_be_read_from_their_form(loyal: Customer, lapsed: Customer) -> None:
    told = meanwhile.seen(loyal, ATTRIBUTES)
    assert "林" not in told
    assert meanwhile.fingerprint(loyal, "city", "x") != meanwhile.fingerprint(lapsed, "city", "x")


def test_a_forged_memory_of_an_editor_is_a_clash_and_no_overwriting(loyal: Customer, owner: Staff) -> None:
    correct(loyal, Told(city="苏州"), by=owner)
    with pytest.raises(ChangedMeanwhile):
        correct(loyal, Told(city="杭州"), by=owner, seen={"city": "forged"})
    assert meanwhile.read("nonsense :: city:x") == {"": ":", "city": "x"}


def test_an_analyst_reads_attributes_and_edits_none(analysts_browser: Client, loyal: Customer) -> None:
    panel = analysts_browser.get(reverse("customers:attributes", args=[loyal.pk]), headers=HTMX).content.decode()
    assert "hx-get" not in panel
    assert analysts_browser.get(field(loyal, "city") + "?edit").status_code == 403
    assert analysts_browser.post(field(loyal, "city"), {"city": "x"}).status_code == 403
    assert owners_word_is_no_route(analysts_browser, loyal)


def owners_word_is_no_route(client: Client, customer: Customer) -> bool:
    return client.get(reverse("customers:attributes", args=[customer.pk]) + "password/").status_code == 404
