"""Consents of a customer in the API: each channel and purpose is a place, full or empty."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Sent, Text, Told
from guanxi.customers.api import valid, visible
from guanxi.customers.forms import WAYS, ConsentForm
from guanxi.customers.models import Channel, Consent, Customer, Purpose
from guanxi.customers.shown import CustomerId

router = Resource(tags=["consents"])
PLACE = "/customers/{customer_id}/consents/{channel}/{purpose}"


class ConsentTold(Told):
    """One agreement, in force until it is withdrawn."""

    channel: Channel
    purpose: Purpose
    source: str
    agreed_at: str
    withdrawn_at: str | None


class ConsentsTold(Told):
    """The ledger of a customer's consents, newest first; those withdrawn stay in it."""

    data: list[ConsentTold]


class ConsentSent(Sent):
    """How somebody said that they agree, and what proves it, which is kept sealed."""

    source: Literal[tuple(WAYS)]  # type: ignore[valid-type]
    proof: Text = Field("", max_length=500)


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
    found, form = visible(request.user, customer_id), valid(ConsentForm(consent.model_dump()))
    told = form.cleaned_data
    found.opt_in(channel, purpose=purpose, source=told["source"], proof=told["proof"], by=request.user)
    return _ledger(found)


@router.offers(f"DELETE {PLACE}", _("Withdraw a consent"), "consents:write", {204: None})
def withdraw_consent(request: ApiRequest, customer_id: CustomerId, channel: Channel, purpose: Purpose) -> Any:
    """Withdraw a consent; nothing happens where none is in force."""
    visible(request.user, customer_id).opt_out(channel, purpose=purpose, by=request.user)
    return Status(204, None)


def _ledger(customer: Customer) -> dict[str, Any]:
    return {"data": [_told(each) for each in customer.consents.order_by("-pk")]}


def _told(each: Consent) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("channel", "purpose", "source")}
    times = {"agreed_at": each.agreed_at, "withdrawn_at": each.withdrawn_at}
    return told | {name: at and at.isoformat() for name, at in times.items()}
