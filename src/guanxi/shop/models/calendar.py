"""What a shop adds to the calendar that everybody knows, and what of that it does not want to see."""

import datetime as dt
from calendar import isleap
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.pages.formats import chinese
from guanxi.shop.given import NAMES, Window

MOST_ENTRIES = 200
TOLD = ("name_en", "name_zh", "kind", "starts_on", "ends_on", "repeats")


class TooManyEntries(Refused):
    """The calendar is full."""


class CalendarEntryQuerySet(models.QuerySet["CalendarEntry"]):
    """Sets of entries."""

    def in_force(self) -> Self:
        """Keep those that were not taken out."""
        return self.filter(removed_at=None)

    def own(self) -> Self:
        """Keep the shop's own days."""
        return self.filter(given="")


class CalendarEntry(models.Model):
    """Days of a shop's own; or, where `given` names some that everybody knows, that this shop hides them."""

    class Kind(models.TextChoices):
        """What the days are."""

        HOLIDAY = "holiday", gettext_lazy("Public holiday")
        CAMPAIGN = "campaign", gettext_lazy("Sales event")

    given = models.CharField(max_length=40, blank=True, default="")
    name_en = models.CharField(max_length=60, blank=True, default="")
    name_zh = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CAMPAIGN)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    repeats = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "calendar entries"
        constraints: ClassVar = [
            models.UniqueConstraint("given", condition=~models.Q(given=""), name="given_hidden_once"),
            models.CheckConstraint(
                condition=~models.Q(given="") | models.Q(starts_on__lte=models.F("ends_on")), name="entry_has_days"
            ),
        ]

    def __str__(self) -> str:
        return self.given or self.name_en

    @property
    def name(self) -> str:
        """What the days are called in the language of the page."""
        return str(NAMES.get(self.given, self.given)) if self.given else self.name_zh if chinese() else self.name_en

    @property
    def told(self) -> dict[str, Any]:
        """What is told of the days."""
        return {name: getattr(self, name) for name in TOLD}

    def windows(self, year: int) -> Iterator[Window]:
        """Give the days as they fall into a year: each year where they repeat."""
        if self.starts_on is None or self.ends_on is None:
            return
        length = self.ends_on - self.starts_on
        for each in (year - 1, year) if self.repeats else (self.starts_on.year,):
            start = _moved(self.starts_on, each)
            end = start + length
            if start.year <= year <= end.year and each >= self.starts_on.year:
                yield Window(f"own-{self.pk}", self.name, self.kind, start, end, mark=start, great=True, own=self.pk)

    @classmethod
    @transaction.atomic
    def add(cls, told: Mapping[str, Any], *, by: Staff) -> "CalendarEntry":
        """Add days; does nothing where the very same are there."""
        found = cls.objects.own().in_force().filter(**told).first()
        if found:
            return found
        cls._room()
        entry = cls.objects.create(**told)
        AuditEntry.write("calendar.added", by=by, on=entry, changes={k: (None, _plain(v)) for k, v in told.items()})
        return entry

    @transaction.atomic
    def change(self, told: Mapping[str, Any], *, by: Staff) -> list[str]:
        """Change the days; says what changed, and does nothing where nothing does."""
        now = type(self).objects.select_for_update().get(pk=self.pk)
        changes = {name: (getattr(now, name), new) for name, new in told.items() if getattr(now, name) != new}
        if changes:
            type(self).objects.filter(pk=self.pk).update(**{name: new for name, (_was, new) in changes.items()})
            said = {name: (_plain(was), _plain(new)) for name, (was, new) in changes.items()}
            AuditEntry.write("calendar.changed", by=by, on=self, changes=said)
        return list(changes)

    @transaction.atomic
    def remove(self, *, by: Staff) -> None:
        """Take days of the shop's own out; does nothing where they are out."""
        if type(self).objects.own().in_force().filter(pk=self.pk).update(removed_at=timezone.now()):
            AuditEntry.write("calendar.removed", by=by, on=self)

    @transaction.atomic
    def restore(self, *, by: Staff) -> None:
        """Put days of the shop's own back; does nothing where they are there."""
        if type(self).objects.own().filter(pk=self.pk).exclude(removed_at=None).exists():
            self._room()
            type(self).objects.filter(pk=self.pk).update(removed_at=None)
            AuditEntry.write("calendar.restored", by=by, on=self)

    @classmethod
    @transaction.atomic
    def hide(cls, given: str, *, by: Staff) -> None:
        """Show given days nowhere, in no year; does nothing where they are hidden."""
        entry, new = cls.objects.get_or_create(given=given)
        if new or entry.removed_at:
            cls.objects.filter(pk=entry.pk).update(removed_at=None)
            AuditEntry.write("calendar.hidden", by=by, on=entry)

    @classmethod
    @transaction.atomic
    def show(cls, given: str, *, by: Staff) -> None:
        """Show given days again; does nothing where they are shown."""
        entry = cls.objects.in_force().filter(given=given).first()
        if entry:
            cls.objects.filter(pk=entry.pk).update(removed_at=timezone.now())
            AuditEntry.write("calendar.shown", by=by, on=entry)

    @classmethod
    def _room(cls) -> None:
        if cls.objects.own().in_force().count() >= MOST_ENTRIES:
            said = _("There are %(most)s entries already, which is all that fit. Take one out first.")
            raise TooManyEntries(said % {"most": MOST_ENTRIES})


def _moved(day: dt.date, year: int) -> dt.date:
    leap = (day.month, day.day) == (2, 29) and not isleap(year)
    return dt.date(year, 2, 28) if leap else day.replace(year=year)


def _plain(value: Any) -> Any:
    return f"{value}" if isinstance(value, dt.date) else value
