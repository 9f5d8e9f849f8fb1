"""What of this context is in the settings file: the stores, and what the shop is called."""

import zoneinfo
from collections.abc import Iterator
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from guanxi.core.errors import BadInput
from guanxi.core.money import CURRENCIES
from guanxi.orders import deeds
from guanxi.orders.models import Company, Store
from guanxi.pages.portable import Colour, Part, Record


class BadStore(BadInput):
    """A file tells of a store that cannot be."""


class Place(Record):
    """A store."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    channel: str
    currency: str
    time_zone: str
    colour: Colour


class Firm(Record):
    """What the shop is called. Its currency and clock are those of its first store, and stay."""

    name: Annotated[str, StringConstraints(max_length=120)]


def places() -> Iterator[Place]:
    """Give every store."""
    for each in Store.objects.order_by("code"):
        yield Place(**{name: getattr(each, name) for name in Place.model_fields})


def check_place(told: Place) -> None:
    """Refuse channels, currencies and zones that there are not."""
    if told.channel not in Store.Channel.values:
        raise BadStore(_("There is no channel “%(channel)s”.") % {"channel": told.channel[:40]})
    if told.currency not in CURRENCIES:
        raise BadStore(_("This is no currency. Give its three letters, such as CNY."))
    if told.time_zone not in zoneinfo.available_timezones():
        raise BadStore(_("There is no such time zone. Give one such as Asia/Shanghai."))


def take_place(told: Place, by: Any) -> None:
    """Open a store, or change the one of its code."""
    wanted = told.model_dump(exclude={"code"})
    found = Store.objects.filter(code=told.code).first()
    if found:
        found.change(wanted, by=by)
    else:
        Store.add(told.code, wanted, by=by)


def firms() -> Iterator[Firm]:
    """Give the one company, where there is one."""
    found = Company.current()
    if found:
        yield Firm(name=found.name)


def take_firm(told: Firm, by: Any) -> None:
    """Call the shop so; without a store there is nothing to call."""
    found = Company.current()
    if found is None:
        raise BadStore(_("There is no store yet. Import one with it."))
    found.rename(told.name, by=by)


PARTS = (
    Part(
        name="stores", title=gettext_lazy("Stores"), order=10, record=Place, give=places, take=take_place,
        key=lambda each: each.code, label=lambda each: each.name, check=check_place, fields=deeds.STORE.fields,
    ),
    Part(
        name="company", title=gettext_lazy("The shop"), order=15, record=Firm, give=firms, take=take_firm,
        key=lambda _each: "company", label=lambda each: each.name, fields=deeds.COMPANY.fields,
    ),
)  # fmt: skip
