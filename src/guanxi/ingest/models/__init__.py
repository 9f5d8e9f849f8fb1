"""What comes in: imports with their undo logs, and the sources that tell what happens as it happens.

And what goes out again: webhooks, and what is on its way to them.
"""

from guanxi.ingest.models.batch import (
    NEW_TOTAL,
    TURN,
    Import,
    ImportChange,
    ImportQuerySet,
    NotResumable,
    NotUndoable,
    SavedPreset,
)
from guanxi.ingest.models.delivery import Delivery
from guanxi.ingest.models.goods import GoodTold
from guanxi.ingest.models.ordered import OrderCall
from guanxi.ingest.models.quarantine import Quarantined, TakenCall
from guanxi.ingest.models.schema import SeenEvent, SourceHour
from guanxi.ingest.models.source import EventSource, WriteKey
from guanxi.ingest.models.traits import TraitsTold
from guanxi.ingest.models.webhook import TooManyWebhooks, Webhook
from guanxi.ingest.models.webhook_delivery import WebhookDelivery

__all__ = [
    "NEW_TOTAL",
    "TURN",
    "Delivery",
    "EventSource",
    "GoodTold",
    "Import",
    "ImportChange",
    "ImportQuerySet",
    "NotResumable",
    "NotUndoable",
    "OrderCall",
    "Quarantined",
    "SavedPreset",
    "SeenEvent",
    "SourceHour",
    "TakenCall",
    "TooManyWebhooks",
    "TraitsTold",
    "Webhook",
    "WebhookDelivery",
    "WriteKey",
]
