"""Look after the audit trail: follow its chain, and say which entry was changed or is missing."""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.accounts import chain
from guanxi.core.commands import Command as OurCommand


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        self.subcommand(parser, "verify", self.verify, help="follow the chain from its first entry to its last")
        self.subcommand(parser, "seal", self.seal, help="link the newest entries now")

    def verify(self, **_: Any) -> dict[str, Any]:
        return vars(chain.verify())

    def seal(self, **_: Any) -> dict[str, Any]:
        return {"sealed": chain.seal_new()}
