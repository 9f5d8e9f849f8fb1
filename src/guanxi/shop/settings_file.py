"""All settings as one file: given by one installation, compared and taken by another, as a whole or not at all.

Never in it: people, keys, pass phrases, and what is told of customers and orders. What a file does not name stays.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from guanxi import __version__
from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import BadInput, GuanxiError
from guanxi.pages.portable import Part, Record, Text, parts

KIND, VERSION = "guanxi settings", 1
MOST_BYTES = 1024 * 1024
MOST_RECORDS = 20_000
SHOWN = 80
Records = dict[str, dict[str, Record]]  # by the name of the part, then by the key of the record


class BadSettings(BadInput):
    """The file is no settings file, or says what cannot be; nothing was changed."""


@dataclass(frozen=True)
class Change:
    """One field before and after."""

    title: Text
    was: str
    now: str


@dataclass(frozen=True)
class Difference:
    """A record of the file that is not so here."""

    part: Part
    record: Record
    was: Record | None

    @property
    def label(self) -> str:
        """Name what is different."""
        return str((self.part.label or self.part.key)(self.record))

    @property
    def changes(self) -> list[Change]:
        """Say what is different; of what is new, what it is."""
        was = self.was.model_dump() if self.was else {}
        titles, told = self.part.fields, self.record.model_dump()
        worth = {name: now for name, now in told.items() if was.get(name) != now and (self.was or now)}
        return [Change(titles.get(name, name), spelled(was.get(name)), spelled(now)) for name, now in worth.items()]


def spelled(value: Any) -> str:
    """Write a value of a file for people, as far as it fits."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def now() -> Records:
    """Read the settings as they are."""
    return {part.name: {part.key(each): each for each in part.give()} for part in parts()}


def written() -> bytes:
    """Write the settings as a file; the same settings give the same file."""
    told = {name: [each.model_dump(mode="json") for each in records.values()] for name, records in now().items()}
    file = {"kind": KIND, "version": VERSION, "guanxi": __version__, "settings": told}
    return (json.dumps(file, ensure_ascii=False, indent=2) + "\n").encode()


def stand() -> str:
    """Tell these settings from others."""
    return sha256(written()).hexdigest()[:20]


def read(data: bytes) -> Records:
    """Read a file; BadSettings, saying where and what would do, where it is not one that can be taken."""
    if len(data) > MOST_BYTES:
        raise BadSettings(_("The file is larger than 1 MB. Settings are smaller; choose the file that was exported."))
    told = _opened(data)
    known = {part.name: part for part in parts()}
    strange = sorted(set(told) - set(known))
    if strange:
        raise BadSettings(_("“%(part)s” is no part of the settings here. Update Guanxi first.") % {"part": strange[0]})
    return {name: _records(part, told[name]) for name, part in known.items() if name in told}


def _opened(data: bytes) -> dict[str, Any]:
    """Unwrap the parts of a file."""
    try:
        file = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once_each, parse_constant=_no_number)
        json.dumps(file, ensure_ascii=False).encode()  # half a letter is found here
    except (ValueError, RecursionError) as error:
        raise BadSettings(_("This is no whole JSON file. Choose the file as it was exported.")) from error
    if not isinstance(file, dict) or file.get("kind") != KIND:
        raise BadSettings(_("This is no file of settings. Export one under Settings, Settings file."))
    version, told = file.get("version"), file.get("settings")
    if type(version) is int and version > VERSION:
        raise BadSettings(_("The file was written by a newer Guanxi. Update this one first."))
    if version != VERSION or type(version) is not int:
        raise BadSettings(_("The file is of a version nobody knows. Choose the file as it was exported."))
    if not isinstance(told, dict) or set(file) != {"kind", "version", "guanxi", "settings"}:
        raise BadSettings(_("The file holds no settings, or more than settings. Choose the file as it was exported."))
    return told


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _records(part: Part, told: Any) -> dict[str, Record]:
    if not isinstance(told, list) or len(told) > MOST_RECORDS:
        raise _odd(part.name)
    found: dict[str, Record] = {}
    for nth, each in enumerate(told, 1):
        record = _record(part, each, f"{part.name} {nth}")
        key = part.key(record)
        if key in found:
            said = _("“%(place)s” is in the file twice. Choose the file as it was exported.")
            raise BadSettings(said % {"place": f"{part.name} {key}"})
        found[key] = record
    return found


def _record(part: Part, told: Any, place: str) -> Record:
    try:
        record = part.record.model_validate_json(json.dumps(told))
    except ValidationError as error:
        raise _odd(" ".join([place, *map(str, error.errors(include_url=False)[0]["loc"])])) from None
    try:
        if not all(_printable(each) for each in _texts(told)):
            raise BadSettings(_("There are signs in it that cannot be shown. Type it anew."))
        part.check(record)
    except ValueError:
        raise _odd(place) from None
    except GuanxiError as error:
        raise BadSettings(_("“%(what)s” cannot be taken: %(why)s") % {"what": place, "why": error}) from error
    return record


def _odd(place: str) -> BadSettings:
    said = _("“%(place)s” is not what it should be. Choose the file as it was exported.")
    return BadSettings(said % {"place": place[:200]})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _printable(text: str) -> bool:
    return all(each.isprintable() or each in "\n\t" for each in text)


def differences(wanted: Records) -> list[Difference]:
    """List what the file says otherwise than it is here, in the order in which it is taken."""
    here = now()
    return [
        Difference(part, record, here[part.name].get(key))
        for part in parts()
        for key, record in wanted.get(part.name, {}).items()
        if here[part.name].get(key) != record
    ]


def take(wanted: Records, *, by: Staff | None) -> list[Difference]:
    """Have all settings be as the file says, or none; says what was different. BadSettings where one cannot be."""
    return _take(wanted, by, tried=False)


def tried(wanted: Records, *, by: Staff | None) -> list[Difference]:
    """Say what would be different, having proven that it can be taken; nothing is changed."""
    return _take(wanted, by, tried=True)


@transaction.atomic
def _take(wanted: Records, by: Staff | None, *, tried: bool) -> list[Difference]:
    found = differences(wanted)
    if found:  # before what is beside the book, which nothing takes back
        changes = {each.part.name: (None, sum(other.part == each.part for other in found)) for each in found}
        AuditEntry.write("settings.imported", by=by, on="settings:file", changes=changes)
    for each in found:
        if tried and each.part.is_beside_the_book:
            continue
        try:
            each.part.take(each.record, by)
        except GuanxiError as error:
            said = _("“%(what)s” cannot be taken: %(why)s")
            raise BadSettings(said % {"what": each.label, "why": error}) from error
    transaction.set_rollback(tried)
    return found


def note_export(by: Staff | None) -> None:
    """Write into the trail that the settings left as a file."""
    AuditEntry.write("settings.exported", by=by, on="settings:file")
