"""Write all settings into one file, or take them from one: `settings export FILE`, `settings import FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.shop import settings_file
from guanxi.shop.settings_file import BadSettings


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        export = self.subcommand(parser, "export", self.export, help="write the settings into a new file")
        export.add_argument("file", type=Path)
        taken = self.subcommand(parser, "import", self.take, help="take the settings of a file, all or none")
        taken.add_argument("file", type=Path)
        taken.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def export(self, *, file: Path, **_: Any) -> dict[str, Any]:
        """Write the file; one that is there stays."""
        if file.exists():
            raise BadSettings(f"{file} is there already. Name another file.")
        try:
            file.write_bytes(settings_file.written())
        except OSError as error:
            raise BadSettings(f"{file} cannot be written: {error.strerror}. Name another file.") from error
        settings_file.note_export(None)
        return {"file": str(file), "settings": sum(map(len, settings_file.now().values()))}

    def take(self, *, file: Path, dry_run: bool, **_: Any) -> list[dict[str, Any]]:
        """Take the file, or say what it would change."""
        try:
            with file.open("rb") as opened:
                wanted = settings_file.read(opened.read(settings_file.MOST_BYTES + 1))
        except OSError as error:
            raise BadSettings(f"{file} cannot be read: {error.strerror}. Name the file that was exported.") from error
        found = (settings_file.tried if dry_run else settings_file.take)(wanted, by=None)
        self.note(f"{len(found)} settings {'would change' if dry_run else 'changed'}." if found else "Nothing differs.")
        return [{"part": each.part.name, "setting": each.label, "new": each.was is None} for each in found]
