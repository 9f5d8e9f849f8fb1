"""The chain of the audit trail: each entry bound to all before it, so that none can be changed or removed unseen.

Who writes an entry does not wait for the chain: one sealer links new entries in batches, some seconds later. Where the
chain ends is written beside the book too, so that cutting off its end is seen.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry
from guanxi.core import bulk
from guanxi.core.errors import Failed
from guanxi.guard.sealing import chainer

AT_ONCE = 200
READ_AT_ONCE = 5_000
FIELDS = ("id", "at", "by_id", "kind", "act", "subject", "why", "changes", "person", "sealed", "address")
Row = tuple[Any, ...]


class ChainBroken(Failed):
    """An entry of the audit trail was changed, removed or slipped in."""


@dataclass(frozen=True)
class Checked:
    """What a check of the chain found whole."""

    entries: int
    waiting: int
    seconds: float


def seal_new() -> int:
    """Link what is not linked yet, and say how many entries that were."""
    sealed = 0
    while some := _seal_some():
        sealed += some
    return sealed


@transaction.atomic
def _seal_some() -> int:
    """Link a few entries in a transaction too short to be felt; whoever seals at the same time waits."""
    linked = AuditEntry.objects.filter(place__isnull=False)
    last = linked.select_for_update().order_by("-place").values_list("place", "mac").first()
    place, mac = (int(last[0] or 0), bytes(last[1] or b"")) if last else (0, b"")
    links, chained = [], chainer()
    for row in AuditEntry.objects.filter(place=None).order_by("pk").values_list(*FIELDS)[:AT_ONCE]:
        place, mac = place + 1, chained(mac, _text(place + 1, row))
        links.append((place, mac, row[0]))
    if links:
        bulk.update(AuditEntry, ("place", "mac"), links)
        transaction.on_commit(lambda: _remember(place, mac))
    return len(links)


def verify() -> Checked:
    """Follow the whole chain; raises ChainBroken at the first entry that is not what was sealed."""
    began, place, mac = perf_counter(), 0, b""
    end, chained = _remembered(), chainer()
    for row in _links():
        place += 1
        _check_place(place, row)
        mac = chained(mac, _text(place, row[2:]))
        if mac != bytes(row[1]):
            raise ChainBroken(_("Entry %(id)s of the audit trail was changed after it was sealed.") % {"id": row[2]})
        if place == end.get("place") and mac.hex() != end["mac"]:
            raise ChainBroken(_("The audit trail was sealed anew up to entry %(id)s.") % {"id": row[2]})
    if place < end.get("place", 0):
        told = {"first": place + 1, "last": end["place"]}
        raise ChainBroken(_("The end of the audit trail is missing: places %(first)s to %(last)s.") % told)
    waiting = AuditEntry.objects.filter(place=None).count()
    return Checked(entries=place, waiting=waiting, seconds=round(perf_counter() - began, 3))


def _check_place(place: int, row: Row) -> None:
    if row[0] != place:
        told = {"place": place, "id": row[2]}
        raise ChainBroken(_("The entry at place %(place)s of the audit trail is missing; %(id)s follows.") % told)


def _links() -> Iterator[Row]:
    """Read the chain from its beginning, some thousand links at a time."""
    after = 0
    while some := _links_after(after):
        yield from some
        after = some[-1][0]


def _links_after(place: int) -> Sequence[Row]:
    linked = AuditEntry.objects.filter(place__gt=place).order_by("place")
    return list(linked.values_list("place", "mac", *FIELDS)[:READ_AT_ONCE])


def _text(place: int, row: Row) -> bytes:
    """Write an entry as the chain covers it: every field, in their order, at its place; what is sealed stays sealed."""
    key, at, *rest, sealed, address = row
    return json.dumps([place, key, at.isoformat(), *rest, sealed and bytes(sealed).hex(), address]).encode()


def _end() -> Path:
    return Path(settings.HOME) / "audit.end"


def _remember(place: int, mac: bytes) -> None:
    """Write down where the chain ends, whole or not at all."""
    draft = _end().with_name(f"audit.end.{os.getpid()}")
    draft.write_text(json.dumps({"place": place, "mac": mac.hex()}))
    draft.replace(_end())


def _remembered() -> dict[str, Any]:
    with contextlib.suppress(FileNotFoundError, ValueError):
        told: dict[str, Any] = json.loads(_end().read_text())
        return told
    return {}
