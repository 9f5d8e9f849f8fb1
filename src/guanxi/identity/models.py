"""The records of who was found to be whom: merges, what was taken back, and who must not be joined."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id, reserve
from guanxi.customers.models import Customer, SourceProfile
from guanxi.guard.sealing import context, seal, unseal
from guanxi.identity.duplicates.pair import DuplicatePair, DuplicateSearch
from guanxi.identity.graph.models import Relation, Trace, Untraced
from guanxi.identity.quality.models import Behind, QualityCount, Stopped, Unread
from guanxi.identity.rules import RuleSet

__all__ = [
    "Apart", "Behind", "DuplicatePair", "DuplicateSearch", "Merge", "QualityCount", "Relation", "RuleSet",
    "Stopped", "Trace", "Unread", "Untraced",
]  # fmt: skip

STAFF = settings.AUTH_USER_MODEL


class MergeQuerySet(models.QuerySet["Merge"]):
    """Sets of acts."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all where the role sees customers, else none."""
        return self if isinstance(user, Staff) and user.may("customers.view") else self.none()

    def in_force(self) -> Self:
        """Keep merges that nobody took back."""
        return self.filter(act=Merge.Act.MERGED, undone_by=None)

    def links(self, profiles: Collection[int] | None = None) -> list[tuple[int, int]]:
        """Give the pairs of profiles that merges in force by hand made one, of some profiles or of all."""
        said = self.in_force().filter(left__isnull=False, right__isnull=False)
        if profiles is not None:
            said = said.filter(Q(left__in=profiles) | Q(right__in=profiles))
        return list(said.order_by("pk").values_list("left", "right"))

    def about(self, customers: Any) -> Self:
        """Keep those in which some customers took part, newest first."""
        return self.filter(Q(survivor__in=customers) | Q(other__in=customers)).order_by("-pk")


class Merge(models.Model):
    """One act upon who is whom; its key is the MERGE_ID. The MergeLog lines that bear it say which profiles moved.

    `left` and `right` are the profiles that a merge by hand said to be one person: a link that holds while the merge
    is in force. A merge by a rule has none, for the identifiers say it. An unmerge is an act of its own: it names the
    same customers, and the merge it took back bears it as `undone_by`.
    """

    PREFIX: ClassVar = "mrg"

    class Act(models.TextChoices):
        """What was done."""

        MERGED = "merged", _("Merged")
        UNMERGED = "unmerged", _("Merge undone")
        SPLIT = "split", _("Split")
        WITHDRAWN = "withdrawn", _("Withdrawn by a rule")

    act = models.CharField(max_length=10, choices=Act)
    survivor = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    other = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="merges_into_others")
    left = models.ForeignKey(SourceProfile, models.PROTECT, null=True, blank=True, related_name="+")
    right = models.ForeignKey(SourceProfile, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.CharField(max_length=40)
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    evidence = models.BinaryField(null=True, blank=True)
    undone_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undid")

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)

    @classmethod
    def write(cls, act: str, *, survivor: int, evidence: str = "", **told: Any) -> "Merge":
        """Record an act; its evidence, which may name a person, is sealed."""
        key = reserve(cls, 1)[0]
        sealed = seal(evidence, cls.place(key)) if evidence else None
        return cls.objects.create(pk=key, act=act, survivor_id=survivor, evidence=sealed, **told)

    @staticmethod
    def place(key: int) -> str:
        """Name the place where the evidence of an act stands."""
        return context("identity_merge", key, "evidence")

    @property
    def proven_by(self) -> str:
        """Why it was done, in the words of whoever or whatever did it."""
        return unseal(self.evidence, self.place(self.pk)) if self.evidence else ""

    @property
    def is_in_force(self) -> bool:
        """Whether this is a merge that nobody took back."""
        return self.act == self.Act.MERGED and self.undone_by_id is None


class ApartQuerySet(models.QuerySet["Apart"]):
    """Sets of cannot-links."""

    def in_force(self) -> Self:
        """Keep those that no merge by hand has lifted since."""
        return self.filter(lifted_by=None)

    def pairs(self, profiles: Collection[int] | None = None) -> list[tuple[int, int]]:
        """Give the pairs of profiles that must not be one person, of some profiles or of all."""
        said = self.in_force()
        if profiles is not None:
            said = said.filter(Q(left__in=profiles) | Q(right__in=profiles))
        return list(said.order_by("left", "right").values_list("left", "right").distinct())

    def keep(self, pairs: Iterable[tuple[int, int]], *, merge: "Merge | None", by: Any = None) -> None:
        """Have pairs of profiles be kept apart, by an act; those that are already stay as they are."""
        wanted = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
        there = set(self.pairs({profile for pair in wanted for profile in pair}))
        self.bulk_create(Apart(left_id=a, right_id=b, merge=merge, by=by) for a, b in sorted(wanted - there))


class Apart(models.Model):
    """Two profiles that are not one person, whatever the rules say: written by an unmerge, a split or a decision.

    A merge by hand of the two lifts it (`lifted_by`); taking that merge back has it hold again.
    """

    left = models.ForeignKey(SourceProfile, models.CASCADE, related_name="+")
    right = models.ForeignKey(SourceProfile, models.CASCADE, related_name="+")
    merge = models.ForeignKey(Merge, models.PROTECT, null=True, blank=True, related_name="aparts")
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(Merge, models.PROTECT, null=True, blank=True, related_name="lifted")

    objects = ApartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=models.F("right")), name="apart_left_before_right"),
            models.UniqueConstraint("left", "right", condition=Q(lifted_by=None), name="apart_once"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} is not {self.right_id}"
