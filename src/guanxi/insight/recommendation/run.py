"""The record of a computation of recommendations."""

from django.db import models
from django.utils import timezone


class RecommendationRun(models.Model):
    """The last computation of what to recommend, as of one day.

    `told` holds how many goods and customers there were, and how the offers did on the past; `basis` names the
    snapshots of the lake it was computed from.
    """

    as_of = models.DateField(unique=True)
    customers = models.PositiveBigIntegerField()
    told = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="recommendation_run_latest")]

    def __str__(self) -> str:
        return f"recommendations as of {self.as_of}"

    @classmethod
    def latest(cls) -> "RecommendationRun | None":
        """Find the run the kept recommendations come from; None before the first."""
        return cls.objects.order_by("-finished_at").first()
