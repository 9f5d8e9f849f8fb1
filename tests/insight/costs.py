"""A marketing cost and a reading of an experiment that tests need."""

import datetime as dt

from guanxi.accounts.models import Staff
from guanxi.insight.models import ExperimentReading, MarketingCost

FIRST, LAST = dt.date(2024, 11, 1), dt.date(2024, 11, 11)


def cost_of(source: str, *, by: Staff) -> MarketingCost:
    """Enter what a source cost in eleven days."""
    MarketingCost.objects.enter(
        [MarketingCost(source=source, starts_on=FIRST, ends_on=LAST, amount_minor=110_000, by=by)], by=by
    )
    return MarketingCost.objects.get(source=source)


def reading_of(name: str, *, by: Staff) -> ExperimentReading:
    """Keep a reading that says nothing."""
    ratio = {"mismatch": False, "chi2": 0.0, "p": 1.0}
    told = {"sample_ratio": ratio, "arms": [], "metrics": [], "control": "a", "rows": 0}
    return ExperimentReading.objects.create(name=name, figures=told, sentences={"en": [], "zh": []}, by=by)
