"""The record of a forecast: how it went, and every figure of it."""

from django.db import models

from guanxi.insight.kept_run import ToldRun


class ForecastRun(ToldRun):
    """The last forecast of what will be sold, made of the days up to `as_of`.

    `told` holds what it says of all figures together: since when days are known, what is missing, which festivals lie
    ahead; `basis` names the snapshots of the lake it was made from.
    """

    class Meta:
        indexes = [models.Index(fields=["-finished_at"], name="forecast_run_latest")]

    def __str__(self) -> str:
        return f"forecast as of {self.as_of}"


class ForecastLine(models.Model):
    """One figure of the last forecast: a measure of the shop, or of a channel, category or product.

    `told` holds the days known lately and those to come with their intervals, weeks, sums, and the trial of the models.
    """

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="lines")
    part = models.CharField(max_length=10)
    entry = models.CharField(max_length=200, blank=True, default="")
    measure = models.CharField(max_length=10)
    place = models.PositiveIntegerField()
    sums = models.JSONField(default=dict)
    told = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint("run", "part", "entry", "measure", name="forecast_line_once")]

    def __str__(self) -> str:
        return f"{self.measure} of {self.part} {self.entry}".strip()
