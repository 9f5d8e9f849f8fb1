"""The ways in which the files of an import can be read, and which column fills which field in each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.guard.masking import mask_address, mask_email, mask_name, mask_phone
from guanxi.ingest import own
from guanxi.ingest.begin import guessed
from guanxi.ingest.fields import Field
from guanxi.ingest.models import Import, SavedPreset
from guanxi.ingest.presets import Match, Preset, known, label_of
from guanxi.ingest.preview import Preview
from guanxi.pages.formats import chinese

OWN = "generic"
INNER = {"person_key"}
MASKS = {
    "phone": mask_phone, "recipient_phone": mask_phone, "email": mask_email, "customer_name": mask_name,
    "full_name": mask_name, "surname": mask_name, "given_name": mask_name, "recipient_name": mask_name,
    "address": mask_address, "street": mask_address,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to read the files: a preset with its match for each file; `own` is the mapping a person makes."""

    name: str
    title: str
    preset: Preset | None = None
    matches: Sequence[Match] = ()
    saved: Mapping[str, Any] | None = None

    @property
    def fits(self) -> bool:
        """Whether every column it needs is there."""
        return self.preset is None or not any(match.missing for match in self.matches)

    @property
    def found(self) -> int:
        """How many columns it uses."""
        return sum(len(match.columns) for match in self.matches)

    @property
    def adjustable(self) -> bool:
        """Whether its columns can be chosen one by one: all its files are of one kind."""
        return self.preset is not None and len({match.sheet.role for match in self.matches}) == 1

    @property
    def store(self) -> Mapping[str, str]:
        """The store it writes to unless another is named."""
        return self.preset.store if self.preset else {}


@dataclass(frozen=True)
class Pair:
    """A field, the column that fills it, and the first cell of that column, masked where it is personal."""

    field: str
    column: str
    sample: str


def title_of(preset: Preset) -> str:
    """Name a preset in the language of the page."""
    return preset.titles["zh" if chinese() else "en"]


def ways(subject: str, files: Sequence[Preview]) -> list[Way]:
    """List the ways to read some files: those that fit first, those that use most columns before others."""
    there = [
        Way(name=preset.name, title=title_of(preset), preset=preset, matches=_matches(preset, files))
        for preset in known(subject)
    ]
    for saved in SavedPreset.objects.filter(subject=subject).order_by("name"):
        preset = saved.as_preset
        matches = _matches(preset, files)
        there.append(Way(name=saved.name, title=saved.name, preset=preset, matches=matches, saved=saved.mapping))
    there.sort(key=lambda way: (not way.fits, -way.found))
    own = Way(name=OWN, title=_("Choose the columns myself"))
    return [*(way for way in there if way.fits), own, *(way for way in there if not way.fits)]


def _matches(preset: Preset, files: Sequence[Preview]) -> list[Match]:
    return [preset.best(file.columns) for file in files]


def pairs(match: Match, file: Preview, subject: str) -> list[Pair]:
    """Tell which column fills which field, for reading."""
    return [
        Pair(label_of(name, subject), column, masked(name, file.sample(column), subject))
        for name, column in match.columns.items()
    ]


def masked(field: str, text: str, subject: str) -> str:
    """Show a cell of a personal field masked, any other as it is."""
    if field.startswith(own.PREFIX):
        return own.masked(field, text, subject)
    return MASKS[field](text) if field in MASKS else text


def masked_rows(file: Preview, columns: Mapping[str, str], subject: str) -> list[list[str]]:
    """Show the first rows of a file; `columns` (field → column) tells which are personal."""
    fields = {column: field for field, column in columns.items()}
    return [
        [masked(fields.get(column, ""), cell, subject) for column, cell in zip(file.columns, row, strict=True)]
        for row in file.cells
    ]


def fields_of(subject: str) -> Mapping[str, Field]:
    """The fields a person may choose columns for."""
    fields = own.fields_for(subject)
    return {name: field for name, field in fields.items() if name not in INNER}


def suggested(way: Way, batch: Import, file: Preview) -> dict[str, Any]:
    """Suggest the columns to begin with: those of the way, or those whose words stand among the headers."""
    if way.preset is None:
        return guessed(file.columns, batch.subject)
    match = way.matches[0]
    constants = {name: {"value": value} for name, value in match.sheet.constants.items()}
    return {**constants, **match.columns}


def adjusted(way: Way, chosen: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, Any]:
    """Make a mapping of chosen columns; what the way, or the mapping before, knows of states and refunds stays."""
    if way.preset is None:
        return {**{name: former[name] for name in ("rules", "states") if name in former}, **chosen}
    rules = {name: value for name, value in asdict(way.preset.rules).items() if value not in {"", False}}
    return {**chosen, "rules": rules, "states": {state: dict(axes) for state, axes in way.preset.states.items()}}


def as_it_is(way: Way) -> dict[str, Any]:
    """Make the mapping of a way taken as it is."""
    return {**way.saved, "name": way.name} if way.saved is not None else {"preset": way.name}
