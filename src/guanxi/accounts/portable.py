"""What of this context is in the settings file: what roles may do, and whether owners need a second factor."""

from collections.abc import Iterator
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import RoleRules, SecondFactorRule
from guanxi.accounts.roles import Role, usual
from guanxi.core.errors import BadInput
from guanxi.pages.portable import Part, Record


class NoPermission(BadInput):
    """A file names a permission that there is not."""


class RoleMay(Record):
    """Where a role departs from what it may do from the start."""

    role: Literal["marketer", "agent", "analyst", "clerk"]
    departures: dict[str, bool]


def roles() -> Iterator[RoleMay]:
    """Give the roles that can be changed."""
    kept: dict[str, Any] = dict(RoleRules.objects.values_list("role", "departures"))
    for role in ("marketer", "agent", "analyst", "clerk"):
        yield RoleMay(role=role, departures=dict(sorted(kept.get(role, {}).items())))


def check_role(told: RoleMay) -> None:
    """Refuse a permission that there is not, or that is never given away."""
    strange = sorted(set(told.departures) - set(usual(Role(told.role))))
    if strange:
        raise NoPermission(_("“%(name)s” is no permission of a role here.") % {"name": strange[0][:60]})


def take_role(told: RoleMay, by: Any) -> None:
    """Let a role do what the file says, and else what it may from the start."""
    role = Role(told.role)
    RoleRules.change(role, usual(role) | told.departures, by=by)


class SecondFactor(Record):
    """Whether owners need a second factor."""

    owners: bool


def second_factor() -> Iterator[SecondFactor]:
    """Give the one rule there is."""
    yield SecondFactor(owners=SecondFactorRule.since() is not None)


PARTS = (
    Part(
        name="roles", title=gettext_lazy("Roles and permissions"), order=60, record=RoleMay, give=roles,
        take=take_role, check=check_role, key=lambda each: each.role, label=lambda each: Role(each.role).label,
        fields={"departures": gettext_lazy("Departs by")},
    ),
    Part(
        name="second_factor", title=gettext_lazy("Second factor"), order=70, record=SecondFactor, give=second_factor,
        take=lambda told, by: SecondFactorRule.change(required=told.owners, by=by), key=lambda _each: "owner",
        label=lambda _each: Role.OWNER.label, fields={"owners": gettext_lazy("Needs a second factor")},
    ),
)  # fmt: skip
