"""An import tried out: what it would add and change, and which rows it would leave out. Nothing is written."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from guanxi.core.errors import GuanxiError
from guanxi.core.jobs.run import Stopped
from guanxi.core.time import now
from guanxi.customers.models import Customer
from guanxi.identity.resolution import carriers, known
from guanxi.ingest import own_values
from guanxi.ingest.customers import Told, origin_of_people, told_people
from guanxi.ingest.difference import changes_of, missing_lines
from guanxi.ingest.documents import assemble
from guanxi.ingest.events import known_source, told_events, unknown
from guanxi.ingest.models import NEW_TOTAL, Import
from guanxi.ingest.people import WHO, Origin, sightings, with_known_numbers, with_people
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.run import Progress, look, origin_of, planned_store, reading_of, silent, staged_of
from guanxi.ingest.staging import each_bucket
from guanxi.ingest.standing import Document, Standing, content_of, documents_of, standing_numbers
from guanxi.ingest.words import changes_of_person, sayings
from guanxi.orders.models import Refund, Store

SHOWN = 50
AT_ONCE = 250
SHOWN_OF_REFUNDS = ("number", "rows", "row", "total_minor", "currency", "customer_name", "customer_external_id")
FIELDS = ("payment_state", "fulfilment_state", "order_state", "platform_state", "total_minor", "refunded_minor")
OwnChanges = Mapping[str, tuple[str, str]]


def dry_run(batch: Import, *, progress: Progress = silent) -> Import:
    """Read the files and compare every document with the book; the outcome is the import's report."""
    batch.set(state=Import.State.CHECKING, error="", stop_requested_at=None, started_at=now())
    try:
        _compare(batch, progress)
    except Stopped:
        batch.set(state=Import.State.DRAFT)
        raise
    except GuanxiError as error:
        batch.set(state=Import.State.FAILED, error=str(error))
        raise
    return batch


def _compare(batch: Import, progress: Progress) -> None:
    since = now()
    store = planned_store(batch)
    staged = staged_of(batch, progress)
    trial = Trial(batch)
    if batch.subject == "customers":
        trial.customers(store)
    elif batch.subject == "events":
        trial.events()
    else:
        for _number, rows in each_bucket(batch.folder, staged):
            if rows.height:
                trial.bucket(rows, store, origin_of(batch, store))
                look(batch, progress)
    trial.finish(staged.rows, since)


