"""The 7 × 24 heat of active hours as shapes of an inline SVG: one path for each step of colour."""

from dataclasses import dataclass

from guanxi.customers.dynamics.habits import Heat
from guanxi.pages import moments

STEPS = (0.25, 0.45, 0.65, 0.82, 1.0)
CELL, GAP, LEFT, TOP = 10, 2, 26, 0
WIDTH, HEIGHT = LEFT + 24 * CELL, TOP + 7 * CELL * 2 + 16


@dataclass(frozen=True)
class Shade:
    """The cells of one step of colour: how opaque they are, and their outline."""

    opacity: float
    path: str


@dataclass(frozen=True)
class Picture:
    """Everything to draw: cells without anything, cells by steps, the days at the left and the hours below."""

    empty: str
    shades: list[Shade]
    days: list[tuple[int, str]]
    hours: list[tuple[int, int]]


def picture(heat: Heat) -> Picture:
    """Lay the cells out; the busiest hour has the full colour."""
    most = max(map(max, heat))
    steps: dict[int, list[str]] = {}
    for day, counts in enumerate(heat):
        for hour, count in enumerate(counts):
            step = -(-count * len(STEPS) // most) if most else 0
            steps.setdefault(step, []).append(_cell(day, hour))
    shades = [Shade(STEPS[step - 1], "".join(steps[step])) for step in sorted(steps) if step]
    days = [(TOP + day * CELL * 2 + 13, moments.weekday(day, short=True)) for day in range(7)]
    return Picture("".join(steps.get(0, ())), shades, days, [(LEFT + hour * CELL, hour) for hour in (0, 6, 12, 18)])


def _cell(day: int, hour: int) -> str:
    wide, high = CELL - GAP, CELL * 2 - GAP - 1
    return f"M{LEFT + hour * CELL} {TOP + day * CELL * 2}h{wide}v{high}h-{wide}z"
