"""Small pictures made on the server: sparklines and split bars as inline SVG, without a script and without styles."""

from collections.abc import Sequence

from guanxi.pages.components import Part

WIDTH, HEIGHT, MARGIN = 100, 26, 2


def line(values: Sequence[float]) -> str:
    """Trace values as an SVG path over the whole width; equal values run along the middle.

    >>> line([0, 5, 10])
    'M0,24 L50,13 L100,2'
    """
    low, high = min(values), max(values)
    step = WIDTH / max(1, len(values) - 1)
    points = (f"{_short(index * step)},{_short(_height(value, low, high))}" for index, value in enumerate(values))
    return "M" + " L".join(points)


def area(values: Sequence[float]) -> str:
    """Close the line along the floor.

    >>> area([0, 10])
    'M0,24 L100,2 L100,26 L0,26 Z'
    """
    return f"{line(values)} L{WIDTH},{HEIGHT} L0,{HEIGHT} Z"


def widths(parts: Sequence[Part], *, gap: float = 0.2, least: float = 0.6) -> list[tuple[float, float, int]]:
    """Lay parts beside each other: start and width in percent, and the colour; small parts stay visible.

    >>> widths([Part(3, 1), Part(1, 4)], gap=0)
    [(0.0, 75.0, 1), (75.0, 25.0, 4)]
    """
    present = [part for part in parts if part.size > 0]
    whole = sum(part.size for part in present)
    shares = [max(least, 100 * part.size / whole) for part in present]
    scale = (100 - gap * (len(shares) - 1)) / sum(shares) if shares else 1
    starts = [sum(shares[:index]) * scale + gap * index for index in range(len(shares))]
    return [
        (round(start, 2), round(share * scale, 2), part.series)
        for start, share, part in zip(starts, shares, present, strict=True)
    ]


def _height(value: float, low: float, high: float) -> float:
    """Place a value between floor and ceiling; SVG counts downwards."""
    if high == low:
        return HEIGHT / 2
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / (high - low)


def _short(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
