"""Look at the stream of events.

`guanxi events count` counts what stands in the book, `guanxi events quarantine` lists what could not be taken.
"""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.customers.models import Event
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.models import Quarantined

SHOWN = 200


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        count = self.subcommand(parser, "count", self.count, help="count events and what waits to become some")
        count.add_argument("--name", default="", help="those of this name alone")
        self.subcommand(parser, "quarantine", self.quarantine, help=f"list the newest {SHOWN} that could not be taken")

    def count(self, *, name: str, **_: Any) -> dict[str, int]:
        events = Event.objects.filter(name=name) if name else Event.objects.all()
        return {"hot": events.count(), "waiting": inbox.waiting(), "quarantined": Quarantined.objects.count()}

    def quarantine(self, **_: Any) -> list[dict[str, Any]]:
        rows = Quarantined.objects.newest_first().select_related("source")[:SHOWN]
        return [
            {
                "id": each.public_id, "source": each.source.name, "reason": each.reason,
                "why": str(Reason(each.reason).label), "received_at": each.received_at.isoformat(),
            }
            for each in rows
        ]  # fmt: skip
