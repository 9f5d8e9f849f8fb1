"""What one profile that joined somebody says of the person: kept with the profile, whoever it is with."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from guanxi.customers.models import SourceProfile
from guanxi.identity.sightings import Sighting

SAID = ("gender", "birthday", "province", "city", "country")  # beside the name, which every profile has


def kept(sighting: Sighting, import_id: int | None) -> str | None:
    """Write what a sighting says as JSON text for `SourceProfile.told`; None where that is nothing."""
    told = {name: written(value) for name in SAID if (value := getattr(sighting, name))}
    if import_id is not None:
        told["import_id"] = import_id
    return json.dumps(told) if told else None


def told_with(told: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give `told` as it is after some changes; empty values say nothing.

    >>> told_with({"city": "Hangzhou", "import_id": 1}, {"city": "", "birthday": date(1990, 5, 1)})
    {'import_id': 1, 'birthday': '1990-05-01'}
    """
    after = {**(told or {}), **{name: written(value) for name, value in changes.items() if name != "name"}}
    return {name: value for name, value in after.items() if value} or None


def says(profile: SourceProfile) -> dict[str, Any]:
    """Give what a joiner says, as the attributes that a customer's own row would have."""
    told = profile.told or {}
    born = told.get("birthday")
    return {
        "name": profile.name,
        **{name: told.get(name, "") for name in SAID},
        "birthday": date.fromisoformat(born) if born else None,
        "first_source": profile.source,
        "created_at": profile.first_seen_at,
        "import_id": told.get("import_id"),
    }


def said_at(profile: SourceProfile) -> datetime:
    """Tell when a profile said last what it says, by its source's word: when it was first seen, if no more came."""
    later = (profile.told or {}).get("said_at")
    return datetime.fromisoformat(later) if later else profile.first_seen_at


def founding(profile: SourceProfile) -> dict[str, Any] | None:
    """Give what stays in `told` of a joiner who founds a customer, whose row says the rest."""
    return told_with(None, {"said_at": (profile.told or {}).get("said_at")})


def written(value: Any) -> Any:
    """Write a value as JSON takes it: a day as ISO text."""
    return value.isoformat() if isinstance(value, date) else value
