"""How fast people are told apart: the partition beside a bare pass of SciPy, a whole book resolved, and one sighting.

Run with `python -m benchmarks.identity [profiles] [identifiers]`; GUANXI_HOME or GUANXI_DATABASE_URL names an empty
book, which is filled with profiles that nobody resolved. The reference of the partition is a bare pass of connected
components over the same pairs, both from Arrow in memory to Arrow in memory, in the same run. Prints
`name value unit ratio-to-what ratio` lines.
"""

import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.settings")
os.environ.setdefault("GUANXI_HOME", tempfile.mkdtemp(prefix="guanxi-bench-"))

import django

django.setup()

import numpy as np
import pyarrow as pa
from benchmarks._rows import say
from django.db import connections, transaction
from django.utils import timezone
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from guanxi.core import book, bulk
from guanxi.customers.models import Identifier, SourceProfile
from guanxi.identity.batch import resolve_all
from guanxi.identity.partition import Evidence, partition
from guanxi.identity.resolution import Identification, Sighting, resolve
from guanxi.identity.rules import Rules, in_force
from guanxi.warehouse.models import ARRIVED

ROUNDS = int(os.environ.get("GUANXI_BENCH_ROUNDS", "5"))
ONLINE = int(os.environ.get("GUANXI_BENCH_SIGHTINGS", "1500"))
WRITERS, BOOK_SECONDS, ONLINE_MS, STEP_MS = 2, 60, 20, 20
AT_ONCE = 20_000


