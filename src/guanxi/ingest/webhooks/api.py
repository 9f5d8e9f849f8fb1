"""Webhooks in the API: which programs are told what happens; a secret is shown once, when it is made."""

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Asked, Page, Sent, Told, Word, id_of, key_in, page
from guanxi.guard import http
from guanxi.guard.errors import BadAddress, Unreachable
from guanxi.ingest.collection.names import canonical
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import tasks
from guanxi.ingest.webhooks.forms import LETTERS, MOST_NAMES
from guanxi.ingest.webhooks.sending import check_scheme
from guanxi.pages.paging import ByFields

router = Resource(tags=["webhooks"])
READ, WRITE = "webhooks:read", "webhooks:write"
WebhookId = Annotated[str, id_of(Webhook.PREFIX)]
DeliveryId = Annotated[str, id_of(WebhookDelivery.PREFIX)]
Url = Annotated[Word, Field(min_length=1, max_length=2000, description="Where events are sent by POST.")]
Purpose = Annotated[Word, Field(max_length=200, description="What it is for.")]
Names = Annotated[
    list[Annotated[Word, Field(min_length=1, max_length=LETTERS)]], Field(min_length=1, max_length=MOST_NAMES)
]
WANTED = Field(None, description="The names of events it is told; null: all of them.")


class WebhookSent(Sent):
    """A program that is to be told what happens."""

    url: Url
    description: Purpose = ""
    events: Names | None = WANTED


class WebhookChanged(Sent):
    """What is to be another; what is left out stays."""

    url: Url = ""
    description: Purpose = ""
    events: Names | None = WANTED
    is_active: bool = Field(default=True, description="Whether anything is sent there; what waits goes on waiting.")


class WebhookTold(Told):
    """A program that is told what happens, and how that goes."""

    id: WebhookId
    url: str = Field(description="Without what stands behind a question mark, which may be a password.")
    description: str
    events: list[str] | None = WANTED
    is_active: bool
    paused_because: str = Field(description="by_hand, gone or failing; empty where it is active.")
    failing_since: dt.datetime | None
    created_at: dt.datetime


class WebhookMade(WebhookTold):
    """A webhook with its secret, which no other answer shows."""

    secret: str = Field(description="By this the receiver checks signatures. It is shown here and nowhere else.")


class DeliveryTold(Told):
    """One event on its way to one webhook."""

    id: DeliveryId
    message: str = Field(description="The id by which the receiver knows it, the same for every attempt.")
    kind: str = Field(description="event, replay or test.")
    name: str
    state: str = Field(description="waiting, sending, retrying, delivered or given_up.")
    attempts: int
    last_status: int | None = Field(description="What the receiver answered last.")
    last_error: str
    created_at: dt.datetime
    next_attempt_at: dt.datetime | None