class Trial:
    """What a dry run finds: counts, and the first few documents of each kind."""

    def __init__(self, batch: Import) -> None:
        self.batch = batch
        self.counts: Counter[str] = Counter()
        self.shown: dict[str, list[dict[str, Any]]] = {"new": [], "changed": [], "same": []}
        self.people: set[str] = set()
        self.stray = 0

    def bucket(self, rows: pl.DataFrame, store: Store, origin: Origin) -> None:
        """Compare one bucket of documents with the book."""
        documents = assemble(rows, reading_of(self.batch, store))
        orders = with_known_numbers(documents.orders)
        keys, seen = sightings(orders, origin)
        people = known(origin.source, origin.store, [sighting.key for sighting in seen])
        first = [sighting for sighting in seen if sighting.key not in self.people]
        fresh = [sighting for sighting in first if sighting.key not in people]
        carried = carriers(i.digest for sighting in fresh for i in sighting.identifications if i.strength == "strong")
        joined = [s for s in fresh if any(i.digest in carried for i in s.identifications)]
        self.people |= {sighting.key for sighting in seen}
        self.counts.update(customers_known=len(first) - len(fresh), customers_joined=len(joined))
        self.counts["customers_new"] += len(fresh) - len(joined)
        heads = with_people(orders, keys, people)
        told = orders.select(WHO).iter_rows()
        self.counts["guests"] += sum(tuple(who) not in keys for who in told)
        self._orders(heads.filter(pl.col("kind") != "refund"), documents.lines, store)
        self._refunds(documents.orders.filter(pl.col("kind") == "refund"), store)
        self.stray += documents.stray.height

    def _orders(self, heads: pl.DataFrame, lines: pl.DataFrame, store: Store) -> None:
        there = pl.col("number").is_in(list(standing_numbers(heads.get_column("number").to_list(), store.pk)))
        new = heads.filter(~there)
        self.counts.update(
            orders_new=new.height, documents_new=new.height, rows_new=int(new.get_column("rows").sum())
        )  # fmt: skip
        for currency, minor in new.group_by("currency").agg(pl.col("total_minor").sum()).iter_rows():
            self.counts[f"{NEW_TOTAL}{currency}"] += minor
        for head in new.head(SHOWN - len(self.shown["new"])).iter_rows(named=True):
            self._show("new", head)
        documents = documents_of(heads.filter(there), lines)
        for start in range(0, len(documents), AT_ONCE):
            some = documents[start : start + AT_ONCE]
            standing = Standing.of(some, store.pk)
            told = {standing.orders[each.number]["id"]: each.own for each in some if each.own}
            own_changes = own_values.changes("orders", told) if told else {}
            for document in some:
                self._standing(document, standing, own_changes)

    def events(self) -> None:
        """Count the rows of an event file that were never taken."""
        source = known_source(self.batch)
        for _number, rows in told_events(self.batch):
            new = unknown(source, rows).height
            self.counts.update(events=rows.height, events_new=new, documents_new=new, rows_new=new)
            self.counts.update(documents_same=rows.height - new, rows_same=rows.height - new)
            self.counts["duplicates"] += rows.height - new

    def customers(self, store: Store) -> None:
        """Compare a customer file with the book."""
        origin = origin_of_people(self.batch, store)
        for _number, people in told_people(self.batch, origin):
            seen = {told.sighting.key: told for told in people}
            there = known(origin.source, origin.store, list(seen))
            book = Customer.objects.in_bulk([person.customer_id for person in there.values()])
            said = sayings(list(there.values()))
            for key, told in seen.items():
                self.people.add(key)
                if key in there:
                    self._person(told, book.get(there[key].customer_id), said[there[key]])
                else:
                    self._person(told, None, {})

    def _person(self, told: Told, there: Customer | None, said: Mapping[str, Any]) -> None:
        changes = changes_of_person(said, told.sighting) if there else {}
        own_changes = own_values.changes("customers", {there.pk: told.own})[there.pk] if there and told.own else {}
        kind = "new" if there is None else "changed" if changes or own_changes else "same"
        self.counts[f"customers_{kind}"] += 1
        head = {"row": told.row, "number": "", "customer_name": told.sighting.name, "total_minor": None, "currency": ""}
        diffs = [{"field": name, "now": str(said[name] or ""), "after": str(value)} for name, value in changes.items()]
        diffs += _diffs(own_changes)
        self._found(kind, head, rows=1, changes=diffs, document="customer")

    def _standing(self, document: Document, standing: Standing, told: Mapping[int, OwnChanges]) -> None:
        """Say what a document changes of the order that stands in the book."""
        there = standing.orders[document.number]
        had = standing.lines[there["id"]]
        new = missing_lines(had, [content_of(line) for line in document.lines])
        changes = changes_of(there, document.head, added_goods=sum(document.lines[nth][7] for nth in new))
        diffs = [{"field": name, "now": there[name], "after": changes[name]} for name in FIELDS if name in changes]
        if new:
            diffs.append({"field": "lines", "now": len(had), "after": len(had) + len(new)})
        own_changes = told.get(there["id"], {})
        diffs += _diffs(own_changes)
        kind = "changed" if changes or new or own_changes else "same"
        self._found(kind, document.head, rows=document.head["rows"], changes=diffs)

    def _refunds(self, refunds: pl.DataFrame, store: Store) -> None:
        numbers = refunds.get_column("number").to_list()
        there: set[str] = set()
        for start in range(0, len(numbers), 500):
            some = numbers[start : start + 500]
            there |= set(Refund.objects.filter(store=store.pk, number__in=some).values_list("number", flat=True))
        for refund in refunds.select(*SHOWN_OF_REFUNDS).to_dicts():
            kind = "same" if refund["number"] in there else "new"
            self.counts["refunds_new"] += kind == "new"
            self._found(kind, refund, rows=refund["rows"], document="refund")

    def _found(
        self, kind: str, order: Mapping[str, Any], *, rows: int, changes: list[dict[str, Any]] | None = None,
        document: str = "order",
    ) -> None:  # fmt: skip
        self.counts[f"{document}s_{kind}"] += document == "order"
        self.counts[f"documents_{kind}"] += 1
        self.counts[f"rows_{kind}"] += rows
        if len(self.shown[kind]) < SHOWN:
            self._show(kind, order, changes=changes, document=document)

    def _show(
        self, kind: str, order: Mapping[str, Any], *, changes: list[dict[str, Any]] | None = None,
        document: str = "order",
    ) -> None:  # fmt: skip
        self.shown[kind].append({
            "row": order["row"], "number": order["number"], "document": document,
            "customer": order["customer_name"] or "", "buyer": order.get("customer_external_id") or "",
            "total_minor": order["total_minor"],
            "currency": order["currency"], "changes": changes or [],
        })  # fmt: skip

    def finish(self, rows: int, since: dt.datetime) -> None:
        """Write the outcome down on the import."""
        rejects = Rejects.of(self.batch.folder)
        self.counts.update(rows=rows, rejected=rejects.count + self.stray, customers=len(self.people))
        self.counts["documents"] = sum(self.counts[f"documents_{kind}"] for kind in self.shown)
        seconds = (now() - since).total_seconds()
        self.batch.set(
            state=Import.State.CHECKED,
            counts=dict(self.counts),
            report={"shown": self.shown, "rejects": rejects.samples(), "dry_run_seconds": seconds},
            cursor={},
            rows_done=0,
            seconds=seconds,
        )


def _diffs(changes: OwnChanges) -> list[dict[str, Any]]:
    return [{"field": name, "now": now, "after": after} for name, (now, after) in changes.items()]
