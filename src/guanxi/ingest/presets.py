"""Presets: declarative descriptions of files, found by their headers.

A connector keeps `<platform>/<name>.toml` and registers it; a user's mapping is the same thing made from a page or a
MAP.toml. Headers match after `normalise_header`, in any order; unknown columns are ignored.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.core.errors import BadInput
from guanxi.guard.filein import normalise_header
from guanxi.ingest import own
from guanxi.ingest.fields import LINE_FIELDS

NEEDED = {"orders": {"order_number", "placed_at"}, "events": {"name", "occurred_at"}}
WHO = {"profile_external_id", "device_id"}


class BadMapping(BadInput):
    """Columns and fields do not fit."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the file is written where that cannot be detected."""

    header: bool = True
    columns: tuple[str, ...] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    time_zone: str | None = None
    time_format: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One kind of file of a preset: which column words fill which field.

    `role` is flat (document and line on one row), orders, lines, payments, people (looked up by orders), customers or
    events.
    """

    role: str
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)

    def match(self, headers: Iterable[str]) -> "Match":
        """Find each field's column among the headers; required ones not found are `missing`."""
        found = {normalise_header(header): header for header in reversed(list(headers))}
        used: dict[str, str] = {}
        for name, words in self.columns.items():
            column = next((found[word] for word in map(normalise_header, words) if word in found), None)
            if column is not None:
                used[name] = column
        known = used.keys() | self.constants.keys()
        return Match(sheet=self, columns=used, missing=tuple(name for name in self.required if name not in known))


