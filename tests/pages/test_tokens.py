"""Colours of the design system can be read in both themes (WCAG 2.2 AA)."""

import re

import pytest

from guanxi.pages.build import STATIC, STYLES

TOKENS: dict[str, str] = dict(
    re.findall(r"--gx-([\w-]+): light-dark\((#\w+, #\w+)\)", (STATIC / "css" / "tokens.css").read_text())
)
GROUNDS = ("paper", "surface", "well")
TEXTS = ("ink", "ink-2", "ink-3", "accent", "good", "warn", "danger", "info")
SERIES = tuple(f"series-{number}" for number in range(7))


def colour(token: str, mode: int) -> str:
    return TOKENS[token].split(", ")[mode]


def luminance(hexadecimal: str) -> float:
    channels = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read_on_every_ground(text: str, ground: str, mode: int) -> None:
    assert contrast(colour(text, mode), colour(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("tone", ["accent", "good", "warn", "danger", "info"])
def test_text_can_be_read_on_its_own_tint(tone: str, mode: int) -> None:
    assert contrast(colour(tone, mode), colour(f"{tone}-tint", mode)) >= 4.5


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("series", SERIES)
def test_marks_of_charts_stand_out_from_the_card(series: str, mode: int) -> None:
    assert contrast(colour(series, mode), colour("surface", mode)) >= 3


def test_charts_are_painted_in_the_colours_of_the_pages() -> None:
    palette = (STATIC / "js" / "chart" / "palette.js").read_text()
    painted = [re.findall(r"#[0-9a-f]{6}", part) for part in re.split("const DARK", palette, maxsplit=1)]
    names = ("surface", "well", "line", "line-strong", "ink", "ink-2", "ink-3", *SERIES)
    assert painted == [[colour(name, mode) for name in names] for mode in (0, 1)]


@pytest.mark.parametrize("mode", [0, 1])
def test_the_words_of_a_button_can_be_read(mode: int) -> None:
    for fill in ("accent-fill", "accent-fill-hover"):
        assert contrast("#fffdf8", colour(fill, mode)) >= 4.5


def test_no_type_is_smaller_than_twelve_pixels_but_the_bars_labels() -> None:
    for name in STYLES:
        sheet = (STATIC / "css" / f"{name}.css").read_text()
        sizes = [
            float(size) for size in re.findall(r"font(?:-size)?:[^;}]*?(?<![\d.])(\d+(?:\.\d+)?)px(?=[/;\s}])", sheet)
        ]
        assert all(size >= (11 if name == "shell" else 12) for size in sizes), name


def test_every_style_sheet_is_shipped() -> None:
    assert {path.stem for path in (STATIC / "css").glob("*.css")} == set(STYLES)


def test_no_style_names_the_old_song_typeface() -> None:
    assert not any("simsun" in (STATIC / "css" / f"{name}.css").read_text().lower() for name in STYLES)
