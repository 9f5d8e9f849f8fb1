"""What DuckDB says of a query that cannot be answered, in plain words of the page's language."""

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from guanxi.warehouse.analyst import STOPPED, TOO_LONG

Sentence = Callable[[re.Match[str]], str]
MOST = 300
NAMES = 5


def sentence(fault: Mapping[str, object]) -> str:
    """Say what is wrong; where nobody knows the words of the engine, they are given as they are."""
    said = " ".join(str(fault.get("said") or "").split())
    for pattern, tell in WORDS:
        if found := re.search(pattern, said):
            return tell(found)
    return str(fault.get("text") or said)[:MOST]


def whole(fault: Mapping[str, object]) -> str:
    """Say where it is, and what is wrong."""
    said = {"place": place(fault), "sentence": sentence(fault)}
    return _("%(place)s: %(sentence)s") % said if said["place"] else said["sentence"]


def place(fault: Mapping[str, object]) -> str:
    """Say where it is, where that is known."""
    line, column = fault.get("line"), fault.get("column")
    if line and column:
        return _("Line %(line)s, character %(column)s") % {"line": line, "column": column}
    return _("Line %(line)s") % {"line": line} if line else ""


def _column(found: re.Match[str]) -> str:
    near = re.findall(r'"([^"]+)"', found[2] or "")[:NAMES]
    said = {"name": found[1], "near": ", ".join(near)}
    if near:
        return _("There is no column “%(name)s” here. Near to it: %(near)s.") % said
    return _("There is no column “%(name)s” here.") % said


def _table(found: re.Match[str]) -> str:
    return _("“%(name)s” is not a table of this query. Use the name that stands behind from or join.") % {
        "name": found[1]
    }


def _function(found: re.Match[str]) -> str:
    said = {"name": found[1], "near": found[2] or ""}
    if found[2]:
        return _("There is no function “%(name)s”. Did you mean “%(near)s”?") % said
    return _("There is no function “%(name)s”.") % said


def _group(found: re.Match[str]) -> str:
    return _("“%(name)s” stands beside sums or counts: add it to group by, or put it into max(…) or sum(…).") % {
        "name": found[1]
    }


def _ambiguous(found: re.Match[str]) -> str:
    return _("Several tables have a column “%(name)s”. Write the table before it, as in a.%(name)s.") % {
        "name": found[1]
    }


def _conversion(found: re.Match[str]) -> str:
    return _("“%(value)s” cannot be read as %(type)s. try_cast(… as …) gives null instead.") % {
        "value": found[1][:60], "type": found[2].lower(),
    }  # fmt: skip


def _match(found: re.Match[str]) -> str:
    return _("%(call)s does not fit: the function takes other types. cast(… as …) turns one into another.") % {
        "call": found[1].lower()
    }


def _compare(found: re.Match[str]) -> str:
    said = {"one": found[1].lower(), "other": found[2].lower()}
    return _("%(one)s and %(other)s cannot be compared. cast(… as …) turns one into the other.") % said


def _syntax(found: re.Match[str]) -> str:
    return _("The sentence breaks off at “%(word)s”. Look at what stands before it: a comma, a bracket, a word?") % {
        "word": found[1][:60]
    }


WORDS: tuple[tuple[str, Sentence], ...] = (
    (f"^{TOO_LONG}$", lambda _found: _("It took longer than it may. Ask for fewer days, or add limit.")),
    (f"^{STOPPED}$", lambda _found: _("It wanted more memory than it may have. Group first, or ask for less.")),
    (
        r"(?i)out of memory|bad_alloc|failed to allocate|max_temp_directory",
        lambda _found: _("It wanted more memory than it may have. Group first, or ask for less."),
    ),
    (r'Referenced column "(.+?)" not found in FROM clause!(?: Candidate bindings: (.+))?', _column),
    (r'(?:Table|Values list) "[^"]+" does not have a column named "(.+?)"(?: Candidate bindings: (.+))?', _column),
    (r'Referenced table "(.+?)" not found', _table),
    (r'Function with name "?(\w+)"? does not exist!(?: Did you mean "(.+?)")?', _function),
    (r'column "(.+?)" must appear in the GROUP BY clause', _group),
    (r'Ambiguous reference to column name "(.+?)"', _ambiguous),
    (r"Could not convert (?:string )?'(.*?)' to (\w+)", _conversion),
    (r"No function matches the given name and argument types '(.+?)'\.", _match),
    (r"Cannot compare values of type (\w+).* and type (\w+)", _compare),
    (r'syntax error at or near "(.+?)"', _syntax),
    (r"Parser Error: ", lambda _found: _("This is not SQL that can be read. Look at this place and just before it.")),
    (r"Out of Range Error|[Oo]verflow", lambda _found: _("A number grew larger than its type holds. Use double.")),
)
