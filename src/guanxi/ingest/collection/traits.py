"""What calls say of people who are in the book already: what is said later counts, in whatever order it comes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from guanxi.identity.resolution import Person, Sighting
from guanxi.identity.telling import ATTRIBUTES
from guanxi.ingest import words
from guanxi.ingest.models import TraitsTold

STREAM = -1  # stands for an import where the stream wrote an attribute; what staff wrote has none
When = Mapping[str, dt.datetime]  # by the names of attributes


def tell(people: Mapping[str, Person], seen: Mapping[str, Sighting], when: Mapping[str, When], new: set[str]) -> None:
    """Write what sightings say of people by their keys; `new` are those that were founded by saying it."""
    speaking = {key: people[key] for key, told in when.items() if told and key in people}
    if not speaking:
        return
    known = {each.profile_id: each for each in TraitsTold.objects.filter(profile__in=_profiles(speaking))}
    said: dict[Person, Sighting] = {}
    rows = []
    for key, person in speaking.items():
        row = known.get(person.profile_id) or TraitsTold(profile_id=person.profile_id)
        later = {name for name, at in when[key].items() if at.isoformat() > row.at.get(name, "")}
        row.at |= {name: when[key][name].isoformat() for name in later}
        if later:
            rows.append(row)
        if later and key not in new:
            unsaid: dict[str, Any] = {name: _nothing(name) for name in ATTRIBUTES if name not in later}
            said[person] = replace(seen[key], **unsaid)
    TraitsTold.objects.bulk_create(rows, update_conflicts=True, unique_fields=["profile"], update_fields=["at"])
    words.write(said, import_id=STREAM)


def _profiles(people: Mapping[str, Person]) -> list[int]:
    return [each.profile_id for each in people.values()]


def _nothing(name: str) -> str | None:
    return None if name == "birthday" else ""
