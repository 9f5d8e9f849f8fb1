"""The people in a file: who is a buyer, by which words they can be recognised, and who is a guest.

A buyer's own number, phone or e-mail makes a person; a recipient's phone never does. Masked values are no identifiers,
virtual numbers are weak.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from guanxi.identity.cleaning.emails import judge_email
from guanxi.identity.cleaning.phones import judge_phone
from guanxi.identity.cleaning.reading import Reason
from guanxi.identity.normal import read_email, read_phone
from guanxi.identity.resolution import Identification, Person, Sighting
from guanxi.ingest.presets import Rules
from guanxi.privacy.models import Stone

NOBODY = r"(?i)^(0+|-1|null|none|nan|n/?a|anonymous|guest|unknown|-+|散客|匿名.*)$"
GENDERS = {"f": "female", "female": "female", "女": "female", "m": "male", "male": "male", "男": "male"}
JUDGES = {"phone": judge_phone, "email": judge_email}
WHO = ("customer_external_id", "phone", "email")
REGIONS = {"CNY": "CN", "GBP": "GB", "USD": "US", "BRL": "BR", "JPY": "JP", "EUR": "DE", "HKD": "HK", "TWD": "TW"}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose customers these are: the source and store that saw them, and how its numbers identify."""

    source: str
    store: str
    currency: str
    rules: Rules

    @property
    def namespace(self) -> str:
        """Whose customer numbers the file gives."""
        return self.rules.namespace or self.source


def with_known_numbers(orders: pl.DataFrame) -> pl.DataFrame:
    """Blank the numbers that stand for nobody, and fold the `.0` a spreadsheet put behind a number."""
    number = pl.col("customer_external_id").str.replace(r"^(\d+)\.0$", "$1")
    return orders.with_columns(customer_external_id=pl.when(~number.str.contains(NOBODY)).then(number))


def sightings(orders: pl.DataFrame, origin: Origin) -> tuple[dict[tuple[Any, ...], str], list[Sighting]]:
    """Find the distinct people of some documents.

    Returns a map from (number, phone, e-mail) as the file gives them to the profile's key, without guests, and one
    sighting a profile.
    """
    told = orders.filter(pl.any_horizontal(pl.col(WHO).is_not_null())).unique(WHO, keep="first", maintain_order=True)
    keys: dict[tuple[Any, ...], str] = {}
    seen: dict[str, Sighting] = {}
    for row in told.iter_rows(named=True):
        identifications = tuple(identify(row, origin))
        key = row["customer_external_id"] or next((i.digest for i in identifications if i.strength == "strong"), None)
        if key:
            keys[tuple(row[name] for name in WHO)] = key
            seen.setdefault(key, _sighting(key, row, identifications, origin))
    return keys, list(seen.values())


def let_in(seen: Sequence[Sighting]) -> list[Sighting]:
    """Leave out whoever was erased: what a file says of them founds nobody, and an order of theirs is a guest's."""
    if not Stone.objects.in_force().exists():
        return list(seen)
    digests = {each.key: [i.digest for i in each.identifications] for each in seen}
    stones = Stone.objects.met(digest for some in digests.values() for digest in some)
    return [each for each in seen if stones.isdisjoint(digests[each.key])]


def with_people(
    orders: pl.DataFrame, keys: Mapping[tuple[Any, ...], str], people: Mapping[str, Person]
) -> pl.DataFrame:
    """Add `profile_id` and `customer_id` to documents; both are empty for guests."""
    found = [(*told, people[key].profile_id, people[key].customer_id) for told, key in keys.items() if key in people]
    schema = {**dict.fromkeys(WHO, pl.String), "profile_id": pl.Int64, "customer_id": pl.Int64}
    owners = pl.DataFrame(found, schema=schema, orient="row")
    return orders.join(owners, on=WHO, how="left", nulls_equal=True, maintain_order="left")


def _sighting(
    key: str, row: Mapping[str, Any], identifications: tuple[Identification, ...], origin: Origin
) -> Sighting:
    seen_at: datetime = row.get("first_seen_at") or row["placed_at"]
    return Sighting(
        source=origin.source,
        store=origin.store,
        key=key,
        seen_at=seen_at,
        identifications=identifications,
        name=row["customer_name"] or "",
        province=row["province"] or "",
        city=row["city"] or "",
        country=row["country"] or "",
        unread=unread(row, identifications),
    )


def unread(row: Mapping[str, Any], known: Iterable[Identification]) -> tuple[tuple[str, str], ...]:
    """Name what a row gives as phone or e-mail and is none, each with the reason; what is masked is nobody's fault."""
    kinds = {each.kind for each in known}
    told = {kind: judge(row[kind]) for kind, judge in JUDGES.items() if row[kind] and kind not in kinds}
    return tuple((kind, each.reason.value) for kind, each in told.items() if each.reason not in {None, Reason.MASKED})


def identify(row: Mapping[str, Any], origin: Origin) -> Iterator[Identification]:
    """Yield the identifiers a row gives of its buyer."""
    if row["phone"] and (phone := read_phone(row["phone"], REGIONS.get(origin.currency, "CN"))):
        value, strength = phone
        yield Identification(kind="phone", value=value, strength=strength)
    if row["email"] and (address := read_email(row["email"])):
        yield Identification(kind="email", value=address)
    if row["customer_external_id"]:
        yield Identification(
            kind=origin.rules.customer_kind,
            value=row["customer_external_id"],
            namespace=origin.namespace,
            scope="" if origin.rules.global_customers else origin.store,
            strength=origin.rules.customer_strength,
        )
    if row.get("member_card"):
        yield Identification(kind="member_card", value=row["member_card"])
