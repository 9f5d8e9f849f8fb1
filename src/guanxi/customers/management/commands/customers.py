"""Look after single customers: export everything about one, erase one for good."""

from functools import partial

from django.core.management.base import CommandParser

from guanxi.core import commands
from guanxi.customers.verbs import verbs


class Command(commands.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        for verb in verbs():
            verb.arguments(self.subcommand(parser, verb.name, partial(verb.run, note=self.note), help=verb.help))
