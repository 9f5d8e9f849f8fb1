"""Look after the lake: bring it up to date, fold changes in, make it anew from the book, say what it holds."""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.warehouse import lake, rebuild, sync
from guanxi.warehouse.models import Moment
from guanxi.warehouse.registry import tables


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        self.subcommand(parser, "sync", self.sync, help="bring the lake up to date now")
        self.subcommand(parser, "fold", self.fold, help="bring it up to date, and fold all changes in")
        self.subcommand(parser, "rebuild", self.rebuild, help="make the lake anew from the book")
        self.subcommand(parser, "status", self.status, help="say what the lake holds")

    def sync(self, **_: Any) -> dict[str, Any]:
        return vars(sync.sync(note=self.note))

    def fold(self, **_: Any) -> dict[str, Any]:
        return vars(sync.fold(note=self.note))

    def rebuild(self, **_: Any) -> dict[str, Any]:
        rebuild.begin()
        return vars(sync.fold(note=self.note))

    def status(self, **_: Any) -> list[dict[str, Any]]:
        moment = Moment.objects.latest_one()
        return [self._state(name, moment) for name in tables()]

    def _state(self, name: str, moment: Moment | None) -> dict[str, Any]:
        table = lake.find(name)
        files = lake.files(table) if table else lake.Files()
        return {
            "table": name,
            "as_of": moment.taken_at if moment else None,
            "files": len(files.base) + len(files.changes),
            "bytes": sum(file.file_size_in_bytes for file in (*files.base, *files.changes)),
            "rows": sum(file.record_count for file in files.base),
            "changes": sum(file.record_count for file in files.changes),
            "snapshots": len(table.metadata.snapshots) if table else 0,
        }