@dataclass(frozen=True, kw_only=True)
class Match:
    """How one file fits a sheet: field → column of the file, and the required fields not found."""

    sheet: Sheet
    columns: Mapping[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How documents of a preset are understood.

    A document whose number matches `refund_number` is a refund, `adjustment_number` an adjustment outside net sales.
    `paid` is "always" (an invoice is paid when written) or "by-state". `namespace` is whose customer numbers these
    are; they identify inside one store unless `global_customers`. `customer_kind` says which words they are: numbers
    of the platform's own, or "openid" where the platform is WeChat and people can be written to by them.
    """

    refund_number: str = ""
    adjustment_number: str = ""
    paid: str = "by-state"
    negative_quantity: bool = False
    namespace: str = ""
    global_customers: bool = False
    customer_kind: str = "external_id"
    customer_strength: str = "strong"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A named way to read the files of one platform; `names` are a file's own words for events, with what they mean."""

    name: str
    subject: str
    titles: Mapping[str, str]
    store: Mapping[str, str]
    sheets: tuple[Sheet, ...]
    rules: Rules = field(default_factory=Rules)
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def best(self, headers: Iterable[str]) -> Match:
        """Match the headers with the sheet that fits best: fewest missing, then most found."""
        headers = list(headers)
        return min((sheet.match(headers) for sheet in self.sheets), key=lambda m: (len(m.missing), -len(m.columns)))


_presets: dict[str, Preset] = {}


def register(path: Path) -> None:
    """Read a preset file and make it known by its name."""
    preset = from_toml(tomllib.loads(path.read_text(encoding="utf-8")))
    _presets[preset.name] = preset


def known(subject: str = "orders") -> list[Preset]:
    """List the presets of a subject by name."""
    return sorted((preset for preset in _presets.values() if preset.subject == subject), key=lambda p: p.name)


def named(name: str) -> Preset:
    """Find a preset; an unknown name lists the known ones."""
    if name not in _presets:
        said = {"name": name, "known": ", ".join(sorted(_presets))}
        raise BadMapping(_("There is no preset “%(name)s”. Choose one of: %(known)s.") % said)
    return _presets[name]


def detect(headers: Iterable[str], subject: str = "orders") -> tuple[Preset, Match] | None:
    """Find the preset whose required columns are all there and which uses most columns; None where none fits."""
    headers = list(headers)
    fits = [(preset, preset.best(headers)) for preset in known(subject) if preset.name != "generic"]
    whole = [(preset, match) for preset, match in fits if not match.missing]
    return max(whole, key=lambda fit: len(fit[1].columns), default=None)


def from_toml(data: Mapping[str, Any]) -> Preset:
    """Build a preset from its parsed file."""
    return Preset(
        name=data["name"],
        subject=data.get("subject", "orders"),
        titles=data["titles"],
        store=data.get("store", {}),
        sheets=tuple(_sheet(sheet) for sheet in data["files"]),
        rules=Rules(**data.get("rules", {})),
        states=data.get("states", {}),
        names=data.get("names", {}),
    )


def _sheet(data: Mapping[str, Any]) -> Sheet:
    return Sheet(
        role=data["role"],
        columns={name: tuple(words) for name, words in data["columns"].items()},
        constants=data.get("constants", {}),
        required=tuple(data.get("required", ())),
        layout=_layout(data.get("file", {})),
    )


def _layout(data: Mapping[str, Any]) -> Layout:
    unknown = sorted(data.keys() - Layout.__dataclass_fields__.keys())
    if unknown:
        raise BadMapping(f"[file] knows no {unknown[0]!r}; it may say {', '.join(Layout.__dataclass_fields__)}.")
    columns = data.get("columns")
    return Layout(**{**data, "columns": tuple(columns) if columns else None})


def from_mapping(data: Mapping[str, Any], *, subject: str = "orders", name: str = "generic") -> Preset:
    """Build a preset from a MAP.toml: `field = "column"` or `field = { value = "…" }`, and a table `[file]`.

    Of events a table `[names]` gives the file's words for what happened, `[properties]` columns of what else it says.
    A mapping of the key `preset` is that preset, writing to another `[store]`.
    """
    if "preset" in data:
        return replace(named(data["preset"]), store=data.get("store", {}))
    fields = own.fields_for(subject)
    pairs = _pairs(data, subject)
    unknown = sorted(name for name in pairs.keys() - fields.keys() if not name.startswith((own.PREFIX, own.PROPERTY)))
    if unknown:
        raise _unknown(unknown[0], subject)
    constants = {key: str(value["value"]) for key, value in pairs.items() if isinstance(value, Mapping)}
    columns = {key: (str(value),) for key, value in pairs.items() if not isinstance(value, Mapping)}
    if _is_code(pairs.get("currency")):
        constants["currency"] = columns.pop("currency")[0]
    if columns.get("order_number") == ("row",):
        constants["order_number"] = columns.pop("order_number")[0]
    return Preset(
        name=data.get("title", name) if subject == "events" else data.get("name", name),
        subject=subject,
        titles={"en": "Own mapping", "zh": "自定义映射"},
        store=data.get("store", {}),
        sheets=(_mapped_sheet(data, subject, columns, constants),),
        rules=Rules(**{"paid": _default_paid(pairs), **data.get("rules", {})}),
        states=data.get("states", {}),
        names=_names(data),
    )


def _pairs(data: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """Give what a mapping says field by field; further properties of events are fields of a name of their own."""
    tables = {"file", "store", "rules", "states"}
    if subject != "events":
        return {key: value for key, value in data.items() if key not in {*tables, "name"}}
    told = {key: value for key, value in data.items() if key not in {*tables, "names", "properties", "title"}}
    return {**told, **{f"{own.PROPERTY}{name}": column for name, column in data.get("properties", {}).items()}}


def _names(data: Mapping[str, Any]) -> dict[str, str]:
    names = data.get("names", {})
    if not isinstance(names, Mapping) or not all(isinstance(each, str) and each for each in names.values()):
        raise BadMapping(_('[names] gives each word of the file a name, such as: pv = "Product Viewed".'))
    return dict(names)


def _mapped_sheet(
    data: Mapping[str, Any], subject: str, columns: Mapping[str, tuple[str, ...]], constants: Mapping[str, str]
) -> Sheet:
    """Build the one sheet of a mapping; every column it names has to be there."""
    needed = NEEDED.get(subject, set())
    for name in sorted(needed - columns.keys() - constants.keys()):
        raise BadMapping(
            _('The mapping says nothing of %(name)s; add: %(name)s = "the column\'s name".') % {"name": name}
        )
    named_fields = columns.keys() | constants.keys()
    if subject == "events" and not named_fields & WHO:
        raise BadMapping(_("The mapping says nothing of who it was; add profile_external_id or device_id."))
    role = subject if subject != "orders" else "flat" if named_fields & LINE_FIELDS else "orders"
    return Sheet(
        role=role,
        columns=columns,
        constants=constants,
        required=tuple(columns),
        layout=_layout(data.get("file", {})),
    )


def _is_code(value: object) -> bool:
    """Whether a bare word under `currency` is an ISO code and so a constant, not a column."""
    return isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()


def _default_paid(pairs: Mapping[str, Any]) -> str:
    """A file that tells neither state nor payment time holds orders that are paid."""
    return "by-state" if {"paid_at", "status"} & pairs.keys() else "always"


def load_mapping(path: Path, *, subject: str = "orders") -> Preset:
    """Read a MAP.toml; what is wrong in it is said with its line."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadMapping(f"There is no mapping file {path.name}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path.name} is not TOML: {error}.") from error
    unknown = sorted(name for name in told if name.startswith(own.PREFIX) and name not in own.fields_for(subject))
    if unknown:  # one kept from before may name a field that was retired; one written today may not
        raise _unknown(unknown[0], subject)
    return from_mapping(told, subject=subject)


def _unknown(name: str, subject: str) -> BadMapping:
    said = {"name": name, "known": ", ".join(sorted(own.fields_for(subject)))}
    return BadMapping(_("The mapping names the field “%(name)s”; fields are %(known)s.") % said)


def label_of(name: str, subject: str) -> str:
    """Name a field as people do."""
    return str(own.field_of(name, subject).label)
