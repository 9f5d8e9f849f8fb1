"""The classes of customers: what the labels of RFM scores are called, and the colour each has on every page.

The rules that make the classes live above; whoever keeps them provides their names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Score

RFM = "rfm"
BANDS = {str(band): str(band) for band in range(5, 0, -1)}
HELD_SECONDS = 5.0  # how long work that no request began may go on with the names of before


@dataclass(frozen=True)
class CustomerClass:
    """One class: its label in scores, its name, the colour of its chart series."""

    label: str
    name: str | Promise
    series: int


CLASSES = {
    each.label: each
    for each in (
        CustomerClass("high_value", _("High-value"), 1),
        CustomerClass("potential", _("Potential"), 2),
        CustomerClass("ordinary", _("Ordinary"), 3),
        CustomerClass("lost", _("Lost"), 0),
    )
}
Source = Callable[[], Sequence[CustomerClass]]


class _Names:
    """The names last read, and when."""

    source: Source | None = None
    held: dict[str, CustomerClass] = CLASSES
    until = 0.0


def provide(source: Source) -> None:
    """Have the classes named by whoever keeps their rules: best first, those of earlier rules last."""
    _Names.source = source
    forget()


def forget() -> None:
    """Ask for the names anew: the rules have changed."""
    _Names.until = 0.0


def known_classes() -> dict[str, CustomerClass]:
    """The classes by label, the best first; the usual ones where no rules were ever written down."""
    if _Names.source and monotonic() >= _Names.until:
        _Names.held = {each.label: each for each in _Names.source()} or CLASSES
        _Names.until = monotonic() + HELD_SECONDS
    return _Names.held


def class_called(label: str) -> CustomerClass | None:
    """Find the class of a label; one that no rules name is called by its label."""
    return (known_classes().get(label) or CustomerClass(label, label, 6)) if label else None


def classes_of(customer_ids: list[int]) -> dict[int, CustomerClass]:
    """Find the class of each customer who has one."""
    labels = Score.objects.of_few(customer_ids, RFM).values_list("customer", "label")
    return {pk: found for pk, label in labels if pk and (found := class_called(label))}
