"""What the last count found: figures by day, who is behind them, what could not be read, and what joins nobody."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models, transaction
from django.utils import timezone

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.identity.quality.figures import EVERYBODY, FIGURES

KIND = Identifier.Kind


class QualityCountQuerySet(models.QuerySet["QualityCount"]):
    """Counts of several days."""

    def newest(self) -> dict[str, "QualityCount"]:
        """Give the figures of the last count by their codes; nothing before the first."""
        last = self.order_by("-on").values_list("on", flat=True).first()
        return {each.figure: each for each in self.filter(on=last)} if last else {}

    def before(self, day: dt.date) -> dict[str, int]:
        """Give how many people each figure had on the last day counted that is not after a day."""
        last = self.filter(on__lte=day).order_by("-on").values_list("on", flat=True).first()
        return dict(self.filter(on=last).values_list("figure", "people")) if last else {}

    @transaction.atomic
    def keep(self, people: Mapping[str, int], *, at: dt.datetime) -> None:
        """Write the figures of a day; a second count of the day replaces the first."""
        on = timezone.localdate(at)
        self.filter(on=on).delete()
        self.bulk_create(
            QualityCount(figure=code, on=on, people=people.get(code, 0), at=at) for code in (EVERYBODY, *FIGURES)
        )


class QualityCount(models.Model):
    """How many people one figure had on one day."""

    figure = models.CharField(max_length=20)
    on = models.DateField()
    people = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = QualityCountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("on", "figure", name="quality_once_a_day")]

    def __str__(self) -> str:
        return f"{self.figure} {self.on}"


class BehindQuerySet(models.QuerySet["Behind"]):
    """People behind figures."""

    def under(self, figure: str) -> Self:
        """Keep those behind one figure."""
        return self.filter(figure=figure)


class Behind(models.Model):
    """One person who counted under one figure when it was counted last."""

    figure = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    objects = BehindQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("figure", "customer", name="behind_once")]

    def __str__(self) -> str:
        return f"{self.figure} of customer {self.customer_id}"


class UnreadQuerySet(models.QuerySet["Unread"]):
    """What could not be read."""

    def keep(self, told: Iterable[tuple[int, str, str]]) -> None:
        """Note of profiles that a phone or an e-mail of theirs was none, and why; what is noted already stays."""
        self.bulk_create(
            (Unread(profile_id=profile, kind=kind, reason=reason) for profile, kind, reason in told),
            ignore_conflicts=True,
        )


class Unread(models.Model):
    """A phone or an e-mail that a source gave and that is none. What was given is not kept, only why it is none."""

    profile = models.ForeignKey(SourceProfile, models.CASCADE, related_name="unread")
    kind = models.CharField(max_length=20, choices=KIND)
    reason = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)

    objects = UnreadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("profile", "kind", name="unread_once_per_profile")]

    def __str__(self) -> str:
        return f"{self.kind} of profile {self.profile_id}: {self.reason}"


class StoppedQuerySet(models.QuerySet["Stopped"]):
    """Identifiers over their limits."""

    @transaction.atomic
    def replace(self, found: Iterable[Any], limits: Mapping[str, int]) -> None:
        """Write what is over its limit now, instead of what was."""
        self.all().delete()
        self.bulk_create(
            Stopped(kind=each.kind, digest=each.digest, profiles=each.profiles, limit=limits[each.kind])
            for each in found
        )


class Stopped(models.Model):
    """An identifier that more profiles carry than the rules allow, so that it joins nobody, as of the last count."""

    kind = models.CharField(max_length=20, choices=KIND)
    digest = models.CharField(max_length=32, unique=True)
    profiles = models.PositiveIntegerField()
    limit = models.PositiveIntegerField()

    objects = StoppedQuerySet.as_manager()

    class Meta:
        ordering = ["-profiles", "digest"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.profiles} profiles"
