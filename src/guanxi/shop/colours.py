"""Colours that can be read: how far two are apart, and what of one does on the papers of both themes.

source: WCAG 2.2, success criterion 1.4.3, relative luminance and contrast ratio
"""

import re
from collections.abc import Iterable

ENOUGH = 4.5
# The papers of the tokens (pages/static/pages/css/tokens.css), on which the accent is text; a test holds them together.
LIGHT = ("#f6f3eb", "#fffdf8", "#f0ebe0", "#f8f4eb", "#ece7dc")
DARK = ("#161511", "#1e1d18", "#27251f", "#24231d", "#23211c")
ON_ACCENT = "#fffdf8"
HEX = re.compile(r"#[0-9a-f]{6}\Z")
STEPS = 50
Rgb = tuple[int, int, int]


def contrast(one: str, other: str) -> float:
    """Tell how far apart two colours are, from 1 to 21.

    >>> round(contrast("#000000", "#ffffff")), round(contrast("#1f5c48", "#fffdf8"), 1)
    (21, 7.7)
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least(colour: str, papers: Iterable[str]) -> float:
    """Tell how far a colour is from the paper nearest to it."""
    return min(contrast(colour, paper) for paper in papers)


def mixed(one: str, other: str, share: float) -> str:
    """Mix one colour with a share of another.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable(colour: str, papers: Iterable[str], *, towards: str) -> str:
    """Move a colour towards black or white as little as makes it text on all papers."""
    known = tuple(papers)
    steps = (mixed(colour, towards, nth / STEPS) for nth in range(STEPS + 1))
    return next(each for each in steps if least(each, known) >= ENOUGH)


def in_the_dark(colour: str) -> str:
    """Give the accent of the dark theme that goes with one of the light."""
    return readable(colour, DARK, towards="#ffffff")


def filled(colour: str) -> str:
    """Give the lightest fill of a colour on which our white can be read."""
    steps = (mixed(colour, "#ffffff", nth / STEPS) for nth in range(STEPS, -1, -1))
    return next((each for each in steps if contrast(each, ON_ACCENT) >= ENOUGH), colour)


def tokens(light: str, dark: str) -> dict[str, tuple[str, str]]:
    """Spell out an accent for both themes, by the names of the tokens."""
    fill = filled(light)
    return {
        "accent": (light, dark),
        "accent-fill": (light, fill),
        "accent-fill-hover": (mixed(light, "#000000", 0.2), mixed(fill, "#000000", 0.15)),
        "accent-tint": (_tint(light, LIGHT[1]), _tint(dark, DARK[1])),
        "inverse-accent": (dark, light),
    }


def _tint(colour: str, paper: str) -> str:
    """Colour a paper as far as the colour itself stays text on it."""
    steps = (mixed(paper, colour, share / 100) for share in range(14, -1, -1))
    return next((each for each in steps if contrast(colour, each) >= ENOUGH), paper)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(each / 255) for each in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
