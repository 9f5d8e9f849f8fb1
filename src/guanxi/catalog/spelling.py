"""Names of goods as people type them: any word of them in any order, in hanzi, in pinyin or by initials.

A product's name is long and what people remember of it stands anywhere in it, so that the beginnings of a whole name
are not enough. All spellings stand in one text, each after a blank; a search reads that text, which is short, of every
product. Goods are read as words are, not as surnames: 黑茶 is "heicha".
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from guanxi.pages.spelling import HAN, WORDS, folded

STARTS, FIRSTS = 12, 6  # so many letters of a spelling are kept
SORTED_BY = 64
RUNS = re.compile(rf"{HAN.pattern}+|\d+|(?:(?!{HAN.pattern})\D)+")
TYPED = re.compile(rf"{HAN.pattern}+|(?:(?!{HAN.pattern}).)+")


def sort_key(text: str) -> str:
    """Write a name by its sound, as lists are sorted.

    >>> sort_key("黑茶 Réserve 357g")
    'heichareserve357g'
    """
    return "".join(_sounds(text))[:SORTED_BY]


def spelling_of(text: str) -> str:
    """Write all that a name is found by: itself, then its sound and its initials from each of its words on.

    >>> spelling_of("寿眉 Tea")
    ' 寿眉tea shoumeitea meitea tea smt mt t'
    """
    sounds = list(_sounds(text))
    firsts = "".join(sound[0] for sound in sounds)
    starts = ["".join(sounds[nth : nth + STARTS])[:STARTS] for nth in range(len(sounds))]
    initials = [firsts[nth : nth + FIRSTS] for nth in range(len(firsts))]
    return "".join(f" {each}" for each in dict.fromkeys([folded(text), *starts, *initials]) if each)


def wanted(typed: str) -> list[str]:
    """Write what has to stand in a spelling for a typed text to be found there; nothing where there are no letters.

    >>> wanted("大红袍 Gift"), wanted("T恤"), wanted("%_")
    (['大红袍', ' gift'], [' t', '恤'], [])
    """
    runs = [run for word in _words(typed) for run in TYPED.findall(word)]
    return list(dict.fromkeys(run if HAN.match(run) else f" {run[:STARTS]}" for run in runs))


def _words(text: str) -> list[str]:
    """Split a text into its words, without width, case and accents."""
    whole = unicodedata.normalize("NFC", text.replace("'", "").replace("\u2019", ""))
    return [word for part in WORDS.split(whole) if (word := folded(part))]


def _sounds(text: str) -> Iterator[str]:
    """Read every hanzi, and every run of letters or of digits as it stands."""
    for word in _words(text):
        for run in RUNS.findall(word):
            yield from _read(run) if HAN.match(run) else [run]


@lru_cache(maxsize=10_000)
def _read(run: str) -> list[str]:
    """Read hanzi as they sound beside each other; one without a sound stays as it is."""
    return lazy_pinyin(run, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]  # a list is one sound a letter
