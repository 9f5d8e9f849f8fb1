"""Whether owners have to show a second factor."""

import datetime as dt
from typing import Any, Self

from django.db import models, transaction

from guanxi.accounts.models.audit import AuditEntry
from guanxi.core.time import now

FIRST_DAY = dt.timedelta(days=1)
AT_ONCE = dt.timedelta(0)


class SecondFactorRuleQuerySet(models.QuerySet["SecondFactorRule"]):
    """The rule, or nothing where there is none."""

    def in_force(self) -> Self:
        """Keep it where its time has come."""
        return self.filter(owners_from__lte=now())


class SecondFactorRule(models.Model):
    """The one rule of a shop: from when on owners need a second factor. No row, or no time, and none does."""

    owners_from = models.DateTimeField(null=True)

    objects = SecondFactorRuleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.owners_from}"

    @classmethod
    def since(cls) -> dt.datetime | None:
        """Say from when on owners need one; None where they need none."""
        return cls.objects.values_list("owners_from", flat=True).first()

    @classmethod
    @transaction.atomic
    def change(cls, *, required: bool, by: Any, after: dt.timedelta = AT_ONCE) -> None:
        """Ask owners for a second factor, after a while or at once, or ask none."""
        was = cls.objects.filter(owners_from__isnull=False).exists()
        cls.objects.update_or_create(pk=1, defaults={"owners_from": now() + after if required else None})
        AuditEntry.write("staff.second_factor_rule", by=by, on="role:owner", changes={"second_factor": (was, required)})
