"""Many customers in one call: looked at one by one, written in one short transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource, Way
from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Sent, Told
from guanxi.customers import by_hand, introducing, shown
from guanxi.customers.api import HAD, CustomerSent, said_by
from guanxi.customers.forms import CustomerForm
from guanxi.customers.models import Customer
from guanxi.customers.own import SHELF
from guanxi.customers.shown import CustomerId
from guanxi.shop import wire

router = Resource(tags=["customers"])
AT_ONCE = 200
Refusal = Mapping[str, str]


class CustomersSent(Sent):
    """Customers to be added."""

    customers: list[CustomerSent] = Field(min_length=1, max_length=AT_ONCE)


class OutcomeTold(Told):
    """What became of one of them: its id, or what was wrong with which of its fields."""

    id: CustomerId | None
    fields: dict[str, str] | None


class OutcomesTold(Told):
    """What became of each, in the order in which they were sent."""

    added: int
    data: list[OutcomeTold]


@router.offers(
    "POST /customers/batch", gettext_lazy("Add many customers"), "customers:write", {200: OutcomesTold}, way=Way.LATE
)
def add_customers(request: ApiRequest, sent: CustomersSent) -> Any:
    """Add up to 200 customers. Those that cannot be taken are told one by one, and keep none of the others out."""
    shown.check_sent({word for each in sent.customers for word in each.words}, request.user)
    fields = wire.known(SHELF, request.user, *(each.fields for each in sent.customers))
    looked_at = [_looked_at(each, fields) for each in sent.customers]
    request.begin()
    added, refused = _written(looked_at, request.user)
    return {
        "added": len(added),
        "data": [
            {"id": added[n].public_id, "fields": None} if n in added else {"id": None, "fields": refused[n]}
            for n in range(len(looked_at))
        ],
    }


class Person(NamedTuple):
    """Somebody who can be added, as far as they themselves go: what is told of them, and in the shop's own fields."""

    told: by_hand.Told
    own: wire.Texts


def _looked_at(customer: CustomerSent, fields: wire.Known) -> Person | Refusal:
    form = CustomerForm(customer.model_dump(), claims=False)
    wrong = {} if form.is_valid() else said_by(form)
    try:
        own = wire.texts_of(fields, customer.fields)
    except NotValid as error:
        return {**wrong, **error.fields}
    return wrong or Person(form.told, own)


def _written(
    looked_at: Sequence[Person | Refusal], caller: Caller
) -> tuple[Mapping[int, Customer], Mapping[int, Refusal]]:
    """Add those who can be added; gives them, and the refusals of the others, by their places."""
    people = {n: each for n, each in enumerate(looked_at) if isinstance(each, Person)}
    refused = {n: each for n, each in enumerate(looked_at) if not isinstance(each, Person)}
    clashes = introducing.taken([introducing.digests_of(each.told) for each in people.values()])
    for n, kinds in zip(list(people), clashes, strict=True):
        if kinds:
            refused[n] = dict.fromkeys(kinds, str(HAD))
            del people[n]
    added = by_hand.introduce_each([each.told for each in people.values()], by=caller) if people else []
    SHELF.begin([(each, person.own) for each, person in zip(added, people.values(), strict=True)], by=caller)
    return dict(zip(people, added, strict=True)), refused
