"""What goes over the wire: the kinds of values the API takes, pages of lists, and ids."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr, WithJsonSchema

from guanxi.accounts.problems import NotValid
from guanxi.core.ids import key_of, public_id
from guanxi.pages.paging import Line
from guanxi.pages.sifting import Sifted, stretch

Item = TypeVar("Item")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MOST, USUALLY = 200, 50
KEPT = "\n\t\r"
_NO_PLACE = gettext_lazy("Send the “next” of the page before, unchanged.")


def _plain(text: str) -> str:
    """Refuse what no person types: control characters, and halves of surrogate pairs."""
    if any((ord(letter) < 32 and letter not in KEPT) or 0x7F <= ord(letter) < 0xA0 for letter in text):
        raise ValueError(_("This holds control characters. Send it without."))
    if any(0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise ValueError(_("This is no valid Unicode. Send it without halves of surrogate pairs."))
    return text


def _line(text: str) -> str:
    if any(letter in KEPT for letter in text):
        raise ValueError(_("This has to be one line."))
    return text.strip()


def _iso_day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError(_("This has to be a day, such as 2024-11-11."))
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(_("There is no such day.")) from error


Text = Annotated[StrictStr, AfterValidator(_plain)]
Word = Annotated[Text, AfterValidator(_line)]
Day = Annotated[date, BeforeValidator(_iso_day)]
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]
Place = Annotated[Word, Field(min_length=1, max_length=100)]
Figure = Annotated[int, Field(ge=-(2**53), le=2**53)]
Minor = Annotated[StrictInt, Field(description="Whole minor units of the currency.", ge=-(2**53), le=2**53)]


def id_of(prefix: str) -> WithJsonSchema:
    """Describe the public ids of one kind."""
    pattern = f"^{prefix}_[0-9A-HJKMNP-TV-Z]{{13}}$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "example": public_id(prefix, 1)})


class Sent(BaseModel):
    """Something a program sends; fields that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """Something a program is told."""


class Asked(Sent):
    """Which part of a list is asked for: what follows after a row, and how many of it."""

    after: str | None = Field(None, description="The “next” of the page before.", max_length=40)
    limit: Limit = USUALLY


class Page(BaseModel, Generic[Item]):
    """Some of a list. `next` leads to what follows; where nothing does it is null."""

    data: list[Item]
    next: str | None


def key_in(prefix: str, word: str) -> int:
    """Read an id from the address; what is none is not found."""
    key = key_of(prefix, word)
    if key is None:
        raise Http404
    return key


def page(
    line: Line | Sifted, asked: Asked, prefix: str, drawn: Callable[[Sequence[Any]], list[Any]], *, key: str = "pk"
) -> dict[str, Any]:
    """Read one page of a list and draw its rows."""
    place = place_in(asked, prefix)
    if place is not None and not line.has(place):
        raise NotValid({"after": _NO_PLACE})
    rows, last = stretch(line, place, asked.limit, name=key)
    return {"data": drawn(rows), "next": None if last is None else public_id(prefix, last)}


def place_in(asked: Asked, prefix: str) -> int | None:
    """Read the row after which a page begins; raises NotValid where it is no id of this list."""
    if asked.after is None:
        return None
    key = key_of(prefix, asked.after)
    if key is None:
        raise NotValid({"after": _NO_PLACE})
    return key
