"""Consents of a customer in the API: each channel and purpose is a place, full or empty."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Sent, Text, Told
from guanxi.customers.api import valid, visible
from guanxi.customers.forms import WAYS, ConsentForm
from guanxi.customers.models import Channel, Consent, Customer, Purpose, Wording
from guanxi.customers.shown import CustomerId

router = Resource(tags=["consents"])
PLACE = "/customers/{customer_id}/consents/{channel}/{purpose}"


class ConsentTold(Told):
    """One agreement, in force until it is withdrawn."""

    channel: Channel
    purpose: Purpose
    source: str
    wording: str = Field(description="The key of the words that were agreed to; empty where nobody wrote it down.")
    is_proven: bool = Field(description="Whether something proves it; what, is kept sealed.")
    agreed_at: str
    withdrawn_at: str | None


class ConsentsTold(Told):
    """The ledger of a customer's consents, newest first; those withdrawn stay in it."""

    data: list[ConsentTold]


class ConsentSent(Sent):
    """How somebody said that they agree, and what proves it, which is kept sealed."""

    source: Literal[tuple(WAYS)]  # type: ignore[valid-type]
    proof: Text = Field("", max_length=500)
    wording: Text = Field("", max_length=40, description="The key of the words they were asked by.")


class WordingTold(Told):
    """One version of the words by which people are asked; its text never changes."""

    key: str
    channel: Channel
    purpose: Purpose
    language: str
    version: int
    text: str
    is_in_force: bool


class WordingsTold(Told):
    """The words by which people are asked and were, newest first."""

    data: list[WordingTold]


@router.offers(
    "GET /customers/{customer_id}/consents", _("List the consents of a customer"), "consents:read", {200: ConsentsTold}
)
def list_consents(request: ApiRequest, customer_id: CustomerId) -> Any:
    """List the consents of a customer, those withdrawn included."""
    return _ledger(visible(request.user, customer_id))


@router.offers(f"PUT {PLACE}", _("Write down a consent"), "consents:write", {200: ConsentsTold})
def give_consent(
    request: ApiRequest, customer_id: CustomerId, channel: Channel, purpose: Purpose, consent: ConsentSent
) -> Any:
    """Write down that somebody agreed; nothing happens where the same is in force."""
    asks = Wording.objects.about(channel, purpose)
    found, form = visible(request.user, customer_id), valid(ConsentForm(consent.model_dump(), asks=asks))
    found.opt_in(channel, purpose=purpose, source=form.cleaned_data["source"], proof=form.proven, by=request.user)
    return _ledger(found)


@router.offers(f"DELETE {PLACE}", _("Withdraw a consent"), "consents:write", {204: None})
def withdraw_consent(request: ApiRequest, customer_id: CustomerId, channel: Channel, purpose: Purpose) -> Any:
    """Withdraw a consent; nothing happens where none is in force."""
    visible(request.user, customer_id).opt_out(channel, purpose=purpose, by=request.user)
    return Status(204, None)


@router.offers("GET /wordings", _("List the words that ask for consents"), "consents:read", {200: WordingsTold})
def list_wordings(request: ApiRequest) -> Any:
    """List the words by which people are asked for consents, the retired ones included: somebody agreed to them."""
    names = ("key", "channel", "purpose", "language", "version", "text")
    kept = Wording.objects.order_by("-pk")
    return {"data": [{n: getattr(e, n) for n in names} | {"is_in_force": e.retired_at is None} for e in kept]}


def _ledger(customer: Customer) -> dict[str, Any]:
    return {"data": [_told(each) for each in customer.consents.select_related("asked_by").order_by("-pk")]}


def _told(each: Consent) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("channel", "purpose", "source")}
    times = {"agreed_at": each.agreed_at, "withdrawn_at": each.withdrawn_at}
    told |= {"wording": each.wording_key, "is_proven": each.proof is not None}
    return told | {name: at and at.isoformat() for name, at in times.items()}
