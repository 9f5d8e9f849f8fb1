"""A set is asked for, the work goes on in the background, and what it found is kept with the reasons."""

from typing import Any

from django.utils import timezone, translation

from guanxi.core.errors import GuanxiError
from guanxi.insight.lookalike.resembling import resembling
from guanxi.insight.lookalike.sets import ids_of
from guanxi.insight.lookalike.traits import Traits
from guanxi.insight.models import LookalikeRun
from guanxi.insight.scoring import present_day
from guanxi.warehouse.reading import snapshot


def ask(kind: str, word: str) -> LookalikeRun:
    """Have it found in the background."""
    from guanxi.insight.tasks import find_lookalikes  # noqa: PLC0415 - it calls this module

    run = LookalikeRun.begin(kind, word, as_of=present_day())
    run.job = int(find_lookalikes.enqueue(run.pk).id)
    run.save(update_fields=["job"])
    return run


def find(run_id: int) -> int:
    """Do what was asked for, and keep what it found or why it could not; gives how many resemble the set."""
    run = LookalikeRun.objects.filter(pk=run_id).first()
    if run is None:
        return 0
    with translation.override(run.language or None):
        try:
            run.told = answer(run)
        except GuanxiError as error:
            run.failure = str(error)
    run.finished_at = timezone.now()
    run.save(update_fields=["told", "failure", "finished_at"])
    return len(run.told.get("people", ()))


def answer(run: LookalikeRun, ids: set[int] | None = None) -> dict[str, Any]:
    """Find who resembles the set of a run; GuanxiError says what is missing."""
    ids = ids_of(run.kind, run.word) if ids is None else ids
    with snapshot() as lake:
        traits = Traits.read(lake, run.as_of)
    return resembling(traits, ids).facts(traits)
