"""What the shell around every page shows: the shop's name, and how old the figures are."""

import datetime as dt

from guanxi.orders.figures import company, store_names
from guanxi.pages.shell import AsOf, Shop
from guanxi.warehouse import models as lake


def shop() -> Shop:
    """Name the company, or its first store while nobody named it; nothing before there is a store."""
    found = company()
    name = found.name if found else ""
    return Shop(name or next(iter(store_names().values()), ""), demo=bool(found and found.demo_on))


def as_of() -> AsOf | None:
    """Say up to when the lake is complete; nothing before the first sync."""
    at: dt.datetime | None = lake.as_of()
    return AsOf(at) if at else None
