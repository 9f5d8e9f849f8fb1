"""The cells of a notebook as values: text or SQL with a chart, how they are kept, and how a form tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Kind = Literal["sql", "text"]
CHARTS = ("line", "bars", "stacked", "horizontal")
TITLES: Mapping[str, Promise] = {
    "": gettext_lazy("No chart"), "line": gettext_lazy("Line"), "bars": gettext_lazy("Bars"),
    "stacked": gettext_lazy("Stacked bars"), "horizontal": gettext_lazy("Bars, lying"),
}  # fmt: skip
MOST_CELLS = 16
MOST_CHARACTERS = 20_000
MOST_NAME = 200


@dataclass(frozen=True)
class Drawn:
    """Which chart a cell has: none without a kind; a column that is not named is found by its type."""

    kind: str = ""
    x: str = ""
    y: str = ""
    series: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns on the y axis."""
        return [name for each in self.y.replace("，", ",").split(",") if (name := each.strip())]


@dataclass(frozen=True)
class Cell:
    """One cell; `number` stays with it when others come, go and move."""

    number: int
    kind: Kind
    text: str = ""
    chart: Drawn = field(default_factory=Drawn)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Cell":
        """Read it back."""
        return cls(kept["number"], kept["kind"], kept["text"], Drawn(**kept["chart"]))

    def kept(self) -> dict[str, Any]:
        """Write it down."""
        return asdict(self)

    @property
    def name(self) -> str:
        """How the page names it."""
        return f"cell-{self.number}"

    @property
    def lines(self) -> range:
        """The numbers of its lines."""
        return range(1, self.text.count("\n") + 2)


def told(form: QueryDict) -> list[Cell]:
    """Read the cells of a form, in its order; what no form of ours says is left out."""
    found: dict[int, Cell] = {}
    for word in form.getlist("cell")[:MOST_CELLS]:
        kind = form.get(f"kind-{word}", "")
        if word.isascii() and word.isdigit() and len(word) < 7 and kind in get_args(Kind):
            found[int(word)] = _cell(form, word, kind)
    return list(found.values())


def _cell(form: QueryDict, word: str, kind: Any) -> Cell:
    kept = {name: form.get(f"{name}-{word}", "").strip()[:MOST_NAME] for name in ("x", "y", "series")}
    chart = form.get(f"chart-{word}", "")
    drawn = Drawn(chart if chart in CHARTS else "", **kept)
    text = form.get(f"text-{word}", "").replace("\r\n", "\n").replace("\0", "").strip("\n")
    return Cell(int(word), kind, text, drawn if kind == "sql" else Drawn())


def faults(title: str, cells: Sequence[Cell]) -> list[str]:
    """Say what cannot be kept."""
    found = []
    if not title:
        found.append(_("Give the notebook a name."))
    for nth, cell in enumerate(cells, 1):
        if len(cell.text) > MOST_CHARACTERS:
            said = {"nth": nth, "count": len(cell.text), "most": MOST_CHARACTERS}
            found.append(_("Cell %(nth)s has %(count)s characters; at most %(most)s fit. Split it.") % said)
    return found


def added(cells: Sequence[Cell], kind: Kind, text: str = "") -> list[Cell]:
    """Put an empty cell behind the others, unless all that fit are there.

    >>> [each.number for each in added([Cell(4, "sql")], "text")]
    [4, 5]
    """
    if len(cells) >= MOST_CELLS:
        return list(cells)
    return [*cells, Cell(max((each.number for each in cells), default=0) + 1, kind, text)]


def removed(cells: Sequence[Cell], number: int) -> list[Cell]:
    """Take a cell away."""
    return [each for each in cells if each.number != number]


def raised(cells: Sequence[Cell], number: int) -> list[Cell]:
    """Put a cell before the one above it; the first stays.

    >>> [each.number for each in raised([Cell(1, "sql"), Cell(2, "sql")], 2)]
    [2, 1]
    """
    line = list(cells)
    at = next((nth for nth, each in enumerate(line) if each.number == number), 0)
    if at:
        line[at - 1], line[at] = line[at], line[at - 1]
    return line


def renumbered(cells: Sequence[Cell]) -> list[Cell]:
    """Number cells anew, from 1."""
    return [replace(each, number=nth) for nth, each in enumerate(cells, 1)]
