"""Customers to merge, with facts of every kind, and a picture of the whole book to compare."""

import datetime as dt
from typing import Any

from guanxi.customers.models import (
    Consent,
    Customer,
    Event,
    SourceProfile,
)
from guanxi.customers.own import SHELF
from guanxi.identity.following import fact_models
from guanxi.identity.retelling import retell
from guanxi.orders.models import Order, Purchases, Store
from guanxi.shop.models import CustomField

NOON = dt.datetime(2024, 11, 11, 4, tzinfo=dt.UTC)
ATTRIBUTES = ("name", "gender", "birthday", "province", "city", "country", "first_source", "created_at", "import_id")


def person(nth: int, **attributes: Any) -> Customer:
    """Make a customer with a house of their own."""
    seen = NOON + dt.timedelta(days=nth)
    told = {"name": f"P{nth}", "first_source": "own", "created_at": seen} | attributes
    customer = Customer.objects.create(**told)
    customer.profiles.create(source="own", key=f"p{nth}", home=customer, first_seen_at=seen)
    return customer


def joiner(customer: Customer, key: str) -> SourceProfile:
    """Have one more profile join a customer, and say something of the person."""
    told = {"gender": "female", "city": "杭州", "birthday": "1990-05-01"}
    profile = customer.profiles.create(source="wechat", key=key, name=key, told=told, first_seen_at=NOON)
    retell([customer.pk])
    return profile


def bought(profile: SourceProfile, store: Store, number: str) -> Order:
    """Write an order of a profile."""
    order = Order.objects.create(
        customer=profile.customer, profile=profile, store=store, number=number, placed_at=NOON, placed_on=NOON.date(),
        paid_at=NOON, currency="CNY", goods_minor=100, total_minor=100, net_minor=100, net_base_minor=100, source="own",
    )  # fmt: skip
    Purchases.objects.recount_of([order.pk])
    return order


def picture() -> dict[str, Any]:
    """Read whose everything is, what everybody says of themselves and who is visible; own values opened."""
    found: dict[str, Any] = {
        model.__name__: sorted(model._default_manager.values_list("pk", "customer", "profile"))
        for model in fact_models()
    }
    found["Event"] = [row for row in found["Event"] if row[0] not in told_of_merges()]
    found["withdrawn"] = sorted(Consent.objects.filter(withdrawn_at__isnull=False).values_list("pk", flat=True))
    found["profiles"] = sorted(SourceProfile.objects.values_list("pk", "customer", "home", "name", "told"), key=str)
    found["people"] = sorted(Customer.objects.values_list("pk", "survivor", "sort_name", *ATTRIBUTES), key=str)
    found["purchases"] = sorted(Purchases.objects.values_list("customer", "orders", "net_minor"))
    fields = list(CustomField.objects.all())
    found["own"] = {pk: dict(texts) for pk, texts in SHELF.texts([row[0] for row in found["people"]], fields).items()}
    return found


def told_of_merges() -> set[int]:
    """Find the events that tell of merges: what was done stays done, also where it is taken back."""
    names = ("Customers Merged", "Customers Unmerged", "Profiles Separated", "Values Preferred")
    return set(Event.objects.filter(name__in=names).values_list("pk", flat=True))
