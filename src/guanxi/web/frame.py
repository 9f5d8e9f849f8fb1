"""What the shell around every page shows: the shop's name, and how old the figures are."""

import datetime as dt

from guanxi.orders.models import Company, Store
from guanxi.pages.shell import AsOf, Shop
from guanxi.warehouse import models as lake


def shop() -> Shop:
    """Name the company, or its first store while nobody named it; nothing before there is a store."""
    name, demo_on = Company.objects.filter(pk=1).values_list("name", "demo_on").first() or ("", None)
    first = name or Store.objects.order_by("pk").values_list("name", flat=True).first() or ""
    return Shop(first, demo=demo_on is not None)


def as_of() -> AsOf | None:
    """Say up to when the lake is complete; nothing before the first sync."""
    at: dt.datetime | None = lake.as_of()
    return AsOf(at) if at else None
