"""The command line's common ground: one JSON value on standard output, sentences on standard error, three exit codes.

A command's module docstring is its help, and its first line the line in `guanxi --help`.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from guanxi.core import book
from guanxi.core.errors import GuanxiError

HIDDEN = {"version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"}


class Command(BaseCommand):
    """A command of ours: `run` (or a subcommand's function) returns the facts, this class prints them."""

    requires_system_checks = []
    needs_book = True

    def __init_subclass__(cls) -> None:
        cls.help = (sys.modules[cls.__module__].__doc__ or "").strip()

    def run(self, *_: Any, **options: Any) -> Any:
        """Do the work and return what `--json` shows: a dict, a list, or None."""
        raise NotImplementedError

    def words(self, result: Any) -> str:
        """Put the result into words for a person; one line per fact unless a command knows better."""
        rows = result if isinstance(result, list) else [result]
        return "\n\n".join("\n".join(f"{name:<18}{value}" for name, value in dict(row).items()) for row in rows)

    def note(self, sentence: str) -> None:
        """Tell a person how it goes, beside the result."""
        self.stderr.write(sentence, self.style.NOTICE)
        self.stderr.flush()

    def subcommand(self, parser: CommandParser, name: str, run: Callable[..., Any], *, help: str) -> CommandParser:  # noqa: A002 - argparse's word
        """Add a subcommand; call it inside `add_arguments`, and add the subcommand's arguments to what it returns."""
        if not hasattr(parser, "subcommands"):
            parser.subcommands = parser.add_subparsers(dest="subcommand", required=True, metavar="subcommand")  # type: ignore[attr-defined]
        child: CommandParser = parser.subcommands.add_parser(name, help=help, description=help)  # type: ignore[attr-defined]
        child.add_argument("--json", action="store_true", default=False, help="print one JSON value")
        child.set_defaults(run=run)
        return child

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Offer `--json`, and keep the framework's own options out of the help."""
        parser = super().create_parser("guanxi", subcommand.replace("_", "-"), **kwargs)
        for action in parser._actions:  # noqa: SLF001 - argparse has no other way to hide an option
            if action.dest in HIDDEN:
                action.help = argparse.SUPPRESS
        if not hasattr(parser, "subcommands"):
            parser.add_argument("--json", action="store_true", help="print one JSON value")
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a program: 0 when done, 1 with one sentence when not, 2 (argparse's) on wrong usage."""
        self._called_from_command_line = True
        options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
        try:
            if options.pop("needs_book", self.needs_book):
                book.prepare()
            self.execute(*options.pop("args", ()), **options)
        except (GuanxiError, CommandError) as error:
            self._leave(str(error))
        except DatabaseError as error:
            self._leave(f"The book cannot be used: {' '.join(str(error).split())}. Run `guanxi doctor` to see why.")
        finally:
            connections.close_all()

    def handle(self, *_: Any, **options: Any) -> None:
        """Run, and print the outcome as JSON or as words."""
        result = (options.pop("run", None) or self.run)(**options)
        if options.get("json"):
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        elif result is not None:
            self.stdout.write(self.words(result))

    def _leave(self, sentence: str) -> None:
        self.stderr.write(sentence, self.style.NOTICE)
        sys.exit(1)
