"""Everybody and what they are worth, row by row, for a file; names masked as on the page."""

from collections.abc import Iterator
from itertools import islice

from guanxi.accounts.models import Staff
from guanxi.core.money import to_major
from guanxi.customers.faces import faces_of
from guanxi.customers.models import Customer, Score
from guanxi.guard.fileout import Cell
from guanxi.insight.models import VALUE

AT_ONCE = 500
NAMES = ("alive", "alive_low", "alive_high", "orders", "orders_low", "orders_high")
MONEY = ("revenue", "revenue_low", "revenue_high")
ENDS = ("monetary_minor", "low_minor", "high_minor")


def columns(currency: str) -> list[str]:
    """Name the columns; amounts are in whole money of a currency."""
    return ["id", "name", *NAMES, *(f"{name} ({currency})" for name in MONEY), "label", "as_of"]


def rows(viewer: Staff, currency: str) -> Iterator[tuple[Cell, ...]]:
    """Give everybody whom the viewer may see, those expected to bring most first, some at a time."""
    seen = Score.objects.filter(name=VALUE, customer__in=Customer.objects.visible_to(viewer))
    scores = seen.order_by("-value", "-weight", "-customer").select_related("customer").iterator(AT_ONCE)
    while some := list(islice(scores, AT_ONCE)):
        known = [(score, score.customer) for score in some if score.customer]
        faces = faces_of([customer for _score, customer in known])
        for score, customer in known:
            yield customer.public_id, str(faces[customer.pk].name), *_figures(score, currency)


def _figures(score: Score, currency: str) -> tuple[Cell, ...]:
    parts = score.parts
    amounts = (None if parts[end] is None else to_major(parts[end], currency) for end in ENDS)
    return (
        parts["alive"], parts["alive_low"], parts["alive_high"], parts["orders"], parts["least"], parts["most"],
        *amounts, score.label, score.as_of,
    )  # fmt: skip
