"""Merging, splitting and taking back on pages and from the command line."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.core.errors import GuanxiError
from guanxi.customers.models import Customer, Tag
from guanxi.identity.merging import merge
from guanxi.identity.models import Merge
from guanxi.orders.models import Store
from tests.identity.people import bought, joiner, person, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin(tea_house: Store, agent: Staff) -> Customer:
    customer = person(1, name="林晓", province="浙江", city="杭州")
    bought(customer.founders.get(), tea_house, "a1")
    customer.tag_with(Tag.objects.called("vip"), by=agent)
    return customer


@pytest.fixture
def chen(tea_house: Store) -> Customer:
    customer = person(2, name="Chen Wei", gender="male")
    bought(customer.founders.get(), tea_house, "b1")
    bought(customer.founders.get(), tea_house, "b2")
    return customer


def page_of(name: str, *keys: int, **query: str) -> str:
    return reverse(f"identity:{name}", args=keys, query=query)


def test_an_agent_finds_the_other_sees_the_union_merges_and_takes_it_back(
    agents_browser: Client, lin: Customer, chen: Customer
) -> None:
    before = picture()
    found = agents_browser.get(page_of("merging", chen.pk, q="林晓")).content.decode()
    assert f"?with={lin.public_id}" in found
    preview = agents_browser.get(page_of("merging", chen.pk, **{"with": lin.public_id}))
    assert preview.context["rehearsal"].after[0].words["orders"] == "3"  # orders
    assert picture() == before  # nothing was written
    page = agents_browser.post(page_of("merging", chen.pk), {"with": lin.public_id}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("customers:customer", args=[lin.pk])
    act = Merge.objects.get()
    assert page_of("unmerging", act.pk) in page.content.decode()  # the toast takes it back
    moved = agents_browser.get(reverse("customers:customer", args=[chen.pk]))
    assert moved["Location"] == reverse("customers:customer", args=[lin.pk])
    history = agents_browser.get(page_of("merges", lin.pk)).content.decode()
    assert all(said in history for said in ("Merged", chen.public_id, "by hand", "Bo"))
    again = agents_browser.get(page_of("unmerging", act.pk))
    assert [each.customer for each in again.context["rehearsal"].after] == [lin, chen]
    agents_browser.post(page_of("unmerging", act.pk))
    assert picture() == before
    assert agents_browser.get(page_of("unmerging", act.pk)).status_code == 409


def test_identities_are_chosen_seen_as_two_and_split(agents_browser: Client, lin: Customer) -> None:
    wechat = joiner(lin, "w")
    assert "nothing can be split off" not in agents_browser.get(page_of("splitting", lin.pk)).content.decode()
    preview = agents_browser.get(page_of("splitting", lin.pk, pick=str(wechat.pk)))
    assert len(preview.context["rehearsal"].after) == 1 + 1
    assert Customer.objects.count() == 1
    agents_browser.post(page_of("splitting", lin.pk), {"pick": [wechat.pk]})
    wechat.refresh_from_db()
    assert wechat.customer != lin
    wrong = agents_browser.post(page_of("splitting", lin.pk), {"pick": [lin.founders.get().pk]})
    assert wrong.status_code == 409
    assert "each side has to keep one" in wrong.content.decode()


def test_whoever_is_chosen_wrongly_is_told_so(agents_browser: Client, lin: Customer) -> None:
    for word in (lin.public_id, "cus_9WDVSQ5ZMMZ0N"):
        answer = agents_browser.post(page_of("merging", lin.pk), {"with": word})
        assert answer.status_code == 409
        assert "one customer already" in answer.content.decode()
    assert "Nobody else is found" in agents_browser.get(page_of("merging", lin.pk, q="nobody")).content.decode()


def test_the_history_costs_the_same_however_long_it_is(agents_browser: Client, agent: Staff, lin: Customer) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            agents_browser.get(page_of("merges", lin.pk))
        return len(asked)

    merge([lin.pk, person(7).pk], by=agent)
    cost()
    few = cost()
    for nth in range(8, 44):
        merge([lin.pk, person(nth).pk], by=agent)
    assert cost() == few
    assert "?before=" in agents_browser.get(page_of("merges", lin.pk)).content.decode()


def test_the_command_merges_shows_and_unmerges(
    lin: Customer, chen: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*words: str) -> dict[str, object]:
        call_command("customers", *words, "--json")
        return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))

    done = asked("merge", chen.public_id, lin.public_id)
    assert done == {"merge_id": Merge.objects.get().pk, "survivor": lin.public_id, "other": chen.public_id}
    shown = asked("show", chen.public_id)
    assert (shown["id"], shown["is_merged"], shown["orders"]) == (lin.public_id, True, 3)
    assert shown["customers"] == [lin.public_id, chen.public_id]
    asked("unmerge", str(done["merge_id"]))
    assert asked("show", chen.public_id)["orders"] == 2
    for words in (["merge", lin.public_id, lin.public_id], ["unmerge", "999"], ["show", "cus_x"]):
        with pytest.raises((GuanxiError, SystemExit)):
            call_command("customers", *words)
