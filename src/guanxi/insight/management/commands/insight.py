"""Compute what the figures say of customers, and write it down.

`guanxi insight rfm` scores recency, frequency and monetary value and counts the classes.
"""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.insight.scoring import score_customers


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        rfm = self.subcommand(parser, "rfm", self.rfm, help="score customers by recency, frequency and monetary value")
        rfm.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            metavar="DATE",
            help="the last day observed, as 2024-11-30; the present day",
        )

    def rfm(self, *, as_of: dt.date | None, **_: Any) -> dict[str, Any]:
        return score_customers(as_of).facts
