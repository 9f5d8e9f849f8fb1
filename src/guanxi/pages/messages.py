"""Collect the words people see and keep their translations: `python -m guanxi.pages.messages`.

Reads every Python file, template and mart of Guanxi, adds new texts to `locale/zh_Hans/LC_MESSAGES/django.po` without a
translation, drops those gone, compiles the file, and names what is still to be written. Needs no gettext tools.
"""

import ast
import io
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from guanxi.pages.build import compile_messages

PACKAGE = Path(__file__).parents[1]
CATALOG = Path(__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
PART = r"(.+?)(?=\n(?:grain|parameters|columns|slices|source)\b|\Z)"
SAID = re.compile(r"(?:\A\w+:|^grain\b|^source\b)" + PART, re.DOTALL | re.MULTILINE)
COLUMNS, PARAMETERS = (re.compile(rf"^{name}\b{PART}", re.DOTALL | re.MULTILINE) for name in ("columns", "parameters"))
COLUMN = re.compile(r"\w+ [a-z]+(?:\(\d+, ?\d+\))?, (.+)")
PARAMETER = re.compile(r"\w+ [a-z]+(?:\(\d+, ?\d+\))? \(([^)]+)\)")
SAMPLES = {"gallery.html", "gallery_panel.html"}


def collect(package: Path = PACKAGE) -> Catalog:
    """Gather every translatable text of a package, each with the files it stands in."""
    catalog = Catalog(project="Guanxi", charset="utf-8")
    for path in sorted(package.rglob("*.py")):
        _add(catalog, path.relative_to(package), path.read_text(encoding="utf-8"))
        if path.name.startswith("api") or path.name == "wire.py":
            _add_routes(catalog, path.relative_to(package), path.read_text(encoding="utf-8"))
        elif path.name == "facts.py":
            _add_named(catalog, path.relative_to(package), path.read_text(encoding="utf-8"), ("Table", "grain"))
    for path in sorted(package.rglob("sql/*.sql")):
        _add_header(catalog, path.relative_to(package), path.read_text(encoding="utf-8"))
    for path in sorted(package.glob("*/templates/**/*.*")):
        if path.name not in SAMPLES:
            _add(catalog, path.relative_to(package), _as_python(path.read_text(encoding="utf-8")))
    return catalog


def read(path: Path = CATALOG) -> Catalog:
    """Read the translations."""
    if not path.exists():
        return Catalog(locale="zh_Hans")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update(path: Path = CATALOG) -> list[str]:
    """Bring the file of translations up to date and name the texts that wait for one."""
    catalog = read(path)
    catalog.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(
        written, catalog, width=120, omit_header=False, sort_output=True, ignore_obsolete=True, include_lineno=False
    )
    path.write_bytes(written.getvalue())
    return faults(catalog)


def faults(catalog: Catalog, wanted: Catalog | None = None) -> list[str]:
    """Name texts that lack a translation, have a doubtful one, or whose placeholders differ."""
    wanted = wanted or collect()
    return [f"{message.id!r}: {fault}" for message in wanted if message.id for fault in _faults(message, catalog)]


def _faults(message: Message, catalog: Catalog) -> Iterator[str]:
    """Check the translation of one text."""
    found = catalog.get(_key(message.id), message.context)
    if found is None or not all(_forms(found.string)):
        yield "not translated"
    elif found.fuzzy:
        yield "doubtful (fuzzy)"
    elif set(PLACEHOLDER.findall(_forms(message.id)[-1])) != set(PLACEHOLDER.findall(_forms(found.string)[0])):
        yield "placeholders differ"


def _key(text: Any) -> str:
    """Give what a text is found by: a plural by its singular."""
    return str(_forms(text)[0])


def _forms(text: Any) -> tuple[str, ...]:
    """Give the forms of a text, one or several."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text,)


def _add(catalog: Catalog, path: Path, source: str) -> None:
    """Add the texts of one source to the catalogue."""
    for line, text, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        catalog.add(text, locations=[(path.as_posix(), line)], context=context)


def _add_routes(catalog: Catalog, path: Path, source: str) -> None:
    """Add what the API says of its routes and of their fields, which the page about it shows in both languages."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and "offers(" in "".join(map(ast.unparse, node.decorator_list)):
            catalog.add(one_line(ast.get_docstring(node) or ""), locations=[(path.as_posix(), node.lineno)])
    _add_named(catalog, path, source, ("Field", "description"))


def _add_named(catalog: Catalog, path: Path, source: str, of: tuple[str, str]) -> None:
    """Add what calls of a name are told by a keyword: `("Table", "grain")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == of[0]:
            for each in (keyword.value for keyword in node.keywords if keyword.arg == of[1]):
                catalog.add(one_line(ast.literal_eval(each)), locations=[(path.as_posix(), node.lineno)])


def _add_header(catalog: Catalog, path: Path, source: str) -> None:
    """Add what the file of a mart says of itself first: what it is, what one row is, where its method comes from."""
    said = "\n".join(line[2:].strip() for line in takewhile(lambda line: line.startswith("--"), source.splitlines()))
    for found in SAID.finditer(said):
        catalog.add(one_line(found[1]), locations=[(path.as_posix(), 1)])
    for words in _meanings(said):
        catalog.add(words, locations=[(path.as_posix(), 1)], context="column")


def _meanings(said: str) -> Iterator[str]:
    """Give what the header of a mart says of each of its columns and parameters."""
    for part in COLUMNS.finditer(said):
        columns = (column.strip() for line in part[1].splitlines() for column in line.split(" | "))
        yield from (found[1] for column in columns if (found := COLUMN.fullmatch(column)))
    for part in PARAMETERS.finditer(said):
        yield from PARAMETER.findall(one_line(part[1]))


def one_line(text: str) -> str:
    r"""Write a text of several lines as one.

    >>> one_line("Read one customer.\n\nAnd more.")
    'Read one customer. And more.'
    """
    return " ".join(text.split())


def _as_python(source: str) -> str:
    """Turn a template into something that reads like Python and holds its texts."""
    return "\n".join(line.strip() for line in templatize(source).splitlines())


def main() -> None:
    """Update the translations and say what is missing."""
    waiting = update()
    compile_messages()
    print("\n".join(waiting) or "Every text is translated.")


if __name__ == "__main__":
    main()
