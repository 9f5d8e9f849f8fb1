"""Customers that a source sends under its own numbers: added, joined to whom we know already, or brought up to date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Way
from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Day, Sent, Told, Word
from guanxi.core.jobs.lease import lease
from guanxi.core.time import now
from guanxi.customers import shown
from guanxi.customers.api import Sex, router
from guanxi.customers.models import Customer
from guanxi.customers.own import SHELF
from guanxi.customers.shown import CustomerId
from guanxi.identity.resolution import Sighting, known
from guanxi.ingest import customers
from guanxi.ingest.arriving import import_of_today, note
from guanxi.ingest.landing import Landing
from guanxi.ingest.models import TURN
from guanxi.ingest.own import said
from guanxi.ingest.tally import Tally
from guanxi.orders.models import Store
from guanxi.shop import wire
from guanxi.shop.wire import OwnSent

AT_ONCE = 100
WAIT = dt.timedelta(seconds=5)
MAPPING = {"customer_external_id": "number", "full_name": "name", "name": "api"}
Outcome = Literal["added", "joined", "changed", "same"]
Attribute = Field("", max_length=100)


class PersonSent(Sent):
    """A person as a source knows them, by its own number for them."""

    number: Word = Field(min_length=1, max_length=128, description="The number the source gives them.")
    name: Word = Field("", max_length=200)
    phone: Word = Field("", max_length=40)
    email: Word = Field("", max_length=254)
    member_card: Word = Field("", max_length=64)
    gender: Sex = ""
    birthday: Day | None = None
    province: Word = Attribute
    city: Word = Attribute
    country: Word = Attribute
    fields: OwnSent = {}


class PeopleSent(Sent):
    """People whom one store knows."""

    store: Word = Field(min_length=1, max_length=40, description="The code of the store.")
    customers: list[PersonSent] = Field(min_length=1, max_length=AT_ONCE)


class PersonTold(Told):
    """Who somebody is to us: added, joined to a customer with the same phone or e-mail, changed, or as before."""

    id: CustomerId
    number: str
    outcome: Outcome


class PeopleTold(Told):
    """Who each of them is to us, as they were sent."""

    data: list[PersonTold]


@router.offers("PUT /customers", gettext_lazy("Send customers"), "customers:write", {200: PeopleTold}, way=Way.LATE)
def send_customers(request: ApiRequest, sent: PeopleSent) -> Any:
    """Add up to 100 customers by the numbers of a store, or write what is said more of those it sent before.

    What is empty is filled and what a program wrote is changed; what staff wrote down stays. Sent again, it changes
    nothing. The same holds of the shop's own fields; null empties one that a program wrote.
    Whoever was erased is left out, of the answer too.
    """
    shown.check_sent({name for each in sent.customers for name, value in each if value}, request.user)
    store = Store.objects.filter(code=sent.store).first()
    if store is None:
        raise NotValid({"store": _("There is no store of this code. Look it up under Settings.")})
    if len({each.number for each in sent.customers}) < len(sent.customers):
        raise NotValid({"customers": _("Each number can be there once; send the second one afterwards.")})
    own = wire.each_of(SHELF, request.user, "customers", [each.fields for each in sent.customers])
    request.hold(lease(f"{TURN} {store.code}", wait=WAIT))
    request.begin()
    return {"data": _arrived([each.model_dump() for each in sent.customers], own, store, request.user)}


@transaction.atomic
def _arrived(
    people: Sequence[Mapping[str, Any]], own: Sequence[wire.Texts], store: Store, by: Caller
) -> list[dict[str, Any]]:
    batch = import_of_today(store, "customers", MAPPING, by=by)
    landing = Landing(batch, store, customers.origin_of_people(batch, store), Tally(batch))
    told = [
        customers.Told(n, _sighting(each, landing), said(texts))
        for n, (each, texts) in enumerate(zip(people, own, strict=True))
    ]
    before = _known(told)
    resolution, moved = customers.write_people(landing, told, {})
    after, new = _known(told), set(resolution.customers)
    outcomes = {key: _outcome(before.get(key), at, new, moved) for key, at in after.items()}
    note(batch, {"added": _those(outcomes, {"added", "joined"}), "changed": _those(outcomes, {"changed"})}, by=by)
    return [
        {"id": Customer(pk=after[key][0]).public_id, "number": key, "outcome": outcomes[key]}
        for key in (each.sighting.key for each in told)
        if key in after  # whoever was erased is left out
    ]


def _sighting(person: Mapping[str, Any], landing: Landing) -> Sighting:
    row = {**person, "customer_external_id": person["number"], "full_name": person["name"], "created_at": now()}
    found = customers.seen({**row, "given_name": "", "surname": ""}, landing.origin)
    assert found is not None, "a number identifies"  # noqa: S101
    return found


def _known(told: Sequence[customers.Told]) -> dict[str, tuple[int, int]]:
    """Give the customer of each number that is known, with its version."""
    first = told[0].sighting
    people = known(first.source, first.store, [each.sighting.key for each in told])
    keys = {person.customer_id for person in people.values()}
    versions = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "version"))
    return {key: (person.customer_id, versions[person.customer_id]) for key, person in people.items()}


def _outcome(before: tuple[int, int] | None, after: tuple[int, int], new: set[int], moved: set[int]) -> Outcome:
    if before is None:
        return "added" if after[0] in new else "joined"
    return "same" if before == after and after[0] not in moved else "changed"


def _those(outcomes: Mapping[str, Outcome], wanted: set[str]) -> list[str]:
    return [number for number, outcome in outcomes.items() if outcome in wanted]
