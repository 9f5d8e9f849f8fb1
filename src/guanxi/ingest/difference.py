"""What a document of a file would change of the order that stands in the book already. Pure.

States move forwards only, so that an older file read after a newer one takes nothing back. Of two files' lines the
larger multiplicity holds: a line's key is the platform's own id where it gives one, else its content plus its
occurrence inside the document.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guanxi.orders.intake import net_of, payment_state_of

FULFILMENT = ("held", "unfulfilled", "part", "shipped", "delivered")
STATES = ("open", "completed", "cancelled")
AMOUNTS = ("discount_minor", "shipping_minor", "tax_minor")

Line = tuple[Any, ...]


def missing_lines(there: Iterable[Line], coming: Sequence[Line]) -> list[int]:
    """Find which of the coming lines are not there yet, by place.

    >>> missing_lines([("", "A", 1), ("", "B", 1)], [("", "A", 1), ("", "A", 1), ("", "C", 2)])
    [1, 2]
    """
    left = Counter(_key(line) for line in there)
    missing = []
    for place, line in enumerate(coming):
        key = _key(line)
        if left[key] > 0:
            left[key] -= 1
        else:
            missing.append(place)
    return missing


def _key(line: Line) -> Line:
    """A line the platform numbers is that number; any other is what it says."""
    return line[:1] if line[0] else line


def changes_of(there: Mapping[str, Any], coming: Mapping[str, Any], *, added_goods: int) -> dict[str, Any]:
    """Say which fields of an order a document changes, and to what.

    `there` holds the order's stored values, `coming` the document's, `added_goods` the minor units of its new lines.
    """
    after = dict(there)
    if there["paid_at"] is None and coming["paid_at"] is not None:
        after["paid_at"] = coming["paid_at"]
    if _is_not_older(there, coming):
        after |= {name: coming[name] for name in ("fulfilment_state", "order_state")}
        after["platform_state"] = coming["platform_state"] or there["platform_state"]
    after |= {name: coming[name] for name in ("province", "city", "country") if coming[name] and not there[name]}
    if coming["total_is_given"]:
        after |= {name: coming[name] for name in (*AMOUNTS, "goods_minor", "total_minor")}
    else:
        after["goods_minor"] += added_goods
        after["total_minor"] += added_goods
    after["refunded_minor"] = max(there["refunded_minor"], coming["refund_minor"])
    after |= settled(after)
    return {name: value for name, value in after.items() if value != there[name]}


def settled(order: Mapping[str, Any]) -> dict[str, Any]:
    """Derive payment state and net sales from the amounts of an order."""
    is_paid = order["paid_at"] is not None
    net = net_of(
        order["goods_minor"], order["discount_minor"], order["refunded_minor"],
        is_sale=is_paid and order["kind"] == "sale",
    )  # fmt: skip
    state = payment_state_of(order["total_minor"], order["refunded_minor"], is_paid=is_paid)
    return {"payment_state": state, "net_minor": net}


def _is_not_older(there: Mapping[str, Any], coming: Mapping[str, Any]) -> bool:
    fulfilment = FULFILMENT.index(coming["fulfilment_state"]) >= FULFILMENT.index(there["fulfilment_state"])
    return fulfilment and STATES.index(coming["order_state"]) >= STATES.index(there["order_state"])
