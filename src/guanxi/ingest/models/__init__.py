"""What comes in: imports with their undo logs, and the sources that tell what happens as it happens."""

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
from guanxi.ingest.models.quarantine import Quarantined, TakenCall
from guanxi.ingest.models.schema import SeenEvent, SourceHour
from guanxi.ingest.models.source import EventSource, WriteKey

__all__ = [
    "NEW_TOTAL",
    "TURN",
    "Delivery",
    "EventSource",
    "Import",
    "ImportChange",
    "ImportQuerySet",
    "NotResumable",
    "NotUndoable",
    "Quarantined",
    "SavedPreset",
    "SeenEvent",
    "SourceHour",
    "TakenCall",
    "WriteKey",
]
