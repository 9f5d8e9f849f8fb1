"""Relationships on a customer's page and in the API."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer
from guanxi.identity.graph.models import Relation
from guanxi.identity.graph.relating import relate
from guanxi.identity.graph.tracing import trace_waiting
from guanxi.orders.models import Store
from tests.api import keyed, problem
from tests.identity.people import joiner, person
from tests.identity.test_graph import HOME, house, sent

pytestmark = pytest.mark.django_db


def page_of(name: str, *keys: object, **query: str) -> str:
    return reverse(f"identity:{name}", args=keys, query=query)


def behind_one_door(tea_house: Store, *nth: int) -> list[Customer]:
    people = [person(each, name=f"Lin {each}") for each in nth]
    for each in people:
        sent(house(each), tea_house, HOME)
    trace_waiting()
    return people


def test_the_panel_draws_people_masked_and_lists_them_with_reasons(agents_browser: Client, tea_house: Store) -> None:
    lin, chen = behind_one_door(tea_house, 1, 2)
    answer = agents_browser.get(page_of("relations", lin.pk))
    page = answer.content.decode()
    assert all(said in page for said in ("related to 1 customer", "Same address", "2 parcels to one address", "since"))
    plot = answer.context["plot"]
    assert (plot["hrefs"], plot["links"]) == (["", f"{chen.public_id}/", ""], [[0, 1, 3, [2, 3], False]])
    assert "文三路" not in page
    empty = agents_browser.get(page_of("relations", person(9).pk)).content.decode()
    assert "Nobody is known to be related" in empty
    assert "data-gx-chart" not in empty


def test_a_dormitory_is_named_on_the_panel(agents_browser: Client, tea_house: Store) -> None:
    one, *_others = behind_one_door(tea_house, *range(1, 9))
    page = agents_browser.get(page_of("relations", one.pk)).content.decode()
    assert "Shared by 8 people: a dormitory, a pick-up point or a company, not a family." in page
    assert "More than 6 make no relationship." in page


def test_an_agent_adds_a_relationship_removes_it_and_takes_that_back(
    agents_browser: Client, agent: Staff, tea_house: Store
) -> None:
    lin, chen = behind_one_door(tea_house, 1, 2)
    found = agents_browser.get(page_of("relation-new", lin.pk, q="Lin 2")).content.decode()
    assert f"?with={chen.public_id}" in found
    form = agents_browser.get(page_of("relation-new", lin.pk, **{"with": chen.public_id}))
    assert "Came through this customer" in form.content.decode()
    nothing = agents_browser.post(page_of("relation-new", lin.pk), {"with": chen.public_id})
    assert (nothing.status_code, Relation.objects.count()) == (422, 0)
    agents_browser.post(page_of("relation-new", lin.pk), {"with": chen.public_id, "way": "referral_from"})
    said = Relation.objects.get()
    assert (said.kind, said.one, said.other, said.by) == ("referral", house(chen), house(lin), agent)
    panel = agents_browser.post(
        page_of("relation-removal", lin.pk, chen.pk, "address"), headers={"HX-Request": "true"}
    ).content.decode()
    assert "Brought this customer" in panel
    assert "2 parcels" not in panel
    denial = Relation.objects.get(is_related=False)
    assert page_of("relation-undo", denial.pk) in panel
    agents_browser.post(page_of("relation-undo", denial.pk))
    assert "2 parcels" in agents_browser.get(page_of("relations", chen.pk)).content.decode()
    assert agents_browser.post(page_of("relation-removal", lin.pk, chen.pk, "cousin")).status_code == 404
    assert agents_browser.post(page_of("relation-removal", lin.pk, lin.pk, "address")).status_code == 409
    wrong = agents_browser.post(page_of("relation-new", lin.pk), {"with": lin.public_id, "way": "household"})
    assert (wrong.status_code, "themselves" in wrong.content.decode()) == (422, True)


def test_the_panel_costs_the_same_with_one_neighbour_and_with_thirty_and_with_a_second_ring(
    agents_browser: Client, agent: Staff, tea_house: Store
) -> None:
    lin, chen = behind_one_door(tea_house, 1, 2)

    def cost(**query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            agents_browser.get(page_of("relations", lin.pk, **query))
        return len(asked)

    cost()
    few, wide = cost(), cost(ring="2")
    for nth in range(3, 36):
        other = person(nth)
        joiner(other, f"w{nth}")
        relate(lin if nth % 2 else chen, other, "referral", by=agent)
    assert (cost(), cost(ring="2")) == (few, wide)
    drawn = agents_browser.get(page_of("relations", lin.pk, ring="2")).context["plot"]
    assert len(drawn["nodes"]) == 35
    assert len(json.dumps(drawn)) < 15_000


def test_a_program_reads_adds_and_removes_relationships(owner: Staff, tea_house: Store) -> None:
    program = keyed(owner)
    lin, chen = behind_one_door(tea_house, 1, 2)
    at = f"/customers/{lin.public_id}/relationships"
    told = program.call("GET", at).json()
    assert (told["limit"], told["shared_by_too_many"]) == (6, [])
    (edge,) = told["data"]
    assert (edge["kind"], edge["one"], edge["other"], edge["is_directed"]) == (
        "address", lin.public_id, chen.public_id, False,
    )  # fmt: skip
    assert [(each["what"], each["times"]) for each in edge["evidence"]] == [("address", 2)]
    added = program.call("POST", at, {"other": chen.public_id, "kind": "referral"})
    assert (added.status_code, [each["kind"] for each in added.json()["data"]]) == (201, ["referral", "address"])
    gone = program.call("DELETE", f"{at}/referral/{chen.public_id}")
    assert gone.status_code == 204
    again = program.call("POST", at, {"other": chen.public_id, "kind": "referral"})  # what was removed stays so
    assert [each["kind"] for each in again.json()["data"]] == ["address"]
    problem(program.call("POST", at, {"other": lin.public_id, "kind": "household"}), 409)
    problem(program.call("POST", at, {"other": chen.public_id, "kind": "cousin"}), 422)
