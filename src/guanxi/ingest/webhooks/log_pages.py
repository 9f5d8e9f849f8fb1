"""The pages of the delivery log: what was sent, what came back, and sending it once more."""

import json

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.accounts.shelf import listed, part
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import log, tasks
from guanxi.ingest.webhooks.forms import ReplayForm
from guanxi.ingest.webhooks.schedule import TRIES
from guanxi.ingest.webhooks.sending import body_of
from guanxi.ingest.webhooks.views import MAY, shown
from guanxi.pages import toasts


@require_GET
@needs(MAY)
def deliveries(request: StaffRequest) -> HttpResponse:
    """List what was told to webhooks, the newest first."""
    rows = WebhookDelivery.objects.visible_to(request.user).select_related("webhook").defer("excerpt")
    if asked := part(request, log.TABLE, rows):
        return asked
    context = listed(request, log.TABLE, rows)
    drawn = [(each, log.TONES[WebhookDelivery.State(each.state)]) for each in context["listing"].rows]
    return render(request, "ingest/webhook_deliveries.html", {**context, "rows": drawn})


@require_GET
@needs(MAY)
def delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery: the request, as it would be sent now, and what was answered last."""
    found = _found(request, delivery_id)
    body = body_of(found)
    told = {
        "delivery": found,
        "webhook": found.webhook,
        "tone": log.TONES[WebhookDelivery.State(found.state)],
        "trouble": log.trouble(found),
        "tries": 1 if found.kind == WebhookDelivery.Kind.TEST else TRIES,
        "body": json.dumps(json.loads(body), ensure_ascii=False, indent=2) if body else "",
        "first": WebhookDelivery.objects.filter(pk=found.repeats).first() if found.repeats else None,
    }
    return render(request, "ingest/webhook_delivery.html", told)


@require_POST
@needs(MAY)
def replay(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Send one delivery once more, as a row of its own under the same id."""
    found = _found(request, delivery_id)
    with transaction.atomic():
        if found.kind == WebhookDelivery.Kind.TEST:
            again = WebhookDelivery.test(found.webhook)
        else:
            again = found.replay()
            AuditEntry.write(
                "webhook.replayed", by=request.user, on=found.webhook, changes={"event": (None, found.name)}
            )
    return redirect("webhook-delivery", again.pk)


@require_POST
@needs(MAY)
def replays(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Send what was given up since a day once more, each of them once."""
    found = get_object_or_404(Webhook.objects.visible_to(request.user), pk=webhook_id)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return render(request, "ingest/webhook.html", shown(found, form), status=422)
    with transaction.atomic():
        tasks.replay_failed.enqueue(found.pk, form.moment.astimezone(timezone.get_default_timezone()).isoformat())
        since = {"since": (None, form.cleaned_data["since"])}
        AuditEntry.write("webhook.replayed", by=request.user, on=found, changes=since)
    toasts.say(request, _("What was given up since then is sent once more."))
    return redirect("webhook", found.pk)


def _found(request: StaffRequest, delivery_id: int) -> WebhookDelivery:
    rows = WebhookDelivery.objects.visible_to(request.user).select_related("webhook")
    return get_object_or_404(rows, pk=delivery_id)
