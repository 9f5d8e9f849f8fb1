"""The record of a computation of who will come back."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone

CHURN = "churn"  # the name of the customers' scores
AT_RISK = "at-risk"  # the label of those who bought before and rather stay away


class ChurnRun(models.Model):
    """The last computation of how probably customers come back, as of one day.

    `told` holds the window, how many are at risk and what with them, the coefficients, and the trial; `basis` names the
    snapshots of the lake it was computed from.
    """

    as_of = models.DateField(unique=True)
    customers = models.PositiveBigIntegerField()
    told = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="churn_run_latest")]

    def __str__(self) -> str:
        return f"churn as of {self.as_of}"

    @classmethod
    def latest(cls) -> "ChurnRun | None":
        """Find the run the scores come from; None before the first."""
        return cls.objects.order_by("-finished_at").first()

    def trials_before(self, most: int = 30) -> list[Mapping[str, Any]]:
        """Give the trials of the runs as of earlier days, newest first."""
        before = ChurnRun.objects.filter(as_of__lt=self.as_of).order_by("-as_of")[:most]
        return [{"as_of": run.as_of, **run.told["trial"]} for run in before if run.told.get("trial")]
