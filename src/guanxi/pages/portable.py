"""The settings of an installation as parts that travel in one file: each context brings its own.

A part is a list of records of one kind. A context registers it in `AppConfig.ready()` with how to give the records that
are there and how to take one that came; `shop.settings_file` puts them into a file and reads it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = str | Promise
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Colour = Annotated[int, Field(ge=0, le=6)]


class Record(BaseModel):
    """One thing that was decided: every field is there, none is more, none is of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Settings of one kind. Parts are taken in their order.

    `key` tells records apart and `label` names one for people. `check` raises what the types do not say, `take` writes
    one record and raises where it cannot be. What `is_beside_the_book` cannot be taken back, so it is not tried out.
    `fields` names the fields for people.
    """

    name: str
    title: Text
    order: int
    record: type[Record]
    key: Callable[[Any], str]
    give: Callable[[], Iterable[Record]]
    take: Callable[[Any, Any], object]
    check: Callable[[Any], None] = lambda _record: None
    label: Callable[[Any], Text] | None = None
    is_beside_the_book: bool = False
    fields: Mapping[str, Text] = field(default_factory=dict)


_parts: dict[str, Part] = {}


def register(*parts: Part) -> None:
    """Offer parts; offering one again replaces it."""
    _parts.update({part.name: part for part in parts})


def parts() -> list[Part]:
    """List the parts there are, in the order in which they are taken."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.name))
