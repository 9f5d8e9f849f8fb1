"""Compute what the figures say of customers, and write it down.

`guanxi insight rfm` scores recency, frequency and monetary value and counts the classes. `guanxi insight shop` computes
the days of the shop, the lifecycle of its customers, and who stays away. `guanxi insight value` says what customers
will still buy and by which model; only with `--keep` the values of each are written down. `guanxi insight forecast`
says what will be sold, in total and by channel, category and product. `guanxi insight churn` says who will come back,
and how that did on the window that is over. `guanxi insight experiment FILE` reads a file of
an experiment, one row a customer: whether its arms are as large as planned, and how they differ by each metric.
"""

import datetime as dt
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandParser
from django.utils import translation

from guanxi.core.commands import Command as OurCommand
from guanxi.insight.daily import compute
from guanxi.insight.lifetime.backtest import MODELS
from guanxi.insight.scoring import score_customers
from guanxi.insight.valuation import UNITS
from guanxi.insight.value_words import table
from guanxi.insight.valuing import ask
from guanxi.insight.valuing import compute as compute_value

if TYPE_CHECKING:
    from guanxi.experiments.findings import Findings

LANGUAGES = {"en": "en", "zh": "zh-hans"}


class Command(OurCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        rfm = self.subcommand(parser, "rfm", self.rfm, help="score customers by recency, frequency and monetary value")
        shop = self.subcommand(parser, "shop", self.shop, help="compute the figures of the shop day by day")
        value = self.subcommand(parser, "value", self.value, help="estimate what customers will still buy")
        value.add_argument("--unit", choices=list(UNITS), default="week", help="of time, in the parameters; week")
        value.add_argument("--model", choices=list(MODELS), help="instead of the one that a hold-out finds better")
        value.add_argument("--keep", action="store_true", help="write the values of each customer down as well")
        ahead = self.subcommand(parser, "forecast", self.forecast, help="forecast what will be sold")
        ahead.add_argument("--horizon", type=int, default=28, metavar="DAYS", help="days ahead, 1 to 91; 28")
        churn = self.subcommand(parser, "churn", self.churn, help="estimate who will come back")
        churn.add_argument("--keep", action="store_true", help="write what is said of each customer down as well")
        for each in (rfm, shop, value, ahead, churn):
            each.add_argument(
                "--as-of",
                type=dt.date.fromisoformat,
                metavar="DATE",
                help="the last day observed, as 2024-11-30; the present day",
            )
        self._review(parser)
        self._experiment(parser)
        self._recommend(parser)

        self._lookalikes(parser)

    def _review(self, parser: CommandParser) -> None:
        child = self.subcommand(parser, "review", self.review, help="tell a week: figures, what drove them, goals")
        child.add_argument("--week", metavar="WEEK", help="as 2026-W47; the last full week")
        child.add_argument("--html", type=Path, metavar="FILE", help="write it as one file to send or print as well")
        child.add_argument("--language", choices=("en", "zh"), default="en", help="of what is written; en")

    def _lookalikes(self, parser: CommandParser) -> None:
        child = self.subcommand(parser, "lookalikes", self.lookalikes, help="find who resembles a set of customers")
        of = child.add_mutually_exclusive_group(required=True)
        of.add_argument("--of", type=Path, metavar="FILE", help="a file with ids such as cus_…, one a line")
        of.add_argument("--tag", metavar="NAME", help="customers with a tag")
        of.add_argument("--class", metavar="NAME", help="customers of a class of the rules of value")
        of.add_argument("--product", metavar="prd_…", help="who bought a product; its id, or words of its name")

    def _recommend(self, parser: CommandParser) -> None:
        child = self.subcommand(parser, "recommend", self.recommend, help="say what to offer, and how good that is")
        to = child.add_mutually_exclusive_group()
        to.add_argument("--customer", metavar="cus_…", help="what to offer a customer next")
        to.add_argument("--product", metavar="prd_…", help="what goes with a product; its id or a SKU")
        to.add_argument("--interests", nargs="+", metavar="CATEGORY", help="what to offer a newcomer who named these")
        to.add_argument("--keep", action="store_true", help="compute all recommendations anew first")
        child.add_argument("--most", type=int, default=10, help="how many at most; 10")

    def _experiment(self, parser: CommandParser) -> None:
        child = self.subcommand(parser, "experiment", self.experiment, help="compare the arms of an experiment's file")
        child.add_argument("file", type=Path, metavar="FILE", help="CSV, CSV.gz or XLSX, one row a customer")
        child.add_argument("--arm", required=True, metavar="COLUMN", help="which column names the arm")
        child.add_argument(
            "--metric",
            required=True,
            action="append",
            nargs="+",
            metavar="COLUMN",
            help="numbers, or yes and no as TRUE and FALSE, 1 and 0; several correct each other by Holm",
        )
        child.add_argument(
            "--control", metavar="NAME", help="the arm to compare with; the one so called, else the first by name"
        )
        child.add_argument(
            "--weights",
            nargs="+",
            default=[],
            metavar="ARM=WEIGHT",
            help="how large the arms were to be, as A=90 B=10; alike if left out",
        )
        child.add_argument("--covariate", metavar="COLUMN", help="what was known before and foretells the metric")
        child.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook; the first if left out")
        child.add_argument("--language", choices=("en", "zh"), help="tell it in one language; in both if left out")
        child.set_defaults(needs_book=False)

    def rfm(self, *, as_of: dt.date | None, **_: Any) -> dict[str, Any]:
        return score_customers(as_of).facts

    def shop(self, *, as_of: dt.date | None, **_: Any) -> dict[str, Any]:
        return compute(as_of).facts

    def value(self, *, as_of: dt.date | None, unit: str, model: str | None, keep: bool, **_: Any) -> dict[str, Any]:
        if keep:
            return dict(compute_value(as_of, unit=unit, model=model).told)
        return ask(as_of, unit=unit, model=model)

    def forecast(self, *, as_of: dt.date | None, horizon: int, **_: Any) -> dict[str, Any]:
        from guanxi.insight import forecast_report

        return forecast_report.ask(as_of, horizon=horizon, seen=self._forecast)

    def _forecast(self, done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            self.note(f"{done} of {total} figures")

    def churn(self, *, as_of: dt.date | None, keep: bool, **_: Any) -> dict[str, Any]:
        from guanxi.insight.churn import keeping

        return dict(keeping.compute(as_of).told) if keep else keeping.ask(as_of)

    def lookalikes(self, *, of: Path | None, **sets: Any) -> dict[str, Any]:
        from guanxi.insight.lookalike import asked

        if of is not None:
            return asked.answer("list", asked.read(of))
        kind = next(name for name in ("tag", "class", "product") if sets[name])
        return asked.answer(kind, sets[kind])

    def recommend(self, *, keep: bool, most: int, **to: Any) -> dict[str, Any]:
        from guanxi.insight.recommendation import asked, keeping

        if keep:
            keeping.compute()
        whom = {name: to[name] for name in ("customer", "product", "interests")}
        return asked.answer(**whom, most=max(1, min(most, 10)))

    def review(self, *, week: str | None, html: Path | None, language: str, **_: Any) -> dict[str, Any]:
        from guanxi.insight.goals.digest import write
        from guanxi.insight.goals.review import Review, last_full, week_of
        from guanxi.insight.goals.views import known_day

        today = known_day()
        with translation.override(LANGUAGES[language]):
            found = Review.read(week_of(week) if week else last_full(today), today=today)
            if html:
                write(found, html)
            return {**found.facts, "markdown": found.markdown, **({"html": str(html)} if html else {})}

    def experiment(self, *, file: Path, metric: list[list[str]], sheet: str | None, **options: Any) -> dict[str, Any]:
        """Read the file; the sentences stand beside the figures, for `words` and for programs."""
        from guanxi.experiments import figures, filed

        begun = monotonic()
        asked = filed.Asked(
            arm=options["arm"],
            metrics=[name for names in metric for name in names],
            control=options["control"],
            weights=options["weights"],
            covariate=options["covariate"],
        )
        found = filed.read(file, asked, sheet=sheet)
        wanted = [options["language"]] if options["language"] else list(LANGUAGES)
        sentences = {language: _told(found, language) for language in wanted}
        return {**figures.figures(found), "sentences": sentences, "seconds": round(monotonic() - begun, 2)}

    def words(self, result: Any) -> str:
        """Tell an experiment in sentences and values in a table; the rest as any command."""
        if "horizon_days" in result:
            from guanxi.insight import forecast_report

            return forecast_report.words(result)
        if "gamma_gamma" in result:
            return table(result)
        if "markdown" in result:
            return str(result["markdown"])
        if "sentences" not in result:
            return super().words(result)
        return "\n\n".join("\n".join(sentences) for sentences in result["sentences"].values())


def _told(found: "Findings", language: str) -> list[str]:
    from guanxi.experiments import telling

    with translation.override(LANGUAGES[language]):
        return telling.told(found)