@router.offers("GET /webhooks", gettext_lazy("List webhooks"), READ, {200: Page[WebhookTold]})
def list_webhooks(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List the webhooks, the oldest first."""
    line = ByFields(Webhook.objects.visible_to(request.user), ("pk",))
    return page(line, asked, Webhook.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("POST /webhooks", gettext_lazy("Add a webhook"), WRITE, {201: WebhookMade})
def add_webhook(request: ApiRequest, sent: WebhookSent) -> Any:
    """Have a program told what happens; the answer alone shows the secret."""
    url, names = _checked(sent.url), _names(sent.events)
    return Status(201, _made(Webhook.make(url, names=names, description=sent.description, by=request.user)))


@router.offers("GET /webhooks/{webhook_id}", gettext_lazy("Read a webhook"), READ, {200: WebhookTold})
def read_webhook(request: ApiRequest, webhook_id: WebhookId) -> Any:
    """Read what a program is told, and how that goes."""
    return _told(_found(request, webhook_id))


@router.offers("PATCH /webhooks/{webhook_id}", gettext_lazy("Change a webhook"), WRITE, {200: WebhookTold})
def change_webhook(request: ApiRequest, webhook_id: WebhookId, sent: WebhookChanged) -> Any:
    """Tell a program elsewhere or of other events, pause it or go on; what is left out stays."""
    found, said = _found(request, webhook_id), sent.model_dump(exclude_unset=True)
    url = _checked(sent.url) if "url" in said else found.url
    names = _names(sent.events) if "events" in said else found.names
    wanted = {"url": url, "description": said.get("description", found.description), "names": names}
    if wanted != {name: getattr(found, name) for name in wanted}:
        found.change(**wanted, by=request.user)
    if "is_active" in said:
        _turn(found, request, is_active=sent.is_active)
    found.refresh_from_db()
    return _told(found)


@router.offers("DELETE /webhooks/{webhook_id}", gettext_lazy("Delete a webhook"), WRITE, {204: None})
def delete_webhook(request: ApiRequest, webhook_id: WebhookId) -> Any:
    """Delete a webhook with its log; what waits is not sent."""
    found = _found(request, webhook_id)
    with transaction.atomic():
        found.remove(by=request.user)
        tasks.forget_webhook.enqueue(found.pk)
    return Status(204, None)


@router.offers("POST /webhooks/{webhook_id}/test", gettext_lazy("Test a webhook"), WRITE, {202: DeliveryTold})
def test_webhook(request: ApiRequest, webhook_id: WebhookId) -> Any:
    """Have a made-up event sent; what comes of it stands among the deliveries."""
    return Status(202, _delivery(WebhookDelivery.test(_found(request, webhook_id))))


@router.offers("POST /webhooks/{webhook_id}/secret", gettext_lazy("Give a webhook a new secret"), WRITE,
               {200: WebhookMade})  # fmt: skip
def rotate_webhook(request: ApiRequest, webhook_id: WebhookId) -> Any:
    """Sign with another secret, which this answer alone shows; the one before signs too for a day more."""
    found = _found(request, webhook_id)
    found.rotate(by=request.user)
    return _made(found)


@router.offers(
    "GET /webhooks/{webhook_id}/deliveries", gettext_lazy("List deliveries of a webhook"), READ,
    {200: Page[DeliveryTold]},
)  # fmt: skip
def list_deliveries(request: ApiRequest, webhook_id: WebhookId, asked: Query[Asked]) -> Any:
    """List what was sent to a webhook and what waits, the newest first."""
    mine = WebhookDelivery.objects.visible_to(request.user).filter(webhook=_found(request, webhook_id))
    line = ByFields(mine, ("pk",), falls=True)
    return page(line, asked, WebhookDelivery.PREFIX, lambda rows: [*map(_delivery, rows)])


def _found(request: ApiRequest, word: str) -> Webhook:
    found = Webhook.objects.visible_to(request.user).filter(pk=key_in(Webhook.PREFIX, word)).first()
    if found is None:
        raise Http404
    return found


def _turn(found: Webhook, request: ApiRequest, *, is_active: bool) -> None:
    if is_active:
        found.resume(by=request.user)
    else:
        found.pause(Webhook.Why.BY_HAND, by=request.user)


def _checked(url: str) -> str:
    """Refuse what may not be called, as the page does; a host that is not known yet is found out by the test."""
    try:
        check_scheme(url)
        http.check(url)
    except BadAddress as error:
        raise NotValid({"url": str(error)}) from error
    except Unreachable:
        pass
    return url


def _names(events: list[str] | None) -> list[str]:
    """Spell the names as they are kept; none at all means all of them."""
    names = sorted({canonical(each) for each in events or ()})
    if events is not None and not all(names):
        raise NotValid({"events": _("A name is empty. Leave it out.")})
    return names


def _told(found: Webhook) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in ("description", "is_active", "failing_since", "created_at")}
    return {
        **told, "id": found.public_id, "url": found.shown_url, "events": found.names or None,
        "paused_because": found.paused_because,
    }  # fmt: skip


def _made(found: Webhook) -> dict[str, Any]:
    return {**_told(found), "secret": found.secret}


def _delivery(found: WebhookDelivery) -> dict[str, Any]:
    names = ("kind", "name", "state", "attempts", "last_status", "last_error", "created_at", "next_attempt_at")
    return {**{name: getattr(found, name) for name in names}, "id": found.public_id, "message": found.message_id}
