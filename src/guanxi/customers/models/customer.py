"""The golden record, and what every fact about a person has in common."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.core.ids import key_of, public_id
from guanxi.warehouse.models import LakeSource

if TYPE_CHECKING:
    from guanxi.customers.models.note import Note
    from guanxi.customers.models.profile import SourceProfile


class Gender(models.TextChoices):
    """What a person or a source said; empty where nobody did."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Sets of customers."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all of them for anyone signed in, none for others."""
        return self.filter(survivor=None) if user.is_authenticated and user.is_active else self.none()

    def named(self, text: str) -> Self:
        """Keep those whose name holds the text."""
        return self.filter(name__icontains=text)

    def identified_by(self, digest: str) -> Self:
        """Keep those one of whose profiles carries this identifier's blind index."""
        return self.filter(profiles__identifiers__digest=digest).distinct()


class Customer(LakeSource):
    """A person or firm that buys from us: one golden record per identity."""

    PREFIX: ClassVar = "cus"

    name = models.CharField(max_length=200, blank=True, default="")
    gender = models.CharField(max_length=10, choices=Gender, blank=True, default="")
    birthday = models.DateField(null=True, blank=True)
    province = models.CharField(max_length=100, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=100, blank=True, default="")
    first_source = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    survivor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    erased_at = models.DateTimeField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta(LakeSource.Meta):
        indexes = [*LakeSource.Meta.indexes, models.Index("name", name="customer_name")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(survivor=models.F("id")), name="customer_not_own_survivor")
        ]

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def public_id(self) -> str:
        """The id others see, such as `cus_9WDXWNVX5FJ1N`."""
        return public_id(self.PREFIX, self.pk)

    @classmethod
    def key_of(cls, word: str) -> int | None:
        """Read a public id or a plain number; None where it is neither."""
        return int(word) if word.isascii() and word.isdigit() else key_of(cls.PREFIX, word)

    @transaction.atomic
    def annotate_with(self, text: str, *, by: Staff) -> "Note":
        """Write a note about this person."""
        note = self.notes.create(text=text, by=by, profile=self.house_profile)
        self.record("Note Added", note=note.pk, by=by.pk)
        return note

    def record(self, name: str, *, at: datetime | None = None, source: str = "guanxi", **properties: Any) -> None:
        """Append an event to the stream, in the transaction of the change it tells of."""
        self.events.create(
            name=name,
            occurred_at=at or timezone.now(),
            source=source,
            properties=properties,
            profile=self.house_profile,
        )

    @property
    def house_profile(self) -> "SourceProfile | None":
        """The profile that facts made by our own staff belong to."""
        return self.profiles.filter(is_house=True).first()

    def age_on(self, day: date) -> int | None:
        """Full years on a day, where the birthday is known."""
        if self.birthday is None:
            return None
        return day.year - self.birthday.year - ((day.month, day.day) < (self.birthday.month, self.birthday.day))


class CustomerFact(models.Model):
    """A row about a person.

    `profile` is who it was said of and never changes; `customer` follows merges and unmerges. Both are empty where
    nobody is known: a guest's order, an unknown device's event. Concrete classes say what a person's export
    holds and what an erasure blanks.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    profile = models.ForeignKey(
        "customers.SourceProfile", models.PROTECT, null=True, blank=True, related_name="%(class)ss", db_index=False
    )

    exported_fields: ClassVar[tuple[str, ...]] = ()
    erased_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


STAFF = settings.AUTH_USER_MODEL
