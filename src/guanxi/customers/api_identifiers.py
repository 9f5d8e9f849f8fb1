"""Identifiers of a customer in the API."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.models import Caller
from guanxi.accounts.wire import Sent, Told, Word
from guanxi.customers import shown
from guanxi.customers.api import correct, visible
from guanxi.customers.faces import hidden_from
from guanxi.customers.models import Customer, Identifier
from guanxi.customers.shown import CustomerId

router = Resource(tags=["identifiers"])


class IdentifierTold(Told):
    """One word by which a source knows a customer. The value of a phone or an e-mail is masked as its name is."""

    kind: str
    value: str | None
    masked: bool
    source: str
    store: str
    strength: str
    ends_on: str | None


class IdentifiersTold(Told):
    """All identifiers of a customer, in the order in which they became known."""

    data: list[IdentifierTold]


class IdentifierSent(Sent):
    """A phone or an e-mail to be added."""

    kind: Literal["phone", "email"]
    value: Word = Field(min_length=1, max_length=254)


@router.offers(
    "GET /customers/{customer_id}/identifiers", _("List the identifiers of a customer"), "identifiers:read",
    {200: IdentifiersTold},
)  # fmt: skip
def list_identifiers(request: ApiRequest, customer_id: CustomerId) -> Any:
    """List the identifiers of a customer; seen in the clear, they stand in the access log."""
    return _all(visible(request.user, customer_id), request.user)


@router.offers(
    "POST /customers/{customer_id}/identifiers", _("Add an identifier"), "identifiers:write", {201: IdentifiersTold}
)
def add_identifier(request: ApiRequest, customer_id: CustomerId, identifier: IdentifierSent) -> Any:
    """Add a phone or an e-mail; one the customer carries already is not added again, somebody else's is refused."""
    found = visible(request.user, customer_id)
    correct(found, {identifier.kind: identifier.value}, by=request.user)
    return Status(201, _all(found, request.user))


def _all(customer: Customer, caller: Caller) -> dict[str, Any]:
    rows = Identifier.objects.filter(profile__customer=customer).exclude(kind__in=hidden_from(caller))
    rows = rows.select_related("profile").order_by("pk")
    clear = shown.clear_to(caller) & {Identifier.Kind.PHONE.value, Identifier.Kind.EMAIL.value}
    found = [_told(each, caller) for each in rows]
    if opened := clear & {each["kind"] for each in found}:
        shown.seen([customer], opened, by=caller)
    return {"data": found}


def _told(each: Identifier, caller: Caller) -> dict[str, Any]:
    value = shown.identifier(each, caller)
    return {
        "kind": each.kind,
        "value": value,
        "masked": value != each.plain,
        "source": each.profile.source,
        "store": each.profile.store,
        "strength": each.strength,
        "ends_on": each.ends_on and each.ends_on.isoformat(),
    }
