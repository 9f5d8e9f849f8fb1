"""Bring the book's schema up to date, after looking whether that is safe."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate

from guanxi.core.errors import GuanxiError
from guanxi.operation import upgrade


class Command(migrate.Command):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--without-backup", action="store_true", help="also where there is no recent backup")

    def handle(self, *args: Any, without_backup: bool = False, **options: Any) -> None:
        """Look first, then do as the framework does."""
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        try:
            upgrade.check(without_backup=without_backup)
        except GuanxiError as error:
            raise CommandError(str(error)) from error
        with upgrade.proven_once():
            super().handle(*args, **options)
