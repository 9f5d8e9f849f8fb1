"""The record of a computation of recommendations."""

from django.db import models

from guanxi.insight.kept_run import ToldRun


class RecommendationRun(ToldRun):
    """The last computation of what to recommend, as of one day.

    `told` holds how many goods and customers there were, and how the offers did on the past; `basis` names the
    snapshots of the lake it was computed from.
    """

    customers = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="recommendation_run_latest")]

    def __str__(self) -> str:
        return f"recommendations as of {self.as_of}"
