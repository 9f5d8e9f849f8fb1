"""Import order, customer or event files: with a dry run, resume and undo.

The counts go to standard output, progress to standard error.
"""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from guanxi.core.commands import Command as Base
from guanxi.ingest.begin import begin
from guanxi.ingest.models import Import, NotResumable

EVERY = 0.5
ORDER_COUNTS = (
    "documents", "orders", "orders_new", "orders_changed", "lines", "lines_new", "refunds", "refunds_new", "customers",
    "customers_new", "guests", "duplicates",
)  # fmt: skip
EVENT_COUNTS = ("events", "events_new", "customers_new", "duplicates")
CUSTOMER_COUNTS = ("customers", "customers_new", "customers_changed", "duplicates")

COUNTS = {"orders": ORDER_COUNTS, "customers": CUSTOMER_COUNTS, "events": EVENT_COUNTS}


class Command(Base):
    def add_arguments(self, parser: CommandParser) -> None:
        orders = self.subcommand(parser, "orders", self.orders, help="import order files")
        customers = self.subcommand(parser, "customers", self.customers, help="import customer files")
        events = self.subcommand(parser, "events", self.events, help="import event files")
        for child in (orders, customers, events):
            child.add_argument("files", nargs="+", metavar="FILE", help="CSV, CSV.gz or XLSX")
            child.add_argument(
                "--preset", metavar="NAME", help="how the files are written; found by the headers if left out"
            )
            child.add_argument("--mapping", metavar="MAP.toml", help="which column is which field")
            child.add_argument("--store", metavar="S", help="the store's code; the preset's own if left out")
            child.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        for name, run, words in (
            ("resume", self.resume, "go on with an import that was stopped"),
            ("undo", self.undo, "take an import back"),
        ):
            child = self.subcommand(parser, name, run, help=words)
            child.add_argument("import_id", metavar="IMPORT_ID")

    def orders(self, **options: Any) -> dict[str, Any]:
        return self._import("orders", **options)

    def customers(self, **options: Any) -> dict[str, Any]:
        return self._import("customers", **options)

    def events(self, **options: Any) -> dict[str, Any]:
        return self._import("events", **options)

    def resume(self, *, import_id: str, **_: Any) -> dict[str, Any]:
        batch = self._found(import_id)
        if not batch.can_resume:
            raise NotResumable(f"Import {import_id} has nothing left to do.")
        return self._run(batch)

    def undo(self, *, import_id: str, **_: Any) -> dict[str, Any]:
        from guanxi.ingest.undo import undo
        from guanxi.warehouse.sync import sync

        batch = self._found(import_id)
        undone = undo(batch, progress=self._tell)
        sync()
        return {"import_id": batch.pk, **undone}

    def _found(self, word: str) -> Import:
        key = Import.key_of(word)
        batch = Import.objects.filter(pk=key).first() if key else None
        if batch is None:
            raise NotResumable(f"There is no import {word}.")
        return batch

    def _import(self, subject: str, *, files: list[str], dry_run: bool, **options: Any) -> dict[str, Any]:
        batch = begin(
            [Path(file) for file in files],
            subject=subject,
            preset=options["preset"] or "",
            mapping=Path(options["mapping"]) if options["mapping"] else None,
            store=options["store"] or "",
        )
        return self._check(batch) if dry_run else self._run(batch)

    def _check(self, batch: Import) -> dict[str, Any]:
        from guanxi.ingest.dry_run import dry_run

        dry_run(batch, progress=self._tell)
        return self._facts(batch) | {"dry_run": True}

    def _run(self, batch: Import) -> dict[str, Any]:
        from guanxi.ingest.tasks import VERBS
        from guanxi.warehouse.sync import sync

        VERBS[batch.subject](batch, progress=self._tell, wait=None)
        since = time.monotonic()
        sync()
        return self._facts(batch) | {"sync_seconds": round(time.monotonic() - since, 2)}

    def _facts(self, batch: Import) -> dict[str, Any]:
        return {
            "import_id": batch.pk,
            "rows": batch.counts.get("rows", 0),
            **{name: batch.counts.get(name, 0) for name in COUNTS[batch.subject]},
            "rejected": batch.counts.get("rejected", 0),
            "seconds": round(batch.seconds, 2),
        }

    _told = 0.0

    def _tell(self, batch: Import) -> None:
        if time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            total = f" of {batch.rows_total:,}" if batch.rows_total else ""
            rate = f", {batch.rows_done / batch.seconds:,.0f} rows/s" if batch.seconds else ""
            self.note(f"{batch.rows_done:,}{total} rows{rate}")
