"""Compute what the figures say of customers, and write it down.

`guanxi insight rfm` scores recency, frequency and monetary value and counts the classes. `guanxi insight shop` computes
the days of the shop, the lifecycle of its customers, and who stays away. `guanxi insight value` says what customers
will still buy and by which model; only with `--keep` the values of each are written down.
"""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as OurCommand
from guanxi.insight.daily import compute
from guanxi.insight.lifetime.backtest import MODELS
from guanxi.insight.scoring import score_customers
from guanxi.insight.valuation import UNITS
from guanxi.insight.value_words import table
from guanxi.insight.valuing import ask
from guanxi.insight.valuing import compute as compute_value


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        rfm = self.subcommand(parser, "rfm", self.rfm, help="score customers by recency, frequency and monetary value")
        shop = self.subcommand(parser, "shop", self.shop, help="compute the figures of the shop day by day")
        value = self.subcommand(parser, "value", self.value, help="estimate what customers will still buy")
        value.add_argument("--unit", choices=list(UNITS), default="week", help="of time, in the parameters; week")
        value.add_argument("--model", choices=list(MODELS), help="instead of the one that a hold-out finds better")
        value.add_argument("--keep", action="store_true", help="write the values of each customer down as well")
        for each in (rfm, shop, value):
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

    def value(self, *, as_of: dt.date | None, unit: str, model: str | None, keep: bool, **_: Any) -> dict[str, Any]:
        if keep:
            return dict(compute_value(as_of, unit=unit, model=model).told)
        return ask(as_of, unit=unit, model=model)

    def words(self, result: Any) -> str:
        return table(result) if "gamma_gamma" in result else super().words(result)