def made(profiles: int, identifiers: int) -> Evidence:
    """Make people of one to five profiles each, that know each other by a phone, an e-mail or a card.

    Every profile has the phone of its person or none, and e-mails or cards of theirs; one phone in two hundred is
    somebody else's too.
    """
    draw = np.random.default_rng(7)
    person = np.sort(draw.integers(0, profiles * 2 // 5, profiles))
    every = np.arange(1, profiles + 1)
    more = max(identifiers - 2 * profiles, 0)
    extra = draw.integers(0, profiles, more)
    phone = np.where(draw.random(profiles) < 0.005, draw.integers(0, profiles * 2 // 5, profiles), person)
    owner = np.concatenate([every, every, extra + 1])
    number = np.concatenate(
        [phone, person * 2 + draw.integers(0, 2, profiles), person[extra] * 3 + draw.integers(0, 3, more)]
    )
    kind = np.repeat([0, 1, 2], [profiles, profiles, more])
    rows = np.unique(np.stack([owner, kind, number], axis=1), axis=0).tolist()
    names = ("phone", "email", "member_card")
    digests = [Identifier.digest_of(names[k], told(names[k], n)) for _, k, n in rows]
    table = {"profile": [row[0] for row in rows], "kind": [names[row[1]] for row in rows], "digest": digests}
    return Evidence(profiles=pa.array(every), identifiers=pa.table(table))


def told(kind: str, number: int) -> str:
    """Spell an identifier."""
    return f"+86137{number % 100_000_000:08d}" if kind == "phone" else f"{number}@example.com"


def bare(evidence: Evidence) -> pa.Table:
    """Find connected components of profiles and identifiers with SciPy alone."""
    profiles = len(evidence.profiles)
    digests = evidence.identifiers["digest"].combine_chunks().dictionary_encode()
    left = np.asarray(evidence.identifiers["profile"]) - 1
    right = np.asarray(digests.indices) + profiles
    size = profiles + len(digests.dictionary)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    return pa.table({"profile": evidence.profiles, "component": labels[:profiles]})


def compare_passes(evidence: Evidence) -> None:
    """Time both passes in turn, and say the medians."""
    took: dict[str, list[float]] = {"bare": [], "ours": []}
    joining = Rules().joining
    for _ in range(ROUNDS):
        for name, step in (("bare", lambda: bare(evidence)), ("ours", lambda: partition(evidence, joining))):
            since = time.perf_counter()
            step()
            took[name].append(time.perf_counter() - since)
    reference, ours = (statistics.median(took[name]) for name in ("bare", "ours"))
    print(f"partition_bare {reference:.2f} s itself 1.0")
    print(f"partition {ours:.2f} s bare_components {ours / reference:.2f}", flush=True)


def load(evidence: Evidence) -> None:
    """Put the profiles and their identifiers into the book, without customers."""
    at = timezone.now()
    ids = evidence.profiles.to_pylist()
    for start in range(0, len(ids), AT_ONCE):
        rows = [(pk, "bench", "tea", f"k{pk}", f"Buyer {pk}", at, ARRIVED) for pk in ids[start : start + AT_ONCE]]
        with transaction.atomic():
            bulk.insert(SourceProfile, ["id", "source", "store", "key", "name", "first_seen_at", "lake_batch"], rows)
    columns = ["profile_id", "namespace", "scope", "kind", "value", "digest", "strength"]
    for batch in evidence.identifiers.to_batches(AT_ONCE):
        owners, kinds, digests = (column.to_pylist() for column in batch.columns)
        rows = [
            (owner, "", "", kind, "", digest, "strong")
            for owner, kind, digest in zip(owners, kinds, digests, strict=True)
        ]
        with transaction.atomic():
            bulk.insert(Identifier, columns, rows)
    say("a book that nobody resolved")


def resolve_book() -> None:
    """Resolve the whole book, and say how long that took and its longest step."""
    since = last = time.perf_counter()
    steps: list[float] = []

    def progress(_done: int, _total: int) -> None:
        nonlocal last
        steps.append(time.perf_counter() - last)
        last = time.perf_counter()

    facts = resolve_all(progress)
    seconds = time.perf_counter() - since
    say(str(facts))
    print(f"book_resolved {seconds:.1f} s promised_{BOOK_SECONDS}_s {seconds / BOOK_SECONDS:.2f}")
    step = 1000 * float(np.quantile(steps[1:] or [0], 0.99))
    print(f"book_step_p99 {step:.1f} ms promised_{STEP_MS}_ms {step / STEP_MS:.2f}", flush=True)


def meet(nth: int, profiles: int, waits: Any) -> None:
    """Meet people one by one as one of several writers: known, new, joining somebody, and one in 200 makes two one."""
    connections.close_all()
    draw, took = random.Random(nth), []
    in_force()
    for n in range(ONLINE):
        key = draw.randrange(1, profiles)
        phones = {
            "known": [],
            "new": [profiles * 2 + nth * ONLINE + n],
            "joins": [key * 2 // 5],
            "merges": [key * 2 // 5],
        }
        what = draw.choices(list(phones), [500, 250, 245, 5])[0]
        marks = [Identification(kind="phone", value=told("phone", number)) for number in phones[what]]
        if what == "merges":
            marks.append(Identification(kind="email", value=told("email", draw.randrange(profiles * 4 // 5))))
        name = f"k{key}" if what == "known" else f"w{nth}-{n}"
        sighting = Sighting(source="bench", store="tea", key=name, seen_at=timezone.now(), identifications=tuple(marks))
        since = time.perf_counter()
        resolve([sighting])
        took.append((what, time.perf_counter() - since))
    waits.put(took)
    connections.close_all()


def meet_online(profiles: int) -> None:
    """Have writers meet people at once, and say how long one sighting takes."""
    context = multiprocessing.get_context("fork")
    waits = context.Queue()
    connections.close_all()
    writers = [context.Process(target=meet, args=(nth, profiles, waits)) for nth in range(WRITERS)]
    for writer in writers:
        writer.start()
    took = [wait for _ in writers for wait in waits.get()]
    for writer in writers:
        writer.join()
    merged = statistics.median([1000 * wait for what, wait in took if what == "merges"])
    middle, slow = (1000 * float(np.quantile([wait for _, wait in took], part)) for part in (0.5, 0.99))
    print(f"resolve_merging_median {merged:.2f} ms resolve_median {merged / middle:.1f}")
    print(f"resolve_median {middle:.2f} ms promised_{ONLINE_MS}_ms {middle / ONLINE_MS:.2f}")
    print(f"resolve_p99 {slow:.2f} ms promised_{ONLINE_MS}_ms {slow / ONLINE_MS:.2f}", flush=True)


def main(profiles: int = 1_000_000, identifiers: int = 2_500_000) -> None:
    """Measure all of it."""
    book.prepare()
    evidence = made(profiles, identifiers)
    say(f"{len(evidence.profiles):,} profiles with {evidence.identifiers.num_rows:,} identifiers")
    compare_passes(evidence)
    load(evidence)
    resolve_book()
    meet_online(profiles)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
