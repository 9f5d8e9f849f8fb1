"""The classes of customers: what the labels of RFM scores are called, and the colour each has on every page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Score

RFM = "rfm"


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


def class_called(label: str) -> CustomerClass | None:
    """Find the class of a label; one the shop made up is called by its label."""
    return (CLASSES.get(label) or CustomerClass(label, label, 6)) if label else None


def classes_of(customer_ids: list[int]) -> dict[int, CustomerClass]:
    """Find the class of each customer who has one."""
    labels = Score.objects.filter(name=RFM, customer__in=customer_ids).values_list("customer", "label")
    return {pk: found for pk, label in labels if pk and (found := class_called(label))}
