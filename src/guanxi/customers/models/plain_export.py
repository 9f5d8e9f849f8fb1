"""Files of many people in the clear: asked for, agreed to by somebody else, taken once."""

import datetime as dt
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.customers.models.customer import STAFF
from guanxi.guard.sealing import context, seal, unseal

RIGHT = "personal.export"
PLACE = context("customers_plainexport", "any", "selection")  # sealed before its row is known
ALONE = dt.timedelta(hours=1)  # what somebody waits who has nobody to ask
WAITS, STANDS = dt.timedelta(days=7), dt.timedelta(days=1)


class NeedsAnother(Refused):
    """A file of many people in the clear needs a second person."""


class NotAgreed(Refused):
    """The file was not agreed to, was taken already, or the agreement is over."""


class PlainExportQuerySet(models.QuerySet["PlainExport"]):
    """Sets of files that were asked for."""

    def waiting(self) -> Self:
        """Keep those that nobody decided yet."""
        return self.filter(decided_at=None, asked_at__gt=timezone.now() - WAITS)

    def ready(self) -> Self:
        """Keep those that may be taken now."""
        return self.filter(is_agreed=True, taken_at=None, decided_at__gt=timezone.now() - STANDS)

    def visible_to(self, user: Any) -> Self:
        """Keep those that whoever may take such files knows of: all, or none."""
        return self if user.may(RIGHT) else self.none()


class PlainExport(models.Model):
    """One file of many people in the clear that somebody asked for; `selection` says of whom, sealed."""

    by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    selection = models.BinaryField()
    fields = models.JSONField(default=list)
    why = models.CharField(max_length=300)
    count = models.PositiveIntegerField()
    newest = models.BigIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    is_agreed = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True)

    titles: list[Any]  # as a page draws them
    reason: str

    objects = PlainExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.count}"

    @classmethod
    @transaction.atomic
    def ask(cls, query: str, *, said: Sequence[str], by: Staff, why: str, **told: Any) -> "PlainExport":
        """Ask for the file of a selection; people who come later are not in it."""
        selection = seal(json.dumps({"query": query, "said": list(said)}), PLACE)
        asked = cls.objects.create(selection=selection, by=by, why=why, **told)
        changes = {"fields": (None, asked.fields), "rows": (None, asked.count), "filters": (None, list(said) or None)}
        AuditEntry.write("plainexport.asked", by=by, on=asked, changes=changes, why=why)
        return asked

    @transaction.atomic
    def agree(self, *, by: Staff) -> None:
        """Let it leave; NeedsAnother where the asker agrees who could ask somebody, or did not wait."""
        if by.pk == self.by_id and (others(by) or timezone.now() < self.asked_at + ALONE):
            raise NeedsAnother(_("Somebody else has to agree; where there is nobody, an hour has to pass."))
        self._decide(by=by, is_agreed=True)

    @transaction.atomic
    def refuse(self, *, by: Staff) -> None:
        """Keep it from leaving; who asked for it withdraws it so."""
        self._decide(by=by, is_agreed=False)

    @transaction.atomic
    def take(self, *, by: Staff) -> None:
        """Spend the agreement; NotAgreed where there is none for this person."""
        mine = PlainExport.objects.ready().filter(pk=self.pk, by=by)
        if not mine.update(taken_at=timezone.now()):
            raise NotAgreed(_("This file was taken already, or nobody agreed to it."))

    def _decide(self, *, by: Staff, is_agreed: bool) -> None:
        waiting = PlainExport.objects.waiting().filter(pk=self.pk)
        if waiting.update(decided_at=timezone.now(), decided_by=by, is_agreed=is_agreed):
            AuditEntry.write("plainexport.agreed" if is_agreed else "plainexport.declined", by=by, on=self)

    @cached_property
    def told(self) -> dict[str, Any]:
        """The selection: its address, and in words."""
        found: dict[str, Any] = json.loads(unseal(self.selection, PLACE))
        return found

    @property
    def state(self) -> str:
        """Where it stands."""
        now = timezone.now()
        if self.decided_at is None:
            return "waiting" if now < self.asked_at + WAITS else "over"
        if not self.is_agreed:
            return "refused"
        return "taken" if self.taken_at else "ready" if now < self.decided_at + STANDS else "over"


def others(than: Staff) -> list[Staff]:
    """Who else may agree to such a file."""
    everyone = Staff.objects.with_rules().filter(is_active=True).exclude(pk=than.pk).order_by("display_name")
    return [each for each in everyone if each.may(RIGHT)]
