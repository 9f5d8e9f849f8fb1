"""Two customers who may be one person, for somebody to decide, and when the book was searched for them."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.core.errors import Refused
from guanxi.customers.models import Customer, SourceProfile

STAFF = settings.AUTH_USER_MODEL
RULE, AUTOMATIC = "probable duplicate", "duplicate above the threshold"


class DecidedAlready(Refused):
    """Somebody decided about the pair meanwhile, or one of the two is not there any more."""


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    """Sets of pairs."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all where the role sees customers, else none."""
        return self if isinstance(user, Staff) and user.may("customers.view") else self.none()

    def waiting(self) -> Self:
        """Keep those nobody decided about, both of whom are still customers of their own."""
        return self.filter(state=DuplicatePair.State.OPEN, left__survivor=None, right__survivor=None)

    def among(self, customers: Collection[int]) -> set[int]:
        """Give those of some customers who stand in a pair."""
        left, right = self.filter(left__in=customers), self.filter(right__in=customers)
        return {*left.values_list("left", flat=True), *right.values_list("right", flat=True)}

    def decided_since(self, moment: dt.datetime) -> Self:
        """Keep those that somebody decided about since then."""
        return self.filter(decided_at__gte=moment, decided_by__isnull=False)

    def surest_first(self) -> Self:
        """Order by likelihood."""
        return self.order_by("-weight", "pk")


class DuplicatePair(models.Model):
    """Two customers who may be one person. The evidence says of every field how alike they are and what that weighs.

    `weight` is the binary logarithm of the odds that they are; `evidence` holds [column, level, weight] and no values,
    so that nothing personal stands in it. `merge` is the key of the merge that was decided.
    """

    PREFIX: ClassVar = "dup"

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", gettext_lazy("Open")
        MERGED = "merged", gettext_lazy("Merged")
        APART = "apart", gettext_lazy("Not the same")
        LATER = "later", gettext_lazy("Later")

    left = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    right = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    weight = models.FloatField()
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(STAFF, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    merge = models.ForeignKey("identity.Merge", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="duplicate_left_before_right"),
            models.UniqueConstraint("left", "right", name="duplicate_once"),
        ]
        indexes = [models.Index(fields=["state", "-weight", "id"], name="duplicate_surest")]

    def __str__(self) -> str:
        return f"{self.left_id} and {self.right_id}"

    @property
    def likelihood(self) -> float:
        """How likely both are one person, from 0 to 1."""
        return float(1 / (1 + 2.0**-self.weight))

    @transaction.atomic
    def unite(self, *, by: Staff | None, rule: str = RULE, chosen: Mapping[str, int] | None = None) -> "DuplicatePair":
        """Merge both into one customer; `chosen` says whose name, gender, birthday or place is shown."""
        from guanxi.identity.merging import merge  # noqa: PLC0415 - models are read before what moves them

        self._hold({self.State.OPEN, self.State.LATER})
        self.merge = merge([self.left_id, self.right_id], by=by, rule=rule, evidence=self.reason, chosen=chosen)[0]
        return self._decide(self.State.MERGED, by)

    @transaction.atomic
    def keep_apart(self, *, by: Staff) -> "DuplicatePair":
        """Remember that they are two people: no profile of one is ever joined with one of the other, nor offered so."""
        from guanxi.identity.models import Apart  # noqa: PLC0415 - as above

        self._hold({self.State.OPEN, self.State.LATER})
        Apart.objects.keep(product(_profiles(self.left_id), _profiles(self.right_id)), merge=None, by=by)
        return self._decide(self.State.APART, by)

    @transaction.atomic
    def postpone(self, *, by: Staff) -> "DuplicatePair":
        """Put it off: the next search offers it again."""
        self._hold({self.State.OPEN})
        return self._decide(self.State.LATER, by)

    @transaction.atomic
    def reopen(self, *, by: Staff) -> "DuplicatePair":
        """Take the decision back as if it had never been: the pair waits again, and nothing keeps the two apart.

        An unmerge says that two are not one person; a slip of the hand says nothing.
        """
        from guanxi.identity.merging import unmerge  # noqa: PLC0415 - as above
        from guanxi.identity.models import Apart  # noqa: PLC0415 - as above

        self._hold({self.State.MERGED, self.State.APART, self.State.LATER})
        if self.state == self.State.MERGED and self.merge is not None:
            Apart.objects.filter(merge=unmerge(self.merge, by=by)).delete()
        elif self.state == self.State.APART:
            ours = _profiles(self.left_id), _profiles(self.right_id)
            either = Q(left__in=ours[0], right__in=ours[1]) | Q(left__in=ours[1], right__in=ours[0])
            Apart.objects.in_force().filter(either, merge=None, at__gte=self.found_at).delete()
        self.merge = None
        return self._decide(self.State.OPEN, by)

    def chosen(self, picks: Mapping[str, str]) -> dict[str, int]:
        """Say of sides, `left` or `right`, which customers they are."""
        sides = {"left": self.left_id, "right": self.right_id}
        return {unit: sides[side] for unit, side in picks.items() if side in sides}

    @property
    def reason(self) -> str:
        """Say in one line what speaks for it: the levels, without any value."""
        return ", ".join(f"{column}: {level}" for column, level, weight in self.evidence if weight > 0)

    def _hold(self, states: Iterable[str]) -> None:
        from guanxi.identity.settling import hold  # noqa: PLC0415 - as above

        hold()
        now = DuplicatePair.objects.select_for_update().get(pk=self.pk)
        if now.state not in states:
            raise DecidedAlready(_("Somebody decided about these two meanwhile."))
        self.state, self.merge = now.state, now.merge

    def _decide(self, state: str, by: Staff | None) -> "DuplicatePair":
        before, self.state = self.state, state
        is_open = state == self.State.OPEN
        self.decided_by, self.decided_at = (None, None) if is_open else (by, timezone.now())
        self.save(update_fields=["state", "decided_by", "decided_at", "merge"])
        AuditEntry.write("duplicate.decided", by=by, on=self, changes={"state": (before, state)})
        return self


def _profiles(customer: int) -> list[int]:
    return list(SourceProfile.objects.people().filter(customer=customer).values_list("pk", flat=True))


class DuplicateSearch(models.Model):
    """One search of the whole book for duplicates: how many people, how many pairs were found, and by which prior."""

    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    people = models.IntegerField(default=0)
    pairs = models.IntegerField(default=0)
    merged = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)
    prior = models.FloatField(default=0.0)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"search {self.pk}"

    @classmethod
    def last(cls) -> "DuplicateSearch | None":
        """Find the last one that came to its end."""
        found: DuplicateSearch | None = cls.objects.filter(ended_at__isnull=False).order_by("-pk").first()
        return found
