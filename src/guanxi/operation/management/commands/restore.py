"""Restore a backup into an empty home; nothing is sent from there before an owner confirms it."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.operation import passphrases, restore


class Command(commands.Command):
    needs_book = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument("--check", action="store_true", help="try it out and touch nothing")
        passphrases.add_argument(parser)

    def run(self, *, file: Path, check: bool, passphrase_file: Path | None, **_: Any) -> dict[str, Any]:
        """Restore, or try it out."""
        do = restore.examine if check else restore.restore
        return do(file, passphrase=passphrases.given(passphrase_file), tell=self.note)
