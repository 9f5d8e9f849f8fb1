"""What each role may do: one table, read from the permission's name down to its pattern."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The hats people wear in a shop."""

    OWNER = "owner", _("Owner")
    MARKETER = "marketer", _("Marketer")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")
    CLERK = "clerk", _("Clerk")


# A permission is `<context>.<verb>`: view and change, and imports.run, personal.reveal, staff.change.
ALLOWED: dict[Role, tuple[str, ...]] = {
    Role.OWNER: ("*",),
    Role.MARKETER: (
        "customers.view",
        "customers.change",
        "orders.view",
        "catalog.view",
        "insight.*",
        "segments.*",
    ),
    Role.AGENT: ("customers.view", "customers.change", "orders.view", "catalog.view", "personal.reveal"),
    Role.ANALYST: (
        "customers.view",
        "orders.view",
        "catalog.view",
        "insight.*",
        "segments.view",
        "imports.view",
        "lake.query",
    ),
    Role.CLERK: ("customers.view", "orders.*", "catalog.*", "imports.*"),
}
