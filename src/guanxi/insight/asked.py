"""What an address asks of the page of funnels, as it was typed and as a funnel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.http import urlencode

from guanxi.insight.funnel import (
    CUSTOMER,
    FEWEST,
    MOST,
    OPERATORS,
    PER,
    PROPERTIES,
    READY,
    WINDOWS,
    Filter,
    Funnel,
    Step,
)
from guanxi.insight.happenings import title
from guanxi.pages.components import Tab

BREAKDOWNS = ("device", "source", "utm_source", "category")
USUAL = "7d"
LETTERS = {"event": "s", "field": "p", "operator": "o", "value": "v"}


@dataclass(frozen=True)
class Row:
    """A step as it stands in the form; one without an event is no step."""

    nth: int
    event: str = ""
    field: str = ""
    operator: str = "is"
    value: str = ""

    @property
    def name(self) -> str:
        """What its event is called."""
        return title(self.event)

    @property
    def step(self) -> Step:
        """It as a step; NoFunnel says what is wrong with it."""
        return Step(self.event, (Filter(self.field, self.operator, self.value),) if self.field else ())


@dataclass(frozen=True)
class Asked:
    """A funnel as it is asked for: `ready` names one of ours, `source` is where its beginnings were told from."""

    rows: Sequence[Row]
    ready: str = ""
    window: str = USUAL
    per: str = CUSTOMER
    source: str = ""
    by: str = ""
    more: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        """Read an address: `s1`, `s2` … are events, `p1 o1 v1` what has to hold of them; else `funnel` names one."""
        typed = [_row(told, nth) for nth in range(1, MOST + 1)]
        rows = [row for row in typed if row.event]
        ready = _ready(rows) if rows else str(told.get("funnel") if told.get("funnel") in READY else next(iter(READY)))
        if not rows:
            rows = [Row(nth, event) for nth, event in enumerate(READY[ready][1], 1)]
        rows = [Row(nth, row.event, row.field, row.operator, row.value) for nth, row in enumerate(rows, 1)]
        by = told.get("by", "") if told.get("by") in BREAKDOWNS else ""
        window, per = told.get("window") or USUAL, told.get("per") or CUSTOMER
        return cls(rows, ready, window, per, told.get("source", "")[:40], by, bool(told.get("more")))

    @property
    def funnel(self) -> Funnel:
        """The funnel itself; NoFunnel says why it is none."""
        steps = [row.step for row in self.rows]
        if self.source and steps:
            steps[0] = Step(steps[0].event, (*steps[0].filters, Filter("source", "is", self.source)))
        return Funnel(tuple(steps), self.window, self.per)

    @property
    def is_plain(self) -> bool:
        """Whether its steps are events alone, out of any source: days that fall out are looked for among these."""
        return not self.source and not any(row.field for row in self.rows)

    @property
    def address(self) -> dict[str, str]:
        """The parts of an address that ask for this, those that are as usual left out."""
        asked = {"funnel": self.ready} if self.ready else dict(self._steps)
        more = {"window": (self.window, USUAL), "per": (self.per, CUSTOMER), "source": (self.source, "")}
        return asked | {name: now for name, (now, usual) in more.items() if now != usual} | self._by

    @property
    def query(self) -> str:
        """The address as it is kept under a name."""
        return urlencode(self.address)

    @property
    def _by(self) -> dict[str, str]:
        return {"by": self.by} if self.by else {}

    @property
    def _steps(self) -> Any:
        for row in self.rows:
            yield f"s{row.nth}", row.event
            if row.field:
                yield from (
                    (f"{LETTERS[name]}{row.nth}", getattr(row, name)) for name in ("field", "operator", "value")
                )

    @property
    def names(self) -> list[str]:
        """What the steps are called: by their events, and by what has to hold of them."""
        return [f"{row.name} ({row.value})" if row.field and row.value else row.name for row in self.rows]

    @property
    def form_rows(self) -> list[Row]:
        """The steps of the form: one more than there are where one is wanted, two at the least."""
        wanted = min(max(len(self.rows) + self.more, FEWEST), MOST)
        return [*self.rows, *(Row(nth) for nth in range(len(self.rows) + 1, wanted + 1))]

    @property
    def may_grow(self) -> bool:
        """Whether a funnel takes a further step."""
        return len(self.form_rows) < MOST

    @property
    def ready_tabs(self) -> list[Tab]:
        """The funnels everybody has."""
        return [Tab(words, f"?funnel={key}", active=self.ready == key) for key, (words, _s) in READY.items()]

    @property
    def choices(self) -> dict[str, Any]:
        """What the form's lists offer besides events and sources."""
        return {
            "windows": [(key, words) for key, (_sql, words) in WINDOWS.items()],
            "per": list(PER.items()),
            "properties": [(key, words) for key, (_sql, words) in PROPERTIES.items()],
            "operators": [(key, words) for key, (_sql, words) in OPERATORS.items()],
            "breakdowns": [(key, PROPERTIES[key][1]) for key in BREAKDOWNS],
        }


def _row(told: Mapping[str, str], nth: int) -> Row:
    event, name, operator, value = (told.get(f"{letter}{nth}", "").strip() for letter in LETTERS.values())
    return Row(nth, event, name, operator or "is", value)


def _ready(rows: Sequence[Row]) -> str:
    """Find which of our funnels somebody chose step by step."""
    plain = tuple(row.event for row in rows) if not any(row.field for row in rows) else ()
    return next((key for key, (_words, names) in READY.items() if tuple(names) == plain), "")
