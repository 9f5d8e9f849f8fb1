"""What a shop changed about its roles."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from guanxi.accounts.models.audit import AuditEntry
from guanxi.accounts.roles import ALLOWED, Role, usual


class RoleRules(models.Model):
    """One role of this shop: where it departs from what the role may do from the start."""

    role = models.CharField(max_length=10, choices=Role, primary_key=True)
    departures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.role

    @classmethod
    def departures_of(cls, role: str) -> dict[str, bool]:
        """Read where a role departs; nowhere, as long as nobody changed it."""
        found = cls.objects.filter(role=role).values_list("departures", flat=True).first()
        return found or {}

    @staticmethod
    def allowed_to(role: Role, departures: Mapping[str, bool] | None) -> frozenset[str]:
        """Add up what a role may do; the owner's has no bounds, and is asked elsewhere."""
        told, base = departures or {}, ALLOWED.get(role, frozenset())
        return (base | {name for name, may in told.items() if may}) - {name for name, may in told.items() if not may}

    @classmethod
    @transaction.atomic
    def change(cls, role: Role, wanted: Mapping[str, bool], *, by: Any) -> list[str]:
        """Let a role do what is wanted from the next request on; says which permissions changed."""
        start = usual(role)
        rules, _new = cls.objects.select_for_update().get_or_create(role=role)
        now = start | rules.departures
        changes = {name: (now[name], may) for name, may in wanted.items() if name in start and now[name] != may}
        if changes:
            then = now | {name: may for name, (_was, may) in changes.items()}
            rules.departures = {name: may for name, may in then.items() if name in start and may != start[name]}
            rules.save(update_fields=["departures"])
            AuditEntry.write("role.changed", by=by, on=f"role:{role}", changes=changes)
        return list(changes)
