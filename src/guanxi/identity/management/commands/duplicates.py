"""Find probable duplicates among people, and measure how well that is done.

`guanxi duplicates evaluate FILE --columns MAP.toml --truth febrl` finds duplicates in a file in which they are known:
from keys like rec-7-org and rec-7-dup-0, or with `--truth cluster:COLUMN` from a column that is the same for one person.
With a second file it finds who is in both. MAP.toml says which column is which field, as `surname = "last"`; columns that it
does not name take part too, unless left out with `--without`.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core import commands


def _truth(word: str) -> str:
    if word == "febrl" or (word.startswith("cluster:") and word.removeprefix("cluster:").strip()):
        return word
    raise argparse.ArgumentTypeError("say febrl, or cluster:COLUMN")


class Command(commands.Command):
    needs_book = False

    def add_arguments(self, parser: CommandParser) -> None:
        child = self.subcommand(parser, "evaluate", self.evaluate, help="find known duplicates and count them")
        child.add_argument("file", type=Path, metavar="FILE", help="CSV, CSV.gz or XLSX of people")
        child.add_argument("other", type=Path, nargs="?", metavar="FILE2", help="a second file, to be linked with it")
        child.add_argument("--columns", type=Path, required=True, metavar="MAP.toml", help="which column is which field")
        child.add_argument(
            "--truth", type=_truth, required=True, metavar="febrl|cluster:COLUMN", help="how it is known who is one person"
        )
        child.add_argument(
            "--without", action="append", nargs="+", default=[], metavar="COLUMN", help="leave a column out"
        )

    def evaluate(
        self, *, file: Path, other: Path | None, columns: Path, truth: str, without: list[list[str]], **_: Any
    ) -> dict[str, Any]:
        """Measure; a column to be left out that is not there is wrong usage."""
        from guanxi.identity.duplicates import evaluating, reading

        files = [each for each in (file, other) if each]
        left_out = [name for names in without for name in names]
        try:
            return evaluating.evaluate(files, reading.Columns.read(columns), truth=truth, without=left_out).facts
        except reading.NoSuchColumn as error:
            self.stderr.write(str(error), self.style.NOTICE)
            sys.exit(2)
