"""Bring the whole book in line with the rules of who is who, or say what that would change."""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        resolve = self.subcommand(parser, "resolve", self.resolve, help="resolve all profiles anew")
        resolve.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def resolve(self, *, dry_run: bool, **_: Any) -> dict[str, Any]:
        """Resolve, or compare only."""
        from guanxi.identity import batch

        if dry_run:
            return batch.compare().facts
        return batch.resolve_all()
