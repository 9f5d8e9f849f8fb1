"""Effects: what other contexts do, in the same transaction, when a named fact comes true.

One refund moves stock, points and coupon together: each context registers its part here, and none knows the others.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError


@dataclass(frozen=True, order=True)
class Effect:
    """One handler of a fact, in its declared place."""

    order: int
    name: str
    handler: Callable[..., Any] = field(compare=False)


_effects: dict[str, list[Effect]] = defaultdict(list)


def on(fact: str, handler: Callable[..., Any], *, order: int) -> None:
    """Have `handler(**payload)` called whenever `fact` is performed; called in `AppConfig.ready()`."""
    effect = Effect(order, f"{handler.__module__}.{handler.__qualname__}", handler)
    others = [other for other in _effects[fact] if other.name != effect.name]
    _effects[fact] = sorted([*others, effect])


def perform(fact: str, **payload: Any) -> None:
    """Run the effects of a fact in order; all of them become true with the caller's transaction, or none."""
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"The effects of {fact!r} belong into the transaction of their cause.")
    for effect in _effects.get(fact, ()):
        effect.handler(**payload)


def registered() -> dict[str, list[str]]:
    """List every fact with its handlers in order, for `guanxi doctor`."""
    return {fact: [effect.name for effect in effects] for fact, effects in sorted(_effects.items())}
