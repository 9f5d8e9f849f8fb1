"""Write a backup while everything runs: book, lake, files and keys in one file, proven by reading it back."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.operation import passphrases
from guanxi.operation.backup import back_up

LATER_THAN_PAGES = 10  # of 19: whoever looks at a page meanwhile comes first


class Command(commands.Command):
    needs_book = False  # an upgrade begins with a backup of the book as it is

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, or a folder to put one into")
        passphrases.add_argument(parser)

    def run(self, *, file: Path, passphrase_file: Path | None, **_: Any) -> dict[str, Any]:
        """Take the backup."""
        os.nice(LATER_THAN_PAGES)
        return back_up(file, passphrase=passphrases.given(passphrase_file), tell=self.note)
