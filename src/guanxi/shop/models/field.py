"""Fields of a shop's own: what they are called, what they may hold, and where their values stand."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.guard.sealing import context
from guanxi.pages.formats import chinese

MOST_FIELDS = 60  # in force, of one subject
NAME = r"^[a-z][a-z0-9_]{0,39}\Z"
CHANGED = ("label_en", "label_zh", "help_en", "help_zh", "is_required", "least", "most", "choices", "place")


class TooManyFields(Refused):
    """A subject has all the fields of the shop's own that fit."""


class Subject(models.TextChoices):
    """What a field tells of."""

    CUSTOMER = "customer", gettext_lazy("Customers")
    ORDER = "order", gettext_lazy("Orders")


class Kind(models.TextChoices):
    """What a field holds; it never changes, for the values would mean something else."""

    TEXT = "text", gettext_lazy("Text, one line")
    LONG = "long", gettext_lazy("Long text")
    WHOLE = "whole", gettext_lazy("Whole number")
    DECIMAL = "decimal", gettext_lazy("Decimal number")
    DATE = "date", gettext_lazy("Date")
    CHILD = "child", gettext_lazy("Birthday of a child")
    YES_NO = "yes_no", gettext_lazy("Yes or no")
    CHOICE = "choice", gettext_lazy("One of several")
    CHOICES = "choices", gettext_lazy("Several of several")
    LINK = "link", gettext_lazy("Link")


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    """Sets of fields."""

    def in_force(self) -> Self:
        """Keep those that are not retired."""
        return self.filter(retired_at=None)

    def in_order(self) -> Self:
        """Order as pages show them."""
        return self.order_by("subject", "place", "pk")


class CustomField(models.Model):
    """One field of a shop's own. `name`, `kind` and `is_personal` never change; a retired one keeps its values.

    `least` and `most` bound numbers, decimals in ten-thousandths, and the letters of texts.
    """

    subject = models.CharField(max_length=10, choices=Subject)
    name = models.CharField(max_length=40, validators=[RegexValidator(NAME)])
    label_en = models.CharField(max_length=60)
    label_zh = models.CharField(max_length=60)
    help_en = models.CharField(max_length=200, blank=True, default="")
    help_zh = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind)
    is_required = models.BooleanField(default=False)
    is_personal = models.BooleanField(default=False)
    least = models.BigIntegerField(null=True, blank=True)
    most = models.BigIntegerField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True)
    place = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("subject", "name", name="field_once_per_subject")]

    def __str__(self) -> str:
        return f"{self.subject}.{self.name}"

    @property
    def label(self) -> str:
        """What it is called in the language of the page."""
        return self.label_zh if chinese() else self.label_en

    @property
    def help(self) -> str:
        """What is said below it, in the language of the page."""
        return self.help_zh if chinese() else self.help_en

    @property
    def titles(self) -> dict[str, str]:
        """What its choices are called in the language of the page, by their keys."""
        return {each["key"]: each["zh" if chinese() else "en"] for each in self.choices}

    @property
    def column(self) -> str:
        """The name by which lists, addresses and files know it."""
        return f"own-{self.name}"

    @classmethod
    @transaction.atomic
    def declare(cls, subject: str, name: str, told: Mapping[str, Any], *, by: Staff) -> "CustomField":
        """Add a field; does nothing where the subject has one of this name."""
        found = cls.objects.filter(subject=subject, name=name).first()
        if found:
            return found
        cls._room(subject)
        field = cls.objects.create(subject=subject, name=name, **told)
        AuditEntry.write("field.declared", by=by, on=field, changes={k: (None, v) for k, v in told.items() if v})
        return field

    @transaction.atomic
    def change(self, told: Mapping[str, Any], *, by: Staff) -> list[str]:
        """Change how it is called and what it may hold; says what changed, and does nothing where nothing does."""
        now = type(self).objects.select_for_update().get(pk=self.pk)
        changes = {
            name: (getattr(now, name), value)
            for name, value in told.items()
            if name in CHANGED and getattr(now, name) != value
        }
        for name, (_was, value) in changes.items():
            setattr(self, name, value)
        if changes:
            self.save(update_fields=list(changes))
            AuditEntry.write("field.changed", by=by, on=self, changes=changes)
        return list(changes)

    @transaction.atomic
    def retire(self, *, by: Staff) -> None:
        """Take it off every page and list; its values stay. Does nothing where it is retired."""
        if type(self).objects.filter(pk=self.pk, retired_at=None).update(retired_at=timezone.now()):
            AuditEntry.write("field.retired", by=by, on=self)

    @transaction.atomic
    def restore(self, *, by: Staff) -> None:
        """Bring it back with all its values; does nothing where it is in force."""
        if not type(self).objects.filter(pk=self.pk, retired_at=None).exists():
            self._room(self.subject)
            type(self).objects.filter(pk=self.pk).update(retired_at=None)
            AuditEntry.write("field.restored", by=by, on=self)

    @classmethod
    def _room(cls, subject: str) -> None:
        if cls.objects.in_force().filter(subject=subject).count() >= MOST_FIELDS:
            said = _("There are %(most)s fields already, which is all that fit. Retire one first.")
            raise TooManyFields(said % {"most": MOST_FIELDS})


class FieldValue(models.Model):
    """What one record says in one field: one row, or one for each of several choices.

    Words stand in `word`; numbers in `number`, decimals as ten-thousandths, days as their ordinals, yes and no as 1 and
    0; what is personal is sealed and in neither. Concrete classes add whose it is.
    """

    field = models.ForeignKey(CustomField, models.PROTECT, related_name="+", db_index=False)
    nth = models.PositiveSmallIntegerField(default=0)
    word = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001 - only those with one are indexed
    number = models.BigIntegerField(null=True, blank=True)
    long = models.TextField(blank=True, default="")
    sealed = models.BinaryField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def clear(cls, whose: Mapping[str, Any], *, profile: Any = None) -> None:
        """Take away what stands in a field of a record."""
        cls._default_manager.filter(**whose).delete()

    @classmethod
    def place(cls, owner: int, field: int) -> str:
        """Name the place where a personal value stands."""
        return context(cls._meta.db_table, f"{owner}/{field}", "sealed")
