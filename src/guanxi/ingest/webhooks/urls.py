"""Routes of webhooks."""

from django.urls import path

from guanxi.core import converters
from guanxi.ingest.models import Webhook, WebhookDelivery
from guanxi.ingest.webhooks import log_pages, views

converters.register(Webhook.PREFIX)
converters.register(WebhookDelivery.PREFIX)

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("new/", views.new, name="webhook-new"),
    path("deliveries/", log_pages.deliveries, name="webhook-deliveries"),
    path("deliveries/<msg:delivery_id>/", log_pages.delivery, name="webhook-delivery"),
    path("deliveries/<msg:delivery_id>/replay/", log_pages.replay, name="webhook-delivery-replay"),
    path("<whk:webhook_id>/", views.webhook, name="webhook"),
    path("<whk:webhook_id>/edit/", views.edit, name="webhook-edit"),
    path("<whk:webhook_id>/secret/", views.secret, name="webhook-secret"),
    path("<whk:webhook_id>/rotation/", views.rotation, name="webhook-rotation"),
    path("<whk:webhook_id>/pause/", views.pause, name="webhook-pause"),
    path("<whk:webhook_id>/resumption/", views.resumption, name="webhook-resumption"),
    path("<whk:webhook_id>/removal/", views.removal, name="webhook-removal"),
    path("<whk:webhook_id>/test/", views.test, name="webhook-test"),
    path("<whk:webhook_id>/replays/", log_pages.replays, name="webhook-replays"),
]
