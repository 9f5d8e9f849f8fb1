"""Doubts about what is typed: contexts that can judge an address offer what was probably meant.

Nothing is changed by a doubt: whoever typed it chooses.
"""

from collections.abc import Callable

Judge = Callable[[str], str]
_judges: dict[str, Judge] = {}


def judge_by(kind: str, judge: Judge) -> None:
    """Have values of a kind judged: `judge` answers what was probably meant, nothing where there is no doubt."""
    _judges[kind] = judge


def meant(kind: str, value: str) -> str:
    """Ask what was probably meant by a value of a kind; nothing where there is no doubt."""
    judge = _judges.get(kind)
    return judge(value) if judge and value else ""
