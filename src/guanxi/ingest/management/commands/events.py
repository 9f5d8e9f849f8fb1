"""Look at the stream of events.

`guanxi events count` counts what stands in book and lake, `guanxi events quarantine` lists what could not be taken,
`guanxi events replay` hands a span of time once more to whatever is derived from events.
"""

import datetime as dt
from argparse import ArgumentTypeError
from dataclasses import asdict
from time import monotonic
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.core.errors import BadInput
from guanxi.customers import dispatch
from guanxi.ingest import behaviour
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.calls import Reason, time_of
from guanxi.ingest.models import Quarantined
from guanxi.ingest.replaying import replay

SHOWN = 200


def moment(word: str) -> dt.datetime:
    """Read a day or a moment in ISO 8601, in UTC where it names no zone."""
    found = time_of(word)
    if found is None:
        raise ArgumentTypeError(f"{word} is no day or moment such as 2026-11-11 or 2026-11-11T08:00:00+08:00")
    return found


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        count = self.subcommand(parser, "count", self.count, help="count events and what waits to become some")
        count.add_argument("--name", default="", help="those of this name alone")
        again = self.subcommand(
            parser, "replay", self.replay, help="hand a span once more to what is derived of events"
        )
        again.add_argument(
            "--from", dest="since", required=True, type=moment, metavar="T", help="the first moment, UTC"
        )
        again.add_argument(
            "--to", dest="until", required=True, type=moment, metavar="T", help="the moment it ends before"
        )
        self.subcommand(parser, "quarantine", self.quarantine, help=f"list the newest {SHOWN} that could not be taken")

    def count(self, *, name: str, **_: Any) -> dict[str, int]:
        found = asdict(behaviour.count(name))
        return {**found, "waiting": inbox.waiting(), "quarantined": Quarantined.objects.count()}

    def replay(self, *, since: dt.datetime, until: dt.datetime, **_: Any) -> dict[str, Any]:
        if since >= until:
            raise BadInput("The span ends before it begins.")
        begun = monotonic()
        done = replay(since, until, wait=None)
        return {"events": done, "derived": dispatch.derived(), "seconds": round(monotonic() - begun, 2)}

    def quarantine(self, **_: Any) -> list[dict[str, Any]]:
        rows = Quarantined.objects.newest_first().select_related("source")[:SHOWN]
        return [
            {
                "id": each.public_id, "source": each.source.name, "reason": each.reason,
                "why": str(Reason(each.reason).label), "received_at": each.received_at.isoformat(),
            }
            for each in rows
        ]  # fmt: skip
