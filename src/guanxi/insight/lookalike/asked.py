"""What the command and the API tell of look-alikes."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.core.ids import public_id
from guanxi.customers.models import Customer
from guanxi.insight.lookalike import story, words
from guanxi.insight.models import LookalikeRun
from guanxi.insight.scoring import present_day


class NoList(BadInput):
    """A file holds no ids of customers."""


def read(file: Path) -> str:
    """Read the ids of a file; NoList where it holds none or cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoList(_("%(file)s cannot be read as text. Give a file with an id a line.") % {"file": file}) from error


def answer(kind: str, word: str) -> dict[str, Any]:
    """Find who resembles a set now; GuanxiError says what is missing. Nothing is kept."""
    return told(story.answer(LookalikeRun(kind=kind, word=word, as_of=present_day())))


def told(found: dict[str, Any]) -> dict[str, Any]:
    """Spell what was found for programs."""
    people = [
        {"customer": public_id(Customer.PREFIX, key), "times": times, "reasons": words.traits_of(found, why)}
        for key, times, why in found["people"]
    ]
    speaking = [{"trait": words.traits_of(found, [at]), "weight": weight} for at, weight in found["speaking"]]
    counts = {name: found[name] for name in ("inside", "others", "prospects", "lifts")}
    return {"finding": words.finding(found), **counts, "speaking": speaking, "people": people}
