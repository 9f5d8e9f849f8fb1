"""What is done to stores, in the words of the audit trail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.trail import Named, Words
from guanxi.orders.models import Company, Store


def stores(keys: Iterable[str]) -> dict[str, Named]:
    """Name stores."""
    found = Store.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("orders:store", args=[each.pk])) for each in found}


def companies(keys: Iterable[str]) -> dict[str, Named]:
    """Name the one company."""
    found = Company.current()
    return {key: Named(found.name if found else key, reverse("orders:stores")) for key in keys}


_FIELDS = {
    "name": pgettext_lazy("of a thing", "Name"),
    "channel": _("Channel"), "currency": _("Currency"), "time_zone": _("Time zone"),
    "colour": _("Colour"),
}  # fmt: skip
STORE = Words(
    acts={"store.opened": _("Opened a store"), "store.changed": _("Changed a store")},
    fields=_FIELDS, values={"channel": dict(Store.Channel.choices)}, names=stores,
)  # fmt: skip
COMPANY = Words(acts={"company.renamed": _("Renamed the shop")}, fields=_FIELDS, names=companies)
