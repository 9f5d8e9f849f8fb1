"""The rows a chunk adds: gathered first, then ids reserved and everything inserted at once."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from guanxi.core.ids import reserve
from guanxi.core.time import now
from guanxi.guard.sealing import context, seal
from guanxi.identity.resolution import Person
from guanxi.ingest.chunk import SECONDS, refund_number
from guanxi.orders.intake import insert_events, insert_orders, insert_refunds, properties, ranges
from guanxi.orders.models import Order, Refund

if TYPE_CHECKING:
    from guanxi.ingest.landing import Landing


def line_row(order_id: int, line: tuple[Any, ...], variants: dict[str, int]) -> tuple[Any, ...]:
    """Arrange a line as the book stores it."""
    number, key, sku, name, category, quantity, price, amount, discount = line
    return order_id, number, key, sku, name, category, variants.get(sku), quantity, price, amount, discount


class Created:
    """What a chunk adds: rows gathered first, ids reserved and everything inserted at once."""

    def __init__(self, landing: "Landing") -> None:
        self.landing = landing
        self.orders: list[tuple[dict[str, Any], list[tuple[Any, ...]], list[tuple[Any, ...]], Person | None]] = []
        self.refunds: list[tuple[dict[str, Any], int, Person | None]] = []

    def take(
        self,
        order: dict[str, Any],
        lines: list[tuple[Any, ...]],
        payments: dict[str, list[tuple[Any, ...]]],
        person: Person | None,
    ) -> None:
        """Have a new order written."""
        self.orders.append((order, lines, payments.get(order["number"], []), person))

    def refund(self, order: dict[str, Any], order_id: int, person: Person | None) -> None:
        """Have the refund written that an order tells as an amount."""
        self.refunds.append((order, order_id, person))

    def write(self) -> dict[str, list[list[int]]]:
        """Insert everything; returns the ranges of ids per table for the undo log."""
        at = now().strftime(SECONDS)
        ids = list(reserve(Order, len(self.orders)))
        rows = [
            self._order_row(pk, order, person, at) for pk, (order, _l, _p, person) in zip(ids, self.orders, strict=True)
        ]
        variants = self.landing.variants
        insert_orders(
            rows,
            [
                line_row(pk, line, variants)
                for pk, (_o, lines, _p, _who) in zip(ids, self.orders, strict=True)
                for line in lines
            ],
            [
                (pk, *payment)
                for pk, (_o, _l, payments, _who) in zip(ids, self.orders, strict=True)
                for payment in payments
            ],
        )
        for pk, (order, _lines, _payments, person) in zip(ids, self.orders, strict=True):
            if order["refund_minor"] > 0:
                self.refund(order, pk, person)
        refunds = self._write_refunds()
        events = insert_events([*self._order_events(ids, at), *self._refund_events(refunds, at)])
        created = {"orders": ids, "refunds": refunds, "events": events}
        return {name: ranges(keys) for name, keys in created.items() if keys}

    def _order_row(self, pk: int, order: dict[str, Any], person: Person | None, at: str) -> tuple[Any, ...]:
        landing = self.landing
        net = order["net_minor"]
        return (
            pk, person and person.customer_id, person and person.profile_id, landing.store.pk, order["number"],
            order["kind"], order["placed_at"], order["placed_on"], order["paid_at"], order["payment_state"],
            order["fulfilment_state"], order["order_state"], order["platform_state"], order["currency"],
            order["goods_minor"], order["discount_minor"], order["shipping_minor"], order["tax_minor"],
            order["total_minor"], order["refund_minor"], net,
            landing.rates.base(net, order["currency"], order["placed_on"]), landing.origin.source,
            order["province"] or "", order["city"] or "", order["country"] or "",
            self._recipient(order), landing.batch.pk, at,
        )  # fmt: skip

    def _recipient(self, order: dict[str, Any]) -> bytes | None:
        """Seal who the parcel goes to: an edge of the graph, never an identifier."""
        told = {name: order[name] for name in ("recipient_name", "recipient_phone", "address") if order[name]}
        if not told:
            return None
        place = context("orders_order", f"{self.landing.store.code}/{order['number']}", "recipient")
        return seal(json.dumps(told, ensure_ascii=False), place)

    def _write_refunds(self) -> list[int]:
        ids = list(reserve(Refund, len(self.refunds)))
        landing = self.landing
        insert_refunds(
            [
                (pk, person and person.customer_id, person and person.profile_id, landing.store.pk,
                 refund_number(order["number"]), order_id, order["refunded_at"] or order["paid_at"],
                 order["refunded_on"], order["currency"], order["refund_minor"], order["reason"] or "",
                 landing.origin.source, landing.batch.pk)
                for pk, (order, order_id, person) in zip(ids, self.refunds, strict=True)
            ],
            [],
        )  # fmt: skip
        landing.tally.add(refunds_new=len(ids))
        return ids

    def _order_events(self, ids: Sequence[int], at: str) -> list[tuple[Any, ...]]:
        return [
            (person and person.customer_id, person and person.profile_id,
             "Order Completed" if order["paid_at"] else "Order Placed", order["placed_at"], at,
             self.landing.origin.source,
             properties(order=pk, number=order["number"], store=self.landing.store.code,
                        total_minor=order["total_minor"], currency=order["currency"], lines=len(lines),
                        first=lines[0][3] if lines else ""))
            for pk, (order, lines, _payments, person) in zip(ids, self.orders, strict=True)
            if order["kind"] == "sale"
        ]  # fmt: skip

    def _refund_events(self, ids: Sequence[int], at: str) -> list[tuple[Any, ...]]:
        return [
            (person and person.customer_id, person and person.profile_id, "Order Refunded",
             order["refunded_at"] or order["paid_at"], at, self.landing.origin.source,
             properties(refund=pk, order=order_id, number=order["number"], store=self.landing.store.code,
                        amount_minor=order["refund_minor"], currency=order["currency"]))
            for pk, (order, order_id, person) in zip(ids, self.refunds, strict=True)
        ]  # fmt: skip
