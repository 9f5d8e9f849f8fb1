"""What staff write down themselves: new customers, corrections, and nobody twice."""

from collections.abc import Mapping

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.by_hand import Told, correct, introduce
from guanxi.customers.models import Customer, Identifier
from guanxi.identity.resolution import Identification, carriers

NEW = "/customers/new/"


def send(client: Client, path: str, **told: str) -> HttpResponse:
    return client.post(path, told)  # type: ignore[return-value]


def said(response: HttpResponse) -> Mapping[str, list[str]]:
    return response.context["form"].errors  # type: ignore[attr-defined,no-any-return]


def test_a_new_customer_is_found_by_what_was_written(owners_browser: Client, owner: Staff) -> None:
    response = send(owners_browser, NEW, name="Emma Mary Taylor", phone="183 0000 2807", email="Emma@Example.com")
    (customer,) = Customer.objects.all()
    assert response.headers["Location"] == reverse("customers:customer", args=[customer.pk])
    assert customer.house_profile is not None
    plain = {each.kind: each.plain for each in Identifier.objects.all()}
    assert plain == {"phone": "+8618300002807", "email": "emma@example.com"}
    assert {each.value for each in Identifier.objects.all()} == {""}
    assert customer.events.get().properties == {"by": owner.pk}


def test_what_is_written_by_hand_meets_what_files_bring(owner: Staff) -> None:
    customer = introduce(Told(name="Lin", phone="+8618300002807"), by=owner)
    digest = Identification(kind="phone", value="+8618300002807").digest
    assert carriers([digest]) == {digest: customer.pk}


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({}, "__all__", "Give a name, a phone or an e-mail"),
        ({"city": "杭州"}, "__all__", "Give a name, a phone or an e-mail"),
        ({"phone": "12"}, "phone", "This is no phone number."),
        ({"phone": "183****2807"}, "phone", "This is no phone number."),
        ({"email": "lin@"}, "email", "This is no e-mail address."),
        ({"name": "x", "birthday": "2999-01-01"}, "birthday", "This day is still to come."),
        ({"name": "x", "birthday": "1800-01-01"}, "birthday", "Nobody is this old."),
        ({"name": "x", "birthday": "31/31/99"}, "birthday", "Enter a valid date."),
        ({"name": "x", "gender": "cat"}, "gender", "Select a valid choice."),
        ({"name": "x" * 201}, "name", "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    owners_browser: Client, told: dict[str, str], field: str, words: str
) -> None:
    response = send(owners_browser, NEW, **told)
    assert response.status_code == 422
    assert words in said(response)[field][0]
    assert not Customer.objects.exists()


def test_a_phone_somebody_has_leads_to_them(owners_browser: Client, loyal: Customer) -> None:
    response = send(owners_browser, NEW, name="Twin", phone="18300002807")
    assert response.status_code == 422
    assert f'<a href="/customers/{loyal.public_id}/">Open that customer</a>' in response.content.decode()
    assert Customer.objects.count() == 1


def test_a_form_never_shows_what_is_masked(owners_browser: Client, loyal: Customer, lapsed: Customer) -> None:
    for customer, secrets in ((loyal, ("林晓", "18300002807")), (lapsed, ("ada@example.com",))):
        page = owners_browser.get(reverse("customers:edit", args=[customer.pk])).content.decode()
        assert not [secret for secret in secrets if secret in page]


def test_left_empty_a_masked_field_stays(owners_browser: Client, loyal: Customer) -> None:
    send(owners_browser, reverse("customers:edit", args=[loyal.pk]), city="杭州")
    loyal.refresh_from_db()
    assert (loyal.name, loyal.city) == ("林晓", "杭州")
    assert Identifier.objects.filter(profile__customer=loyal).count() == 1


def test_a_correction_is_told_exported_again_and_safe_from_imports(loyal: Customer, owner: Staff) -> None:
    Customer.objects.filter(pk=loyal.pk).update(import_id=7, lake_batch=3)
    loyal.refresh_from_db()
    assert correct(loyal, Told(city="杭州", email="lin@example.com"), by=owner) == ["city", "email"]
    assert (loyal.version, loyal.lake_batch, loyal.import_id) == (2, None, None)
    assert loyal.events.get().properties["fields"] == ["city", "email"]


def test_writing_the_same_again_changes_nothing(loyal: Customer, owner: Staff) -> None:
    told = Told(city="杭州", phone="+8618300002807")
    correct(loyal, told, by=owner)
    version = loyal.version
    assert correct(loyal, told, by=owner) == []
    loyal.refresh_from_db()
    assert loyal.version == version
    assert loyal.events.count() == 1


def test_a_wrong_city_can_be_emptied(loyal: Customer, owner: Staff) -> None:
    correct(loyal, Told(city="Atlantis"), by=owner)
    assert correct(loyal, Told(), by=owner) == ["city"]
    assert loyal.city == ""
