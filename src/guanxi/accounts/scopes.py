"""What a key of the API may be for: each scope, and the permissions of a role that it lets through.

A key never may more than whoever made it: a permission counts where both the role and one of the scopes allow it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_OWN = "personal.fields.see"
_READ = ("customers.view", "personal.name.see", "personal.phone.see", "personal.email.see", _OWN)
_CHANGE = (*_READ, "customers.change")
_LABEL = ("personal.name.see", "personal.phone.see", "personal.address.see")
_CLEAR = ("personal.name.reveal", "personal.phone.reveal", "personal.email.reveal", "personal.address.reveal",
          "personal.fields.reveal")  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """One thing that a key is for."""

    name: str
    title: Text
    permissions: tuple[str, ...]


SCOPES = {
    each.name: each
    for each in (
        Scope("customers:read", _("Read customers"), _READ),
        Scope("customers:write", _("Add and correct customers"), _CHANGE),
        Scope("identifiers:read", _("Read identifiers, and find customers by them"), _READ),
        Scope("identifiers:write", _("Add identifiers"), _CHANGE),
        Scope("quality:read", _("Read how good the data is"), ("quality.view",)),
        Scope("tags:read", _("Read tags"), _READ),
        Scope("tags:write", _("Put tags on customers, and take them off"), _CHANGE),
        Scope("consents:read", _("Read consents"), _READ),
        Scope("consents:write", _("Write down consents, and withdraw them"), _CHANGE),
        Scope("notes:read", _("Read notes"), _READ),
        Scope("notes:write", _("Write notes"), _CHANGE),
        Scope("products:read", _("Read products"), ("catalog.view",)),
        Scope("products:write", _("Add products"), ("catalog.view", "imports.run")),
        Scope("orders:read", _("Read orders"), ("orders.view", *_LABEL, _OWN)),
        Scope("orders:write", _("Send orders"), ("orders.view", "imports.run")),
        Scope("fields:read", _("Read which fields of its own the shop has"), ("customers.view", _OWN)),
        Scope("fields:write", _("Fill in the shop's own fields of orders"), ("orders.view", "orders.change", _OWN)),
        Scope("imports:read", _("Read imports"), ("imports.view",)),
        Scope("imports:write", _("Import files, and undo imports"), ("imports.view", "imports.run")),
        Scope("webhooks:read", _("Read webhooks and their deliveries"), ("webhooks.change",)),
        Scope("webhooks:write", _("Add, change, test and delete webhooks"), ("webhooks.change",)),
        Scope(
            "insight:read",
            _("Read the figures of insight"),
            ("insight.view", "customers.view", "catalog.view", "catalog.cost.see"),
        ),
        Scope("insight:query", _("Run what is saved in notebooks"), ("insight.view", "insight.query")),
        Scope("insight:write", _("Enter marketing costs, and remove them"), ("insight.view", "costs.change")),
        Scope("personal:read", _("Read names, phones, e-mails and addresses in the clear"), _CLEAR),
    )
}


def permissions_of(scopes: Iterable[str]) -> frozenset[str]:
    """Add up what scopes let through; one of an older version that is gone lets nothing through."""
    return frozenset(may for name in scopes if name in SCOPES for may in SCOPES[name].permissions)
