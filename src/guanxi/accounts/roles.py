"""What each role may do, and which fields it sees: one table, from which a shop departs on its page of roles.

A permission is `<context>.<verb>`. A field has a level: hidden, masked, or masked until it is revealed for a reason; a
field without people in it is hidden or shown. The levels are permissions too: `personal.phone.see`, `….reveal`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


class Role(models.TextChoices):
    """The hats people wear in a shop."""

    OWNER = "owner", _("Owner")
    MARKETER = "marketer", _("Marketer")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")
    CLERK = "clerk", _("Clerk")


class Level(models.TextChoices):
    """How much of a field a role sees."""

    HIDDEN = "hidden", pgettext_lazy("field", "Hidden")
    MASKED = "masked", _("Masked")
    REVEAL = "reveal", _("Masked, shown for a reason")
    SHOWN = "shown", pgettext_lazy("field", "Shown")


EVERYONE = (Role.MARKETER, Role.AGENT, Role.ANALYST, Role.CLERK)  # besides the owner, who may do everything


@dataclass(frozen=True)
class Permission:
    """One thing a role may do or not; `roles` are those that may unless the shop says otherwise."""

    name: str
    title: Text
    group: Text
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Field:
    """One field and how much of it each role sees unless the shop says otherwise; `usual` where none is named."""

    name: str
    title: Text
    levels: tuple[Level, ...]
    usual: Level
    others: Mapping[Role, Level]

    def level_of(self, allowed: Iterable[str]) -> Level:
        """Read the level from what a role is allowed."""
        may = set(allowed)
        if f"{self.name}.reveal" in may:
            return Level.REVEAL
        return (
            (Level.MASKED if Level.MASKED in self.levels else Level.SHOWN)
            if f"{self.name}.see" in may
            else Level.HIDDEN
        )

    def allows(self, level: Level) -> dict[str, bool]:
        """Write a level as permissions."""
        told = {f"{self.name}.see": level != Level.HIDDEN}
        return {**told, f"{self.name}.reveal": level == Level.REVEAL} if Level.REVEAL in self.levels else told

    def usually(self, role: Role) -> dict[str, bool]:
        """Give the permissions a role has of it from the start."""
        return self.allows(Level(self.others.get(role, self.usual)))


_CUSTOMERS, _TRADE, _INSIGHT, _DATA, _SHOP = _("Customers"), _("Orders"), _("Insight"), _("Data"), _("Settings")

PERMISSIONS = (
    Permission("customers.view", _("See customers"), _CUSTOMERS, EVERYONE),
    Permission(
        "customers.change", _("Change customers, tags, notes and consents"), _CUSTOMERS, (Role.MARKETER, Role.AGENT)
    ),
    Permission(
        "customers.export", _("Export customers, masked"), _CUSTOMERS, (Role.MARKETER, Role.AGENT, Role.ANALYST)
    ),
    Permission("quality.view", _("See how good the data is"), _CUSTOMERS, (Role.MARKETER, Role.AGENT, Role.ANALYST)),
    Permission("personal.export", _("Export customers with personal fields, for a reason"), _CUSTOMERS, ()),
    Permission("personal.erase", _("Erase customers, for good"), _CUSTOMERS, ()),
    Permission("orders.view", _("See orders"), _TRADE, EVERYONE),
    Permission("orders.change", _("Fill in the shop's own fields of orders"), _TRADE, (Role.AGENT, Role.CLERK)),
    Permission("catalog.view", _("See products"), _TRADE, EVERYONE),
    Permission("insight.view", _("See what the figures say"), _INSIGHT, (Role.MARKETER, Role.ANALYST)),
    Permission("insight.query", _("Ask the lake in SQL, and write notebooks"), _INSIGHT, (Role.ANALYST,)),
    Permission("costs.change", _("Enter what channels and campaigns cost"), _INSIGHT, (Role.MARKETER,)),
    Permission("goals.change", _("Set goals, and write down what was decided"), _INSIGHT, (Role.MARKETER,)),
    Permission("imports.view", _("See imports"), _DATA, (Role.ANALYST, Role.CLERK)),
    Permission("imports.run", _("Import files, and undo imports"), _DATA, (Role.CLERK,)),
    Permission("events.view", _("See where events come from, and what could not be taken"), _DATA, (Role.ANALYST,)),
    Permission("events.change", _("Make sources of events and their keys, and decide what is tried again"), _DATA, ()),
    Permission("events.reveal", _("See what could not be taken as it was sent, for a reason"), _DATA, ()),
    Permission("operation.view", _("See the jobs"), _DATA, ()),
    Permission("operation.change", _("Try jobs again, stop them, and pause all sending"), _DATA, ()),
    Permission("rules.change", _("Change rules and settings"), _SHOP, ()),
    Permission("webhooks.change", _("Have other programs told what happens, and see their log"), _SHOP, ()),
    Permission("access.view", _("See who looked at what of customers"), _SHOP, ()),
    Permission("audit.view", _("See the audit trail"), _SHOP, ()),
)
OWNERS_ALONE = ("staff.change", "roles.change")  # never given away: whoever gives permissions could give themselves all

_PERSONAL = (Level.HIDDEN, Level.MASKED, Level.REVEAL)
_ASKED_FOR = {Role.AGENT: Level.REVEAL}
FIELDS = (
    Field("personal.name", _("Name"), (Level.MASKED, Level.REVEAL), Level.MASKED, _ASKED_FOR),
    Field("personal.phone", _("Phone"), _PERSONAL, Level.MASKED, _ASKED_FOR),
    Field("personal.email", _("E-mail"), _PERSONAL, Level.MASKED, _ASKED_FOR),
    Field("personal.address", _("Delivery address"), _PERSONAL, Level.MASKED, {**_ASKED_FOR, Role.CLERK: Level.REVEAL}),
    Field("personal.fields", _("The shop's own personal fields"), _PERSONAL, Level.MASKED, _ASKED_FOR),
    Field(
        "catalog.cost",
        _("Purchase cost and margin"),
        (Level.HIDDEN, Level.SHOWN),
        Level.SHOWN,
        {Role.AGENT: Level.HIDDEN},
    ),
)


def usual(role: Role) -> dict[str, bool]:
    """Everything a role may do from the start."""
    told = {each.name: role in each.roles for each in PERMISSIONS}
    for field in FIELDS:
        told |= field.usually(role)
    return told


ALLOWED: dict[Role, frozenset[str]] = {
    role: frozenset(name for name, may in usual(role).items() if may) for role in EVERYONE
}
KNOWN = frozenset(usual(Role.CLERK)) | set(OWNERS_ALONE)
