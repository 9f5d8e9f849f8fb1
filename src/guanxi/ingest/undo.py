"""An import taken back, newest transaction first; what was touched since stays and is listed.

Each line of the undo log is taken back in one transaction and removed with it, so a killed undo goes on where it
stopped.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.catalog.models import Product, Variant
from guanxi.core import bulk
from guanxi.core.jobs.lease import lease
from guanxi.core.time import now
from guanxi.customers.models import (
    Customer,
    CustomerFact,
    Event,
    Score,
    SourceProfile,
)
from guanxi.identity import withdrawing
from guanxi.ingest import own_values, words
from guanxi.ingest.models import TURN, Import, ImportChange, NotUndoable, TakenCall
from guanxi.orders.models import Order, OrderLine, OrderValue, Payment, Purchases, Refund, RefundLine, Store
from guanxi.warehouse.models import CHANGED, bury, bury_unseen

KEPT_SHOWN = 200
SAID = {"customer", "profile"}  # whose saying a line of the log is about
FEW_GOODS = 20  # for so many, all lines are read sooner than they are sorted


def undo(
    batch: Import, *, progress: Callable[[Import], None] = lambda _batch: None, wait: dt.timedelta | None = None
) -> dict[str, Any]:
    """Take the import back; returns counts of what was removed and restored, and what was kept and why."""
    if not batch.can_undo:
        said = {"number": batch.pk, "state": batch.get_state_display().lower()}
        raise NotUndoable(_("Import %(number)s is %(state)s; only a written import can be undone.") % said)
    with lease(f"{TURN} {batch.store_code}", wait=wait):
        batch.set(state=Import.State.UNDOING, rows_done=0, rows_total=batch.changes.count())
        undoing = _Undoing(batch)
        with _lines_by_good(batch):
            while change := batch.changes.order_by("-id").first():
                undoing.step(change)
                progress(batch)
        outcome = undoing.outcome
        with transaction.atomic():
            batch.set(state=Import.State.UNDONE, finished_at=now(), report=batch.report | {"undo": outcome})
            batch.audit("undone")
    return outcome


@contextmanager
def _lines_by_good(batch: Import) -> Iterator[None]:
    """Index the lines of orders by good while many goods go.

    The database looks for lines of each good that is deleted, and reads all lines where nothing leads to them. An
    index for good would cost every import a third of its speed. A killed undo leaves it to the next one to drop.
    """
    goods = sum(
        b - a + 1 for created in batch.changes.values_list("created", flat=True) for a, b in created.get("variants", [])
    )
    with connection.cursor() as cursor:
        if goods > FEW_GOODS:
            cursor.execute("create index if not exists order_line_of_variant on orders_orderline (variant_id)")
        yield
        cursor.execute("drop index if exists order_line_of_variant")


class _Undoing:
    """One undo at work: what it removed, restored and kept, remembered on the import from step to step."""

    def __init__(self, batch: Import) -> None:
        self.batch = batch
        before = batch.report.get("undo", {})
        self.removed = Counter(before.get("removed", {}))
        self.restored = Counter(before.get("restored", {}))
        self.kept: list[dict[str, Any]] = before.get("kept", [])

    @property
    def outcome(self) -> dict[str, Any]:
        """What was done, as the page and the command show it."""
        return {"removed": dict(self.removed), "restored": dict(self.restored), "kept": self.kept[:KEPT_SHOWN]}

    @transaction.atomic
    def step(self, change: ImportChange) -> None:
        """Take one transaction of the import back."""
        created = {name: [pk for a, b in pairs for pk in range(a, b + 1)] for name, pairs in change.created.items()}
        restored = [former["order"] for former in change.changed if "order" in former]
        with Purchases.objects.following([*restored, *created.get("orders", [])]):
            for former in reversed(change.changed):
                if not SAID & former.keys():
                    self._restore(former)
            for name in (
                "values",
                "order_values",
                "calls",
                "events",
                "refunds",
                "orders",
                "variants",
                "products",
                "identifiers",
                "profiles",
                "customers",
                "stores",
            ):
                if name == "customers":  # now they are parted again whom this import made one
                    for former in reversed(change.changed):
                        if SAID & former.keys():
                            self._restore(former)
                if name in created:
                    self.removed[name] += getattr(self, f"_remove_{name}")(created[name])
        change.delete()
        self.batch.set(rows_done=self.batch.rows_done + 1, report=self.batch.report | {"undo": self.outcome})

    def _keep(self, kind: str, names: Iterable[object]) -> None:
        self.kept += [{"kind": kind, "name": str(name)} for name in names]

    def _named(self, kind: str, pk: int) -> list[Any]:
        """Name a record as the list of what is kept does."""
        return [pk] if kind == "customer" else list(Order.objects.filter(pk=pk).values_list("number", flat=True))

    def _restore(self, log: Mapping[str, Any]) -> None:
        """Give a record its former values back, unless somebody changed it since."""
        for kind, model, line, owner in (
            ("order", Order, OrderLine, "order"),
            ("refund", Refund, RefundLine, "refund"),
        ):
            if kind in log:
                mine = model._default_manager.filter(pk=log[kind], import_id=self.batch.pk)  # noqa: SLF001
                if mine.update(**log["former"], **CHANGED):
                    _drop_last(line, owner, log[kind], log.get("lines", 0))
                    self.restored[f"{kind}s"] += 1
                else:
                    self._keep(kind, model._default_manager.filter(pk=log[kind]).values_list("number", flat=True))  # noqa: SLF001
        for subject, kind in (("customers", "customer"), ("orders", "order")):
            if f"{kind}_value" in log:
                back = own_values.put_back(subject, log, import_id=self.batch.pk)
                self.restored["values"] += int(back)
                self._keep(kind, [] if back else self._named(kind, log[f"{kind}_value"]))
        if SAID & log.keys() and not words.put_back(log, import_id=self.batch.pk):
            owners = SourceProfile.objects.filter(pk=log.get("profile") or 0, customer__isnull=False)
            self._keep(
                "customer", [log["customer"]] if "customer" in log else owners.values_list("customer", flat=True)
            )

    def _mine(self, model: type[models.Model], ids: Collection[int], kind: str, name: str) -> list[int]:
        """Find which of the records nobody has touched since; the others are kept."""
        rows = model._default_manager.filter(pk__in=ids).values_list("pk", "import_id", name)  # noqa: SLF001
        self._keep(kind, (row[2] for row in rows if row[1] != self.batch.pk))
        return [row[0] for row in rows if row[1] == self.batch.pk]

    def _remove_values(self, ids: list[int]) -> int:
        return own_values.take_back("customers", ids, import_id=self.batch.pk)

    def _remove_order_values(self, ids: list[int]) -> int:
        return own_values.take_back("orders", ids, import_id=self.batch.pk)

    def _remove_calls(self, ids: list[int]) -> int:
        return bulk.delete(TakenCall, ids)

    def _remove_events(self, ids: list[int]) -> int:
        """Delete events, also those that have left the book: the lake has them all."""
        bury_unseen("events", ids)
        bulk.delete(Event, ids)
        return len(ids)

    def _remove_refunds(self, ids: list[int]) -> int:
        mine = self._mine(Refund, ids, "refund", "number")
        bury("refunds", mine)
        bulk.delete(RefundLine, mine, by="refund_id")
        return bulk.delete(Refund, mine)

    def _remove_orders(self, ids: list[int]) -> int:
        mine = self._mine(Order, ids, "order", "number")
        claimed = set(Refund.objects.filter(order__in=mine).values_list("order", flat=True))
        claimed |= set(OrderValue.objects.filter(order__in=mine).values_list("order", flat=True))  # written since
        self._keep("order", Order.objects.filter(pk__in=claimed).values_list("number", flat=True))
        mine = [pk for pk in mine if pk not in claimed]
        bury("orders", mine)
        bulk.delete(OrderLine, mine, by="order_id")
        bulk.delete(Payment, mine, by="order_id")
        return bulk.delete(Order, mine)

    def _remove_variants(self, ids: list[int]) -> int:
        sold = set(OrderLine.objects.filter(variant__in=ids).values_list("variant", flat=True).distinct())
        free = [pk for pk in ids if pk not in sold]
        bury("variants", free)
        return bulk.delete(Variant, free)

    def _remove_products(self, ids: list[int]) -> int:
        used = set(Variant.objects.filter(product__in=ids).values_list("product", flat=True))
        return bulk.delete(Product, [pk for pk in ids if pk not in used])

    def _remove_profiles(self, ids: list[int]) -> int:
        owners = dict(SourceProfile.objects.filter(pk__in=ids).values_list("pk", "customer_id"))
        used = {pk for model in fact_models() for pk in _facts(model, owners).values_list("profile", flat=True)}
        used |= withdrawing.decided(owners)
        free = [pk for pk in owners if pk not in used]
        bury("profiles", free)
        return withdrawing.forget_profiles(free)

    def _remove_identifiers(self, ids: list[int]) -> int:
        return withdrawing.forget_identifiers(ids)

    def _remove_customers(self, ids: list[int]) -> int:
        mine = set(self._mine(Customer, ids, "customer", "name"))
        used = set(SourceProfile.objects.filter(customer__in=mine).values_list("customer", flat=True))
        for model in fact_models():
            used |= set(model._default_manager.filter(customer__in=mine).values_list("customer", flat=True))  # noqa: SLF001
        used |= mine - withdrawing.without_history(mine)
        self._keep("customer", sorted(used))
        free = sorted(mine - used)
        bury("customers", free)
        withdrawing.forget_history(free)
        bulk.delete(Score, free, by="customer_id")
        return bulk.delete(Customer, free)

    def _remove_stores(self, ids: list[int]) -> int:
        used = set(Order.objects.filter(store__in=ids).values_list("store", flat=True))
        used |= set(Refund.objects.filter(store__in=ids).values_list("store", flat=True))
        others = Import.objects.filter(store__in=ids).exclude(pk=self.batch.pk)
        used |= set(others.exclude(state=Import.State.UNDONE).values_list("store", flat=True))
        return Store.objects.filter(pk__in=[pk for pk in ids if pk not in used]).delete()[0]


def fact_models() -> list[type[CustomerFact]]:
    """The tables of facts about people, scores apart: those are computed, not said."""
    return [model for model in apps.get_models() if issubclass(model, CustomerFact) and model is not Score]


def _facts(model: type[CustomerFact], owners: Mapping[int, int]) -> models.QuerySet[Any]:
    """Find what profiles said, also what waits with a customer merged away."""
    return model._default_manager.filter(profile__in=list(owners))  # noqa: SLF001 - as above


def _drop_last(model: type[models.Model], owner: str, pk: int, count: int) -> None:
    """Delete the lines an import added at the end."""
    if count:
        lines = model._default_manager.filter(**{owner: pk})  # noqa: SLF001
        last = lines.aggregate(last=Max("line_number"))["last"] or 0
        lines.filter(line_number__gt=last - count).delete()
