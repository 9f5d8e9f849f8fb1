"""What is proven when the program starts, and what the doctor says of the lake."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core import checks

from guanxi.core import doctor
from guanxi.core.errors import GuanxiError
from guanxi.warehouse import marts, place, runs
from guanxi.warehouse.models import Moment, as_of
from guanxi.warehouse.reading import latest
from guanxi.warehouse.registry import feeds, tables
from guanxi.warehouse.registry import marts as registered


@checks.register("warehouse")
def sound(**_: Any) -> list[checks.CheckMessage]:
    """Prove every mart without data, and every feed's index."""
    return [checks.Error(problem, id="warehouse.E001") for problem in problems()]


def problems() -> Iterator[str]:
    """Say what in the declared tables, feeds and marts does not fit together."""
    for feed in feeds().values():
        if not any(index.name.endswith("_to_lake") for index in feed.model._meta.indexes):  # noqa: SLF001 - Django's way
            yield f"{feed.model.__name__}'s Meta has to inherit LakeSource.Meta and keep its indexes"
        yield from (
            f"The feed {feed.name} fills {name}, which is not declared" for name in feed.loaders if name not in tables()
        )
    yield from place.problems()
    for mart in registered().values():
        yield from _told(partial(marts.check, mart))
        if mart.undeclared():
            yield from _told(mart.values)
    yield from _told(runs.ordered)


def _told(prove: Callable[[], object]) -> Iterator[str]:
    try:
        prove()
    except GuanxiError as error:
        yield str(error)


@doctor.check("lake")
def examined() -> Iterator[doctor.Finding]:
    """Say whether the lake can be read, how old it is, and whether the marts fit."""
    if place.is_bucket():
        place.try_out()
        yield doctor.good(f"The object store answers: {place.shown()} takes, gives, lists and removes files.")
    moment = Moment.objects.latest_one()
    if moment is None:
        yield doctor.note(
            "The lake is empty: nothing was synchronised yet.", "Run `guanxi lake sync`, or start the worker."
        )
    else:
        latest().of(" ".join(tables()))
        yield doctor.good(f"The lake can be read; it is as of {as_of():%Y-%m-%d %H:%M:%S} UTC.")
    for problem in problems():
        yield doctor.wrong(problem, "Correct the file named, or install a version that fits.")
