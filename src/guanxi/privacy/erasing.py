"""The erasure of one person, step by step: each is harmless to repeat, so that a killed one goes on where it stopped.

What lies outside of the book goes first, for only the book knows by which words it names the person. Then the rows, a
few hundred a transaction; the key of what append-only records say; the lake and its files; what the database keeps of
deleted rows. Who is erased is out of reach from the first row on, and nothing brings them back.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.accounts.models import AuditEntry
from guanxi.core.jobs.lease import lease
from guanxi.customers.models import Identifier
from guanxi.customers.places import NotYet, Place, Spot, places, spots
from guanxi.guard.models import PersonKey
from guanxi.privacy.models import Copy, Erasure, Reason, Stone
from guanxi.warehouse import forgetting

AT_ONCE = 200
TURN = gettext_noop("an erasure")
Step = tuple[str, Callable[[Erasure], int]]
SMALL_BYTES = 50 * 1024**2  # of the book: rewritten in less than a second
ROUNDS = 5  # a fact may arrive while its person goes


def erase(erasure: Erasure, *, wait: dt.timedelta | None = dt.timedelta(0), at_once: bool = False) -> bool:
    """Do what is left of an erasure; False where something has to be waited for.

    `at_once` waits neither for readers of the lake, whose query may have to be asked again, nor for the night.
    """
    return bool(erase_each([erasure], wait=wait, at_once=at_once))


def erase_each(
    erasures: Sequence[Erasure], *, wait: dt.timedelta | None = dt.timedelta(0), at_once: bool = False
) -> int:
    """Do what is left of some erasures, one after the other; the lake is rewritten once for all. Says how many end."""
    with lease(TURN, wait=wait):
        for each in erasures:
            each.refresh_from_db()
        rest = [each for each in erasures if _walk(each, own_steps())]
        for name, step in common_steps(at_once=at_once):
            waiting = [each for each in rest if name not in each.done]
            if waiting and not _all(waiting, name, step):
                return 0
        for each in rest:
            _finish(each)
    return len(rest)


def _walk(erasure: Erasure, steps: Iterable[Step]) -> bool:
    """Do the steps that are not over; False where one has to wait."""
    try:
        for name, step in steps:
            if name not in erasure.done:
                erasure.note(name, step(erasure))
    except NotYet as error:
        erasure.wait(str(error))
        return False
    return True


def _all(erasures: Sequence[Erasure], name: str, step: Callable[[Sequence[Erasure]], object]) -> bool:
    """Do a step once for several; False where it has to wait."""
    try:
        step(erasures)
    except NotYet as error:
        for each in erasures:
            each.wait(str(error))
        return False
    for each in erasures:
        each.note(name)
    return True


def own_steps() -> Iterator[Step]:
    """Name the steps that each person needs, in their order."""
    yield "stones", _set_stones
    for spot in spots():
        yield f"spot {spot.name}", partial(_clear_spot, spot)
    yield "copies", lambda erasure: Copy.objects.filter(customer__in=erasure.people).remove()
    for place in acted_upon():
        yield f"place {place.name}", partial(_clear, place)
    yield "rest", _clear_the_rest
    yield "keys", lambda erasure: PersonKey.objects.destroy(erasure.people)


def common_steps(*, at_once: bool = False) -> Iterator[tuple[str, Callable[[Sequence[Erasure]], object]]]:
    """Name the steps that are the same for everybody erased together."""
    yield "lake", _rewrite_the_lake
    yield "files of the lake", partial(_wait_for_files, at_once=at_once)
    yield "book", partial(_clean_the_book, at_once=at_once)


def acted_upon() -> list[Place]:
    """List the tables in which something is deleted or blanked."""
    return [place for place in places() if place.rows_go or place.blanked]


def _set_stones(erasure: Erasure) -> int:
    """Keep the blind indexes of their strong identifiers, by which a later import knows them.

    Whom a rule of retention forgets may come again: nobody asked for them to stay away.
    """
    if erasure.reason == Reason.RETENTION:
        return 0
    strong = Identifier.objects.strong().filter(profile__customer__in=erasure.people)
    digests = set(strong.values_list("digest", flat=True))
    Stone.objects.bulk_create([Stone(erasure=erasure, digest=each) for each in digests], ignore_conflicts=True)
    return len(digests)


def _clear_spot(spot: Spot, erasure: Erasure) -> int:
    return spot.erase(erasure.person)


def _clear(place: Place, erasure: Erasure) -> int:
    """Delete or blank the rows of a person in one table; what others still refer to waits for the rest."""
    done = 0
    with suppress(ProtectedError):
        while some := _clear_some(place, erasure):
            done += some
    return done


@transaction.atomic
def _clear_some(place: Place, erasure: Erasure) -> int:
    ids = list(place.rows(erasure.person).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    place.before(ids)
    rows = place.model._default_manager.filter(pk__in=ids)  # noqa: SLF001 - Django's documented name
    if place.blanked:
        rows.update(**place.blanked)
    else:
        rows.delete()
    return len(ids)


def _clear_the_rest(erasure: Erasure) -> int:
    """Look once more at every table, all in one transaction: at its end nobody is left to whom a fact could come."""
    for _round in range(ROUNDS):
        try:
            with transaction.atomic():
                return sum(_clear_all(place, erasure) for place in acted_upon())
        except ProtectedError:
            continue
    raise NotYet(_("Something is being written about them; the erasure goes on in a few minutes."))


def _clear_all(place: Place, erasure: Erasure) -> int:
    done = 0
    while some := _clear_some(place, erasure):
        done += some
    return done


def _rewrite_the_lake(erasures: Sequence[Erasure]) -> None:
    at = forgetting.rewrite(wait=dt.timedelta(minutes=5))
    for each in erasures:
        each.rewritten_at = at
        each.save(update_fields=["rewritten_at"])


def _wait_for_files(erasures: Sequence[Erasure], *, at_once: bool) -> None:
    """Remove the lake's old files; NotYet while somebody may be reading them."""
    since = max(each.rewritten_at for each in erasures if each.rewritten_at)
    if forgetting.left_since(since, at_once=at_once):
        raise NotYet(_("Old files of the lake are kept while somebody may be reading them, for an hour or two."))


