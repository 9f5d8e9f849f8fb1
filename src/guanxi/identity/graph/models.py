"""What relations are computed from: where parcels of a profile went, and what people say of each other."""

from collections.abc import Collection, Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.models import Staff
from guanxi.core.ids import public_id
from guanxi.customers.models import SourceProfile
from guanxi.warehouse.models import LakeSource, ranges


class Kind(models.TextChoices):
    """How two people are related, the surest first."""

    REFERRAL = "referral", _("Introduction")
    HOUSEHOLD = "household", _("Household")
    GIFT = "gift", pgettext_lazy("relation", "Gift")
    ADDRESS = "address", _("Same address")


DIRECTED = frozenset({Kind.REFERRAL, Kind.GIFT})  # from whom brought to whom came, from giver to recipient
SAYABLE = (Kind.REFERRAL, Kind.HOUSEHOLD, Kind.GIFT)  # what somebody can say by hand; an address is seen or it is not


class Trace(LakeSource):
    """One profile's parcels to one address, or to one recipient's phone: how many, and when the first and the last.

    `digest` is the keyed blind index of the address as `graph.addresses` writes it, or of the phone, where it is the
    digest of the identifier of whoever owns that phone. Nothing in it can be read.
    """

    class Sign(models.TextChoices):
        """What was seen."""

        ADDRESS = "address"
        RECIPIENT = "recipient"

    profile = models.ForeignKey(SourceProfile, models.CASCADE, related_name="traces", db_index=False)
    sign = models.CharField(max_length=10, choices=Sign)
    digest = models.CharField(max_length=32)
    times = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta(LakeSource.Meta):
        constraints = [models.UniqueConstraint("profile", "sign", "digest", name="trace_once_per_profile")]
        indexes = [*LakeSource.Meta.indexes, models.Index(fields=["digest", "profile"], name="trace_of_digest")]

    def __str__(self) -> str:
        return f"{self.sign} of profile {self.profile_id}"


class UntracedQuerySet(models.QuerySet["Untraced"]):
    """What waits."""

    def arrive(self, of: str, ids: Iterable[int]) -> None:
        """Note rows of a source, or profiles, to be looked at again; in the transaction that writes them."""
        self.bulk_create(Untraced(of=of, first_id=a, last_id=b) for a, b in ranges(sorted(ids)))


class Untraced(models.Model):
    """Neighbouring rows of a source that were written, or profiles, whose traces have to be made anew."""

    PROFILES: ClassVar = "profiles"

    of = models.CharField(max_length=20)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    objects = UntracedQuerySet.as_manager()

    class Meta:
        verbose_name_plural: ClassVar = "untraced"

    def __str__(self) -> str:
        return f"{self.of} {self.first_id} to {self.last_id}"


class RelationQuerySet(models.QuerySet["Relation"]):
    """Sets of what was said."""

    def visible_to(self, user: Staff | AnonymousUser) -> Self:
        """Keep those this member of staff may see: all where the role sees customers, else none."""
        return self if isinstance(user, Staff) and user.may("customers.view") else self.none()

    def in_force(self) -> Self:
        """Keep what nobody took back and no later word lifted."""
        return self.filter(taken_back_at=None, lifted_by=None)

    def of(self, customers: Collection[int]) -> Self:
        """Keep what was said of some customers."""
        return self.filter(Q(one__customer__in=customers) | Q(other__customer__in=customers))

    def between(self, one: int, other: int, kind: str) -> Self:
        """Keep what was said of two customers; of a kind without direction in either order."""
        straight = Q(one__customer=one, other__customer=other)
        back = Q(one__customer=other, other__customer=one)
        return self.filter(straight if kind in DIRECTED else straight | back, kind=kind)


class Relation(LakeSource):
    """What somebody, or a program, said of two people: that they are related, or that they are not.

    It is said of profiles, so that it follows them through merges, and comes back with an unmerge. Of a kind with a
    direction it goes from `one` to `other`. A denial beats what is computed until a later word by hand lifts it.
    """

    PREFIX: ClassVar = "rel"

    kind = models.CharField(max_length=10, choices=Kind)
    one = models.ForeignKey(SourceProfile, models.PROTECT, related_name="+")
    other = models.ForeignKey(SourceProfile, models.PROTECT, related_name="+")
    is_related = models.BooleanField(default=True)
    source = models.CharField(max_length=40, default="by hand")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="lifted")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RelationQuerySet.as_manager()

    class Meta(LakeSource.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("other")), name="relation_of_two"),
            models.UniqueConstraint(
                fields=["one", "other", "kind"], condition=Q(is_related=True, taken_back_at=None),
                name="relation_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.one_id} {self.kind} {self.other_id}"

    @property
    def public_id(self) -> str:
        """The id others see."""
        return public_id(self.PREFIX, self.pk)
