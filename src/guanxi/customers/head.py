"""The head of a customer's page: who it is, what they are called, and who comes before and after them."""

from typing import Any

from django.utils import timezone

from guanxi.accounts.models import Staff
from guanxi.customers.classes import classes_of
from guanxi.customers.faces import face_of
from guanxi.customers.models import Customer
from guanxi.customers.reveal import REVEALED

TAGS_SHOWN = 3


def head_of(customer: Customer, reader: Staff) -> dict[str, Any]:
    """Gather what the head shows."""
    today = timezone.localdate()
    tags = [tagging.tag for tagging in customer.taggings.current_on(today).select_related("tag").order_by("pk")]
    return {
        "customer": customer,
        "face": face_of(customer, reader),
        "age": customer.age_on(today),
        "customer_class": classes_of([customer.pk]).get(customer.pk),
        "tags": tags[:TAGS_SHOWN],
        "more_tags": len(tags[TAGS_SHOWN:]),
        "may_change": reader.may("customers.change"),
        "may_reveal": any(reader.may(permission) for permission in REVEALED.values()),
    }