def _clean_the_book(_erasures: Sequence[Erasure], *, at_once: bool) -> None:
    """Have the database let go of deleted rows: SQLite's file is rewritten, PostgreSQL's dead rows are vacuumed.

    Writers wait meanwhile, so that a large file is rewritten at night. Overwriting what is deleted is not enough: where
    SQLite shares rows out among pages anew, it leaves copies of them in the pages' free parts.
    """
    if connection.in_atomic_block:
        raise NotYet(_("The book is being written; the erasure goes on in a few minutes."))
    if connection.vendor == "postgresql":
        tables = sorted({place.model._meta.db_table for place in acted_upon()} | {PersonKey._meta.db_table})  # noqa: SLF001
        _run(f"vacuum {', '.join(map(connection.ops.quote_name, tables))}")
    elif at_once or Path(connection.settings_dict["NAME"]).stat().st_size < SMALL_BYTES:
        _run("vacuum")
        if _run("pragma wal_checkpoint(truncate)"):
            raise NotYet(_("The book is being read; the erasure goes on in a few minutes."))
    else:
        raise NotYet(_("The file of the book is rewritten at night, so that nobody has to wait."))


def _run(statement: str) -> int:
    """Run it alone; gives the first number it answers. NotYet where somebody holds the book for long."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchone() if cursor.description else None
            return int(found[0]) if found else 0
    except OperationalError as error:
        raise NotYet(_("The book is being written; the erasure goes on in a few minutes.")) from error


@transaction.atomic
def _finish(erasure: Erasure) -> None:
    """Say that it is over; does nothing the second time."""
    if Erasure.objects.unfinished().filter(pk=erasure.pk).update(finished_at=timezone.now(), waits_for=""):
        erasure.refresh_from_db()
        changes = {"rows": (None, sum(erasure.counts.values()))}
        AuditEntry.write("erasure.done", by=erasure.by, on=f"customer:{erasure.customer}", changes=changes)
