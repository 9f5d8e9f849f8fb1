"""The pages on which an owner says which programs are told what happens, and looks after them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.ingest.models import TooManyWebhooks, Webhook, WebhookDelivery
from guanxi.ingest.webhooks import samples, tasks
from guanxi.ingest.webhooks.forms import ReplayForm, WebhookForm
from guanxi.pages import toasts

MAY = "webhooks.change"
State = WebhookDelivery.State


@require_GET
@needs(MAY)
def webhooks(request: StaffRequest) -> HttpResponse:
    """List the webhooks, and how what was told them went."""
    rows = list(Webhook.objects.visible_to(request.user).order_by("pk"))
    counts = _counts(rows)
    told = {"rows": [(each, counts.get(each.pk, {})) for each in rows], "languages": samples.LANGUAGES}
    return render(request, "ingest/webhooks.html", told)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(MAY)
def new(request: StaffRequest) -> HttpResponse:
    """Make a webhook, and show the secret by which its receiver checks what comes."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = Webhook.make(**form.told, by=request.user)
        except TooManyWebhooks as error:
            form.add_error(None, str(error))
        else:
            return _secret(request, made, is_new=True)
    return render(request, "ingest/webhook_form.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(MAY)
def edit(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Send elsewhere, or other events."""
    found = _found(request, webhook_id)
    form = WebhookForm(request.POST if request.method == "POST" else None, webhook=found)
    if request.method == "POST" and form.is_valid():
        found.change(**form.told, by=request.user)
        toasts.say(request, _("Saved. From now on it is told this way."))
        return redirect("webhook", found.pk)
    told = {"form": form, "webhook": found}
    return render(request, "ingest/webhook_form.html", told, status=422 if form.errors else 200)


@require_GET
@needs(MAY)
def webhook(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Show one webhook: where it leads, how it goes, and what can be done."""
    found = _found(request, webhook_id)
    week = timezone.localdate() - dt.timedelta(days=7)
    return render(request, "ingest/webhook.html", shown(found, ReplayForm(initial={"since": week})))


@never_cache
@require_POST
@needs(MAY)
def secret(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Show the secret; that it was seen stands in the access log."""
    found = _found(request, webhook_id)
    found.reveal(by=request.user)
    return _secret(request, found)


@never_cache
@require_POST
@needs(MAY)
def rotation(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Sign with another secret, and show it; the one before signs too for a day more."""
    found = _found(request, webhook_id)
    found.rotate(by=request.user)
    return _secret(request, found, is_rotated=True)


@require_POST
@needs(MAY)
def pause(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Send nothing there any more; what waits goes on waiting."""
    found = _found(request, webhook_id)
    found.pause(Webhook.Why.BY_HAND, by=request.user)
    toasts.say(request, _("Nothing is told to %(webhook)s any more.") % {"webhook": found})
    return redirect("webhook", found.pk)


@require_POST
@needs(MAY)
def resumption(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Send there again."""
    found = _found(request, webhook_id)
    found.resume(by=request.user)
    toasts.say(request, _("%(webhook)s is told again what happens.") % {"webhook": found})
    return redirect("webhook", found.pk)


@require_POST
@needs(MAY)
def removal(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Delete a webhook with its log; what waits is not sent."""
    found = _found(request, webhook_id)
    with transaction.atomic():
        found.remove(by=request.user)
        tasks.forget_webhook.enqueue(found.pk)
    toasts.say(request, _("The webhook %(webhook)s is deleted.") % {"webhook": found})
    return redirect("webhooks")


@require_POST
@needs(MAY)
def test(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Have a made-up event sent, and lead to what comes of it."""
    return redirect("webhook-delivery", WebhookDelivery.test(_found(request, webhook_id)).pk)


def shown(found: Webhook, form: ReplayForm) -> dict[str, Any]:
    """Gather what the page of a webhook shows."""
    counts = _counts([found]).get(found.pk, {})
    return {
        "webhook": found,
        "waiting": counts.get("waiting", 0),
        "delivered": counts.get("delivered", 0),
        "given_up": counts.get("given_up", 0),
        "form": form,
        "languages": samples.LANGUAGES,
    }


def _counts(webhooks: list[Webhook]) -> Mapping[int, Mapping[str, int]]:
    """Count how the deliveries of the log stand, for all webhooks in one question."""
    told = {
        "waiting": Count("pk", Q(next_attempt_at__isnull=False)),
        "delivered": Count("pk", Q(state=State.DELIVERED)),
        "given_up": Count("pk", Q(state=State.GIVEN_UP)),
    }
    rows: Any = WebhookDelivery.objects.filter(webhook__in=webhooks).order_by().values("webhook").annotate(**told)
    return {row["webhook"]: row for row in rows}


def _secret(request: StaffRequest, found: Webhook, *, is_new: bool = False, is_rotated: bool = False) -> HttpResponse:
    told = {"webhook": found, "secret": found.secret, "is_new": is_new, "is_rotated": is_rotated}
    return render(request, "ingest/webhook_secret.html", {**told, "languages": samples.LANGUAGES})


def _found(request: StaffRequest, webhook_id: int) -> Webhook:
    return get_object_or_404(Webhook.objects.visible_to(request.user), pk=webhook_id)
