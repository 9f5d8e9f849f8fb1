"""Where traces come from: contexts above identity say which parcels went where, and identity keeps what cannot be read.

A context registers its source in `AppConfig.ready()` and notes what it wrote by `Untraced.objects.arrive`.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Parcel(NamedTuple):
    """One parcel that a profile had sent: to which address and phone, as they were written; never kept."""

    profile: int
    at: dt.datetime
    address: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One context's rows: `owners` gives the profiles of those between two keys, `parcels` all parcels of profiles."""

    name: str
    owners: Callable[[int, int], Collection[int]]
    parcels: Callable[[Collection[int]], Iterable[Parcel]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Offer a source; the same name again replaces it."""
    _sources[source.name] = source


def source(name: str) -> Source | None:
    """Find a source; None of one that is not installed any more."""
    return _sources.get(name)


def sources() -> list[Source]:
    """List them."""
    return list(_sources.values())
