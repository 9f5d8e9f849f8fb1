"""Erasures: whom, why, how far; and the stones by which an erased person does not come back unseen."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import AuditEntry
from guanxi.core.errors import Refused
from guanxi.core.ids import public_id
from guanxi.customers.family import Person
from guanxi.customers.models import Customer
from guanxi.customers.models.customer import STAFF


class NotErasable(Refused):
    """Nobody is there to be erased."""


class Reason(models.TextChoices):
    """Why somebody is erased; never in words, for words name people."""

    ASKED = "asked", _("They asked for it")
    LAW = "law", _("An authority or a court ordered it")
    MISTAKE = "mistake", _("They should never have been in the book")
    RETENTION = "retention", _("A rule of retention")


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Sets of erasures."""

    def unfinished(self) -> Self:
        """Keep those with something left to do."""
        return self.filter(finished_at=None)

    def visible_to(self, user: Any) -> Self:
        """Keep all where the role sees the settings, else none."""
        return self if user.may("rules.change") else self.none()


class Erasure(models.Model):
    """One person erased: by their numbers alone, which lead nowhere any more, and how far it is.

    `done` names the steps that are over, so that one that was killed goes on behind them; `counts` what each did.
    """

    customer = models.BigIntegerField()
    people = models.JSONField(default=list)
    profiles = models.JSONField(default=list)
    reason = models.CharField(max_length=10, choices=Reason)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    waits_for = models.CharField(max_length=200, blank=True, default="")
    rewritten_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index("customer", name="erasure_of_customer"),
            models.Index("id", condition=models.Q(finished_at=None), name="erasure_unfinished"),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.customer}"

    @classmethod
    @transaction.atomic
    def ask(cls, customer: int, *, reason: str, by: Any = None) -> "Erasure":
        """Begin to erase one person, whoever was merged with them included; asked again, it is the same erasure."""
        found = cls.objects.unfinished().filter(customer=customer).first()
        if found:
            return found
        person = Person.of(customer)
        if not person.customers:
            raise NotErasable(_("There is no such customer; nobody was erased."))
        told = {"people": list(person.customers), "profiles": list(person.profiles)}
        erasure = cls.objects.create(customer=customer, reason=reason, by_id=by and by.pk, **told)
        changes = {"reason": (None, reason), "merged": (None, len(person.customers) - 1 or None)}
        AuditEntry.write("erasure.begun", by=by, on=f"customer:{customer}", changes=changes)
        return erasure

    @property
    def person(self) -> Person:
        """Whom."""
        return Person(tuple(self.people), tuple(self.profiles))

    @property
    def public_id(self) -> str:
        """The id by which others knew them."""
        return public_id(Customer.PREFIX, self.customer)

    def note(self, step: str, count: int = 0) -> None:
        """Remember that a step is over."""
        self.done = [*self.done, step]
        self.counts = {**self.counts, step: count} if count else self.counts
        self.waits_for = ""
        self.save(update_fields=["done", "counts", "waits_for"])

    def wait(self, why: str) -> None:
        """Remember what it waits for."""
        self.waits_for = why[:200]
        self.save(update_fields=["waits_for"])


class StoneQuerySet(models.QuerySet["Stone"]):
    """Sets of stones."""

    def in_force(self) -> Self:
        """Keep those that were not lifted."""
        return self.filter(lifted_at=None)

    def met(self, digests: Iterable[str]) -> set[str]:
        """Give those of some blind indexes that are of erased people, and note that they came again."""
        wanted = set(digests)
        found = self.in_force().filter(digest__in=wanted) if wanted else self.none()
        known = set(found.values_list("digest", flat=True))
        if known:
            self.filter(digest__in=known).update(met=F("met") + 1, met_at=timezone.now())
        return known


class Stone(models.Model):
    """The blind index of one identifier of somebody erased: who knows the number recognises it, nobody reads it."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="stones")
    digest = models.CharField(max_length=32)
    met = models.PositiveIntegerField(default=0)
    met_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)

    objects = StoneQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("digest", "erasure", name="stone_once_per_erasure")]

    def __str__(self) -> str:
        return f"stone {self.pk}"
