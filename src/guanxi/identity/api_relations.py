"""Relationships of customers in the API: whom somebody is related to and why, adding one, and removing one."""

from typing import Any, Literal

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Sent, Told
from guanxi.customers.api import visible
from guanxi.customers.models import Customer
from guanxi.customers.shown import CustomerId
from guanxi.identity.api import other_one
from guanxi.identity.graph.edges import Edge
from guanxi.identity.graph.models import Kind
from guanxi.identity.graph.neighbours import around
from guanxi.identity.graph.relating import deny, relate

router = Resource(tags=["relationships"])
KindWord = Literal["referral", "household", "gift", "address"]


class EvidenceTold(Told):
    """One reason for a relationship: what was seen, and in how many parcels."""

    what: str = Field(description="address, recipient, phone, device, or said")
    times: int
    first_seen_at: str | None
    last_seen_at: str | None
    source: str | None


class RelationshipTold(Told):
    """Two related customers; a referral leads from who brought to who came, a gift from giver to recipient."""

    kind: str
    one: CustomerId
    other: CustomerId
    is_directed: bool
    evidence: list[EvidenceTold]


class SharedTold(Told):
    """What so many people share that it relates nobody: a dormitory's address, a pick-up point's phone."""

    what: str
    people: int


class RelationshipsTold(Told):
    """Whom a customer is related to, the surest first. `limit` is by how many people something may be shared."""

    data: list[RelationshipTold]
    shared_by_too_many: list[SharedTold]
    limit: int


class RelationshipSent(Sent):
    """To whom a customer is related, and how: whom they brought (referral), whom they give to (gift), or household."""

    other: CustomerId
    kind: KindWord


@router.offers(
    "GET /customers/{customer_id}/relationships", _("List the relationships of a customer"), "customers:read",
    {200: RelationshipsTold},
)  # fmt: skip
def list_relationships(request: ApiRequest, customer_id: CustomerId) -> Any:
    """List whom a customer is related to, by what orders show and by what was said; it follows merges."""
    return _around(visible(request.user, customer_id))


@router.offers(
    "POST /customers/{customer_id}/relationships", _("Add a relationship"), "customers:write",
    {201: RelationshipsTold},
)  # fmt: skip
def add_relationship(request: ApiRequest, customer_id: CustomerId, sent: RelationshipSent) -> Any:
    """Say that a customer is related to another; what staff removed stays removed. 409 of one with themselves."""
    one, other = visible(request.user, customer_id), other_one(request.user, sent.other)
    relate(one, other, sent.kind, by=request.user, source="api")
    return Status(201, _around(one))


@router.offers(
    "DELETE /customers/{customer_id}/relationships/{kind}/{other_id}", _("Remove a relationship"), "customers:write",
    {204: None},
)  # fmt: skip
def remove_relationship(request: ApiRequest, customer_id: CustomerId, kind: str, other_id: CustomerId) -> Any:
    """Say that two are not related like this. It stays so, whatever orders say later, until staff add it again."""
    if kind not in Kind:
        raise Http404
    deny(visible(request.user, customer_id), visible(request.user, other_id), kind, by=request.user)
    return Status(204, None)


def _around(customer: Customer) -> dict[str, Any]:
    found = around([customer.pk])
    return {
        "data": [_told(edge) for edge in found.edges],
        "shared_by_too_many": [{"what": each.role, "people": each.people} for each in found.shared],
        "limit": found.limit,
    }


def _told(edge: Edge) -> dict[str, Any]:
    one, other = (Customer(pk=pk).public_id for pk in edge.ends)
    reasons = [
        {
            "what": each.what, "times": each.times, "source": each.source or None,
            "first_seen_at": each.first_at.isoformat() if each.first_at else None,
            "last_seen_at": each.last_at.isoformat() if each.last_at else None,
        }
        for each in edge.evidence
    ]  # fmt: skip
    return {"kind": edge.kind, "one": one, "other": other, "is_directed": edge.directed, "evidence": reasons}
