"""What could not be taken, on its way into quarantine: as it came, with what is looked for without opening it."""

import json
from typing import Any

from guanxi.ingest.collection.calls import LONGEST_NAME, Kind
from guanxi.ingest.collection.reading import Refusal
from guanxi.ingest.collection.schema import fit
from guanxi.ingest.models.quarantine import Quarantined

READ_AT_MOST = 64 * 1024


def aside(refusal: Refusal) -> Quarantined:
    """Make the row of something that is no call; its kind and its name are told where they can be read."""
    kind, event = _label(refusal)
    return Quarantined(
        source_id=refusal.source, reason=refusal.reason, kind=kind, event=event, received_at=refusal.received_at,
        sent_at=refusal.sent_at, **Quarantined.sealed_of(refusal.token, refusal.nth, refusal.raw),
    )  # fmt: skip


def _label(refusal: Refusal) -> tuple[str, str]:
    told = read(refusal.raw) if len(refusal.raw) <= READ_AT_MOST else None
    if not isinstance(told, dict):
        return refusal.kind, ""
    kind = refusal.kind or (told["type"] if told.get("type") in Kind.values else "")
    name = told.get("event") or told.get("name")
    return kind, fit(name)[:LONGEST_NAME] if isinstance(name, str) and name.isprintable() else ""


def read(raw: bytes) -> Any:
    """Read what was sent as JSON, as far as that goes; None where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
