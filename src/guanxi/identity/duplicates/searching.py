"""The book searched for duplicates: everybody by night, those who came or changed since then by day.

What was told apart is never offered again, what was put off is offered again; a pair that a search of everybody no
longer finds goes. From a likelihood that the owner sets in the rules of who is who, pairs are merged without being
asked about; by default none are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

import polars as pl
from django.db import transaction
from django.utils import timezone

from guanxi.core.errors import Refused
from guanxi.customers.models import Customer, Event, Identifier, SourceProfile
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.identity import rules
from guanxi.identity.duplicates import model
from guanxi.identity.duplicates.pair import AUTOMATIC, DuplicatePair, DuplicateSearch
from guanxi.identity.duplicates.preparation import APART, prepare
from guanxi.identity.models import Apart
from guanxi.identity.telling import EDITED

AT_ONCE = 2_000
WRITTEN_AT_ONCE = 100
MOST_OFFERED = 10_000
MOST_NEW = 1_000  # who came since the last search; of more the night's search of everybody is waited for
MOST_NEIGHBOURS = 50
KINDS = {Identifier.Kind.PHONE.value: "phone", Identifier.Kind.EMAIL.value: "email"}
COLUMNS = ("pk", "name", "birthday", "province", "city", "country")
TOLD = ("full_name", "birthday", "province", "city", "country", "phone", "email")

Report = Callable[[int, int], None]
Check = Callable[[], None]
Found = tuple[int, int, float, list[list[object]]]


def search_all(report: Report = lambda _done, _total: None, check: Check = lambda: None) -> DuplicateSearch:
    """Search everybody, keep the surest pairs, and merge those that the rules let be merged.

    `check` raises where the search is to stop: what was kept until then stays.
    """
    search = DuplicateSearch()
    search.save()
    everybody = _everybody(report, check)
    scores = model.score(prepare(everybody.drop("pk")))
    check()
    found = _surest(scores, everybody["pk"])
    for start in range(0, len(found), WRITTEN_AT_ONCE):
        check()
        _keep(found[start : start + WRITTEN_AT_ONCE])
    _forget(search)
    search.merged = merge_the_sure(check)
    search.people, search.pairs, search.prior = everybody.height, len(found), scores.prior
    search.left_out = sum(rule.left_out for rule in scores.rules)
    search.ended_at = timezone.now()
    search.save()
    return search


def search_new(check: Check = lambda: None) -> int:
    """Compare who came or changed since the last search with those most like them; gives how many pairs were found."""
    last = DuplicateSearch.last()
    fresh = _fresh(last) if last else set()
    if last is None or not fresh or len(fresh) > MOST_NEW:
        return 0
    some = _read(sorted(fresh | _like(fresh)))
    check()
    scores = model.score(prepare(some.drop("pk")), prior=last.prior)
    found = [pair for pair in _surest(scores, some["pk"]) if pair[0] in fresh or pair[1] in fresh]
    for start in range(0, len(found), WRITTEN_AT_ONCE):
        check()
        _keep(found[start : start + WRITTEN_AT_ONCE])
    merge_the_sure(check)
    return len(found)


def merge_the_sure(check: Check = lambda: None) -> int:
    """Merge the pairs above the threshold of the rules, each on its own; gives how many. Without a threshold none."""
    threshold = rules.in_force().threshold
    if threshold is None:
        return 0
    merged = 0
    for pair in list(DuplicatePair.objects.waiting().surest_first()[:MOST_OFFERED]):
        check()
        if pair.likelihood * 100 < threshold:
            break
        merged += _merged(pair)
    return merged


def _merged(pair: DuplicatePair) -> bool:
    try:
        pair.unite(by=None, rule=AUTOMATIC)
    except Refused:  # one of them went into somebody else just now: the next search sees who is left
        return False
    return True


def _everybody(report: Report, check: Check) -> pl.DataFrame:
    keys = list(_standing().order_by("pk").values_list("pk", flat=True))
    parts = []
    for start in range(0, len(keys), AT_ONCE):
        check()
        parts.append(_read(keys[start : start + AT_ONCE]))
        report(min(start + AT_ONCE, len(keys)), len(keys))
    return pl.concat(parts) if parts else _table([])


def _standing() -> CustomerQuerySet:
    return Customer.objects.filter(survivor=None, erased_at=None)


def _read(keys: Sequence[int]) -> pl.DataFrame:
    """Read people in two queries: of each every phone and e-mail."""
    reached: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    known = Identifier.objects.filter(profile__customer__in=keys, kind__in=KINDS)
    columns = ("profile__customer", "kind", "value", "sealed", "digest")
    for customer, kind, value, sealed, digest in known.values_list(*columns):
        reached[customer or 0][KINDS[kind]].append(Identifier.opened(value, sealed, digest))
    rows = _standing().filter(pk__in=keys).order_by("pk").values_list(*COLUMNS)
    return _table([_row(row, reached[row[0]]) for row in rows])


def _row(row: Sequence[object], reached: dict[str, list[str]]) -> tuple[object, ...]:
    key, name, birthday, *place = row
    words = [APART.join(dict.fromkeys(reached[kind])) or None for kind in ("phone", "email")]
    return (key, name or None, str(birthday) if birthday else None, *(part or None for part in place), *words)


def _table(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"pk": pl.Int64, **dict.fromkeys(TOLD, pl.String)}, orient="row")


def _fresh(last: DuplicateSearch) -> set[int]:
    came = _standing().filter(created_at__gte=last.began_at).values_list("pk", flat=True)
    changed = Event.objects.filter(name=EDITED, occurred_at__gte=last.began_at, customer__survivor=None)
    told = changed.values_list("customer", flat=True).distinct()
    return {pk for pk in (*came[: MOST_NEW + 1], *told[: MOST_NEW + 1]) if pk}


def _like(fresh: Collection[int]) -> set[int]:
    """Find those with whom somebody shares the sound of a name or the end of a phone, a few for each."""
    sounds = set(Customer.objects.filter(pk__in=fresh).exclude(sort_name="").values_list("sort_name", flat=True))
    ends = Identifier.objects.filter(profile__customer__in=fresh, ending__isnull=False)
    found: set[int] = set()
    for sound in sounds:
        found.update(_standing().filter(sort_name=sound).values_list("pk", flat=True)[:MOST_NEIGHBOURS])
    for ending in set(ends.values_list("ending", flat=True)):
        whose = Identifier.objects.filter(ending=ending, profile__customer__isnull=False)
        found.update(whose.values_list("profile__customer", flat=True)[:MOST_NEIGHBOURS])
    return found - set(fresh)


def _surest(scores: model.Scores, keys: pl.Series) -> list[Found]:
    """Write the pairs that are likelier one person than not, by the keys of customers and without any value."""
    sure = scores.pairs.filter(pl.col("weight") > 0).sort("weight", descending=True).head(MOST_OFFERED)
    return [
        (keys[row["left"]], keys[row["right"]], round(row["weight"], 3), list(_evidence(scores, row)))
        for row in sure.iter_rows(named=True)
    ]


def _evidence(scores: model.Scores, row: dict[str, float]) -> Iterator[list[object]]:
    for ladder in scores.ladders:
        gamma = int(row[f"gamma_{ladder.column}"])
        yield [ladder.column, ladder.word(gamma), round(row[f"mw_{ladder.column}"], 2)]


@transaction.atomic
def _keep(found: Sequence[Found]) -> None:
    forbidden = _told_apart({key for pair in found for key in pair[:2]})
    known = DuplicatePair.objects.filter(left__in=[pair[0] for pair in found], right__in=[pair[1] for pair in found])
    there = {(each.left_id, each.right_id): each for each in known}
    fresh, again = list[DuplicatePair](), list[DuplicatePair]()
    for left, right, weight, evidence in found:
        pair = there.get((left, right)) or DuplicatePair(left_id=left, right_id=right)
        if (left, right) in forbidden or pair.state == DuplicatePair.State.APART:
            continue
        pair.weight, pair.evidence, pair.found_at = weight, evidence, timezone.now()
        pair.state, pair.decided_by, pair.decided_at = DuplicatePair.State.OPEN, None, None
        (again if pair.pk else fresh).append(pair)
    DuplicatePair.objects.bulk_create(fresh, ignore_conflicts=True)
    DuplicatePair.objects.bulk_update(again, ["weight", "evidence", "found_at", "state", "decided_by", "decided_at"])


def _told_apart(customers: Collection[int]) -> set[tuple[int, int]]:
    """Find the pairs of customers of whom somebody said that they are not one person."""
    whose = dict(SourceProfile.objects.filter(customer__in=customers).values_list("pk", "customer"))
    told = Apart.objects.pairs(whose) if whose else []
    both = [(whose[left], whose[right]) for left, right in told if left in whose and right in whose]
    return {(min(pair), max(pair)) for pair in both}


def _forget(search: DuplicateSearch) -> None:
    """Let go of open pairs that a search of everybody did not find."""
    DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN, found_at__lt=search.began_at).delete()
