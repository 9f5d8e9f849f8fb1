"""Look after what is kept of orders.

`guanxi orders recount` adds up anew what every customer bought, by which lists are sorted and narrowed.
"""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.orders.models import Purchases


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        self.subcommand(parser, "recount", self.recount, help="add up anew what every customer bought")

    def recount(self, **_: Any) -> dict[str, int]:
        return {"customers": Purchases.objects.rebuild()}
