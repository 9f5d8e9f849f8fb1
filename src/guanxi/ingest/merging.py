"""Documents whose order stands in the book already: what they say more is added, the rest is the same as before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.ingest.difference import changes_of, missing_lines
from guanxi.ingest.landing import Landing
from guanxi.ingest.own_values import Written, write
from guanxi.ingest.standing import SECONDS, Document, Standing, content_of, refund_number
from guanxi.orders.intake import insert_events, insert_orders, insert_refunds, properties
from guanxi.orders.models import Order, Payment, Purchases, Refund
from guanxi.warehouse.models import ARRIVED, CHANGED, ranges

AT_ONCE = 60


@dataclass
class Merging:
    """The standing documents of one import, written a few at a time."""

    landing: Landing

    def write(self, documents: Sequence[Document], cursor: dict[str, Any]) -> Iterator[int]:
        """Merge documents; yields how many are done after each transaction."""
        for first in range(0, len(documents), AT_ONCE):
            done = min(first + AT_ONCE, len(documents))
            self._chunk(documents[first:done], cursor | {"done": done})
            yield done

    @transaction.atomic
    def _chunk(self, documents: Sequence[Document], cursor: dict[str, Any]) -> None:
        tally, standing = self.landing.tally, Standing.of(documents, self.landing.store.pk)
        changed: list[dict[str, Any]] = []
        for document in documents:
            changed += self._merge(document, standing.orders[document.number], standing)
            tally.add(
                orders=1, lines=len(document.lines), duplicates=document.head["rows"], rows_done=document.head["rows"],
                refunds=document.head["refund_minor"] > 0, guests=document.person is None,
            )  # fmt: skip
        moved = {each["order"] for each in changed if "order" in each}
        Purchases.objects.recount_of(sorted(moved))
        told = self._own(documents, standing)
        tally.add(orders_changed=len(told.owners - moved))
        self.landing.log(told.ranges, [*changed, *told.former])
        tally.save(self.landing.batch, cursor=cursor)

    def _merge(self, document: Document, there: dict[str, Any], standing: Standing) -> list[dict[str, Any]]:
        """Change an order where its document says more; returns the former values."""
        lines = standing.lines[there["id"]]
        new = missing_lines(lines, [content_of(line) for line in document.lines])
        changes = changes_of(there, document.head, added_goods=sum(document.lines[place][7] for place in new))
        if document.person and not there["customer_id"]:
            changes |= {"customer_id": document.person.customer_id, "profile_id": document.person.profile_id}
        if not changes and not new:
            return []
        if "net_minor" in changes:
            rates = self.landing.rates
            changes["net_base_minor"] = rates.base(changes["net_minor"], there["currency"], there["placed_on"])
        self._add_lines(there["id"], len(lines), [document.lines[place] for place in new])
        Order.objects.filter(pk=there["id"]).update(**_instants(changes), import_id=self.landing.batch.pk, **CHANGED)
        self.landing.tally.add(orders_changed=1, lines_new=len(new))
        former = _instants({name: there[name] for name in (*changes, "import_id")})
        log: list[dict[str, Any]] = [{"order": there["id"], "former": former, "lines": len(new)}]
        self._settle(document, there, changes)
        return log + (self._told_refund(document, there, standing) if "refunded_minor" in changes else [])

    def _own(self, documents: Sequence[Document], standing: Standing) -> Written:
        """Write what the documents say in the shop's own fields; an order is not another one by that."""
        own = {standing.orders[document.number]["id"]: document.own for document in documents if document.own}
        return write("orders", own, import_id=self.landing.batch.pk) if own else Written("orders")

    def _add_lines(self, order_id: int, last: int, lines: Sequence[tuple[Any, ...]]) -> None:
        variants = self.landing.variants
        rows = [
            (order_id, number, key, sku, name, category, variants.get(sku), quantity, price, amount, discount)
            for number, (_, key, sku, name, category, quantity, price, amount, discount) in enumerate(lines, last + 1)
        ]
        insert_orders([], rows, [])

    def _settle(self, document: Document, there: dict[str, Any], changes: dict[str, Any]) -> None:
        """Write the payment and the event of an order that has come to be paid."""
        if changes.get("paid_at") is None or there["paid_at"] is not None:
            return
        amount = changes.get("total_minor", there["total_minor"])
        Payment.objects.get_or_create(
            order_id=there["id"],
            sequence=1,
            defaults={"amount_minor": amount, "paid_at": f"{changes['paid_at']}+00:00"},
        )
        self._tell("Order Completed", changes["paid_at"], document, order=there["id"], total_minor=amount)

    def _told_refund(self, document: Document, there: dict[str, Any], standing: Standing) -> list[dict[str, Any]]:
        """Raise the refund told as an amount on its order, or write it where there was none."""
        head, batch = document.head, self.landing.batch
        known = standing.refunds.get(refund_number(document.number))
        if known:
            Refund.objects.filter(pk=known["id"]).update(
                amount_minor=head["refund_minor"], import_id=batch.pk, **CHANGED
            )
            former = {"amount_minor": known["amount_minor"], "import_id": known["import_id"]}
            return [{"refund": known["id"], "former": former}]
        pk, at = reserve(Refund, 1)[0], head["refunded_at"] or head["paid_at"]
        insert_refunds(
            [(pk, there["customer_id"], there["profile_id"], self.landing.store.pk, refund_number(document.number),
              there["id"], at, head["refunded_on"], head["currency"], head["refund_minor"], head["reason"] or "",
              self.landing.origin.source, batch.pk, ARRIVED)],
            [],
        )  # fmt: skip
        self.landing.log({"refunds": ranges([pk])})
        self.landing.tally.add(refunds_new=1)
        self._tell("Order Refunded", at, document, refund=pk, order=there["id"], amount_minor=head["refund_minor"])
        return []

    def _tell(self, name: str, at: str, document: Document, **facts: Any) -> None:
        landing, person = self.landing, document.person
        told = properties(**facts, number=document.number, store=landing.store.code, currency=document.head["currency"])
        whose = (person.customer_id, person.profile_id) if person else (None, None)
        ids = insert_events([(*whose, name, at, now().strftime(SECONDS), landing.origin.source, told)])
        landing.log({"events": ranges(ids)})


def _instants(values: dict[str, Any]) -> dict[str, Any]:
    """Say of the texts of instants that they are in UTC."""
    return {name: f"{value}+00:00" if name == "paid_at" and value else value for name, value in values.items()}
