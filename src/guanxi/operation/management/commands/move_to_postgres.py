"""Move the book from SQLite to an empty PostgreSQL database, all of it and verified, or nothing."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from guanxi.core import commands
from guanxi.operation import move


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", nargs="?", default="", help="postgresql://user:password@host/name")
        parser.add_argument("--stay", action="store_true", help="go on with the SQLite book after a move")

    def run(self, *, url: str, stay: bool, **_: Any) -> dict[str, Any]:
        """Move, or go on where the book was."""
        if stay:
            move.stay()
            return {"stayed": True}
        if not url:
            raise CommandError("Name the database: guanxi move-to-postgres postgresql://user:password@host/name")
        return move.move(url, tell=self.note)

    def words(self, result: Any) -> str:
        """Say what to do next."""
        if "to" not in result:
            return "The book is this one again."
        return (
            f"{super().words(result)}\n\nThe book is there now. Start Guanxi with that address in GUANXI_DATABASE_URL."
        )
