"""Compute what the figures say of customers, and write it down.

`guanxi insight rfm` scores recency, frequency and monetary value and counts the classes. `guanxi insight shop` computes
the days of the shop, the lifecycle of its customers, and who stays away.
"""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.insight.daily import compute
from guanxi.insight.scoring import score_customers


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        rfm = self.subcommand(parser, "rfm", self.rfm, help="score customers by recency, frequency and monetary value")
        shop = self.subcommand(parser, "shop", self.shop, help="compute the figures of the shop day by day")
        for each in (rfm, shop):
            each.add_argument(
                "--as-of",
                type=dt.date.fromisoformat,
                metavar="DATE",
                help="the last day observed, as 2024-11-30; the present day",
            )

    def rfm(self, *, as_of: dt.date | None, **_: Any) -> dict[str, Any]:
        return score_customers(as_of).facts

    def shop(self, *, as_of: dt.date | None, **_: Any) -> dict[str, Any]:
        return compute(as_of).facts
