"""What lies in a cart: the acts upon it, gone through in the order in which they happened."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from guanxi.customers.dynamics.summary import Act

ONLY, ADDED, TAKEN, EMPTIED = range(4)  # of one instant in this order: what is shown whole begins anew


@dataclass(frozen=True)
class Line:
    """One good in the cart: since when, in microseconds; `quantity` in thousandths, `minor` of one, 0 = not said."""

    key: str
    name: str
    quantity: int
    minor: int
    currency: str
    since: int
    source: str

    @property
    def value_minor(self) -> int:
        """What it is worth in minor units."""
        return round(self.minor * self.quantity / 1_000)


def contents(acts: Iterable[Act]) -> list[Line]:
    """Tell what is left in the cart, what was put in last first.

    >>> tea = Act(1, ADDED, "T1", 2_000, "web", "Tea", 500, "CNY", 7)
    >>> contents([tea, tea._replace(at=2, kind=TAKEN, quantity=1_000)])[0].value_minor
    500
    """
    lines: dict[str, Line] = {}
    for act in sorted(set(acts)):
        if act.kind == ADDED:
            lines[act.key] = _more(lines.get(act.key), act)
        elif act.kind == TAKEN:
            _take(lines, act)
        else:
            lines = {key: line for key, line in lines.items() if line.source != act.source}
    return sorted(lines.values(), key=lambda line: (-line.since, line.key))


def _more(line: Line | None, act: Act) -> Line:
    told = Line(act.key, act.name, act.quantity, act.minor, act.currency, act.at, act.source)
    if line is None:
        return told
    return replace(told, quantity=line.quantity + act.quantity, since=line.since, name=act.name or line.name)


def _take(lines: dict[str, Line], act: Act) -> None:
    line = lines.get(act.key)
    if line and act.quantity and act.quantity < line.quantity:
        lines[act.key] = replace(line, quantity=line.quantity - act.quantity)
    elif line:
        del lines[act.key]
