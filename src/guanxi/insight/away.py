"""High-value customers who stay away longer than they usually do, those who brought most first."""

from dataclasses import dataclass

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer, Score
from guanxi.insight.daily import COOLING

SHOWN = 100


@dataclass(frozen=True)
class Away:
    """One of them: usually here every `gap_days`, silent for `silent_days`, with what they brought in a year."""

    customer: Customer
    face: Face
    gap_days: int
    silent_days: int
    net_minor: int


def who_stays_away(viewer: Staff) -> list[Away]:
    """List those the viewer may see."""
    visible = Customer.objects.visible_to(viewer)
    scores = Score.objects.filter(name=COOLING, customer__in=visible).select_related("customer")
    found = [score for score in scores.order_by("-value", "-weight", "-customer")[:SHOWN] if score.customer]
    faces = faces_of([score.customer for score in found if score.customer])
    return [
        Away(score.customer, faces[score.customer.pk], **_figures(score.parts)) for score in found if score.customer
    ]


def _figures(parts: dict[str, int]) -> dict[str, int]:
    return {
        "gap_days": parts["gap_days"],
        "silent_days": parts["silent_days"],
        "net_minor": parts["monetary_minor"],
    }
