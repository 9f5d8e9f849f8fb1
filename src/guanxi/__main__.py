"""The program `guanxi`: finds the command and runs it."""

import ast
import os
import sys
from pathlib import Path

from guanxi import __version__

OVERVIEW = """usage: guanxi COMMAND [options]

Guanxi (关系), the customer-relationship system for e-commerce. `guanxi COMMAND --help` says more.
"""


def main() -> None:
    """Run `guanxi` as a program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in {"help", "-h", "--help"}:
        sys.stdout.write(overview())
        sys.exit(0 if arguments else 2)
    if arguments[0] in {"version", "--version"}:
        sys.stdout.write(f"guanxi {__version__}\n")
        sys.exit(0)
    try:
        _run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def overview() -> str:
    """List our commands with a line each, without loading any of them."""
    files = Path(__file__).parent.glob("*/management/commands/[a-z]*.py")
    lines = {file.stem.replace("_", "-"): _first_line(file) for file in files}
    return OVERVIEW + "\n" + "".join(f"  {name:<18}{line}\n" for name, line in sorted(lines.items()))


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]


def _run(arguments: list[str]) -> None:
    import django  # noqa: PLC0415 - slow to load, and --help needs none of it
    from django.core.management import ManagementUtility, get_commands  # noqa: PLC0415

    django.setup()
    name = arguments[0].replace("-", "_")
    if name not in get_commands():
        sys.stderr.write(f"There is no command {arguments[0]!r}; `guanxi --help` lists them.\n")
        sys.exit(2)
    ManagementUtility(["guanxi", name, *arguments[1:]]).execute()


if __name__ == "__main__":
    main()
