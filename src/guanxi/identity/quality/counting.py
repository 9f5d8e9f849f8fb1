"""Counting: the whole book in parts of some hundred people, of which only what changed is written."""

from collections import Counter
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from guanxi.core import bulk
from guanxi.customers.models import Consent, Customer, Identifier
from guanxi.identity.duplicates.pair import DuplicatePair
from guanxi.identity.evidence import overshared
from guanxi.identity.quality.figures import EVERYBODY, WRITTEN, Person, figures_of
from guanxi.identity.quality.models import Behind, QualityCount, Stopped, Unread
from guanxi.identity.rules import in_force

AT_ONCE = 500
WRITES = 250  # rows of one transaction, which stays within 20 ms
READ = ("profile__customer", "kind", "value", "sealed", "digest", "strength")
SEALED = {Identifier.Kind.PHONE, Identifier.Kind.EMAIL}


def count_everybody(
    report: Callable[[int, int], None] = lambda done, total: None, check: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Count every figure, keep it with the people behind it, and give it; the same book again writes no person."""
    joining = in_force().joining
    stopped = overshared(joining)
    shared = {each.digest for each in stopped}
    counts: Counter[str] = Counter()
    everyone = Customer.objects.filter(survivor=None, erased_at=None)
    total, after = everyone.count(), 0
    while keys := list(everyone.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        check()
        found = {key: figures_of(person) for key, person in people(keys, shared).items()}
        counts.update(figure for figures in found.values() for figure in figures)
        counts[EVERYBODY] += len(keys)
        _write(after, keys[-1], found)
        after = keys[-1]
        report(counts[EVERYBODY], total)
    _forget(after)
    Stopped.objects.replace(stopped, joining.limits)
    QualityCount.objects.keep(counts, at=timezone.now())
    return dict(counts)


def people(keys: Sequence[int], shared: set[str]) -> dict[int, Person]:
    """Read what the figures ask for of some customers, in six queries."""
    rows = Customer.objects.filter(pk__in=keys).values_list("pk", "name", "birthday", "province")
    found = {pk: Person(name=name, has_birthday=born is not None, province=place) for pk, name, born, place in rows}
    known = Identifier.objects.filter(profile__customer__in=keys, ends_on=None)
    for pk, kind, value, sealed, digest, strength in known.values_list(*READ):
        person = found[pk]
        person.kinds.add(kind)
        person.is_shared |= digest in shared
        if kind in SEALED:
            _reach(person, kind, Identifier.opened(value, sealed, digest), strength)
    agreed = Consent.objects.in_force().filter(purpose="marketing", customer__in=keys)
    for pk, channel in agreed.values_list("customer", "channel"):
        found[pk].consents.add(channel)
    for pk, kind in Unread.objects.filter(profile__customer__in=keys).values_list("profile__customer", "kind"):
        found[pk].unread.add(kind)
    for each in DuplicatePair.objects.waiting().among(keys):
        found[each].is_twice = True
    return found


def _reach(person: Person, kind: str, plain: str, strength: str) -> None:
    if kind == Identifier.Kind.PHONE:
        person.phones.append((plain, strength))
    else:
        person.emails.append(plain)


def _write(after: int, last: int, found: dict[int, set[str]]) -> None:
    """Have the people of a part stand behind their figures, and nobody else between the two keys."""
    wanted = {(figure, pk) for pk, figures in found.items() for figure in figures if figure not in WRITTEN}
    there = {
        (figure, customer): pk
        for pk, figure, customer in Behind.objects.filter(customer__gt=after, customer__lte=last).values_list(
            "pk", "figure", "customer"
        )
    }
    gone = [there[each] for each in sorted(there.keys() - wanted)]
    for start in range(0, len(gone), WRITES):
        Behind.objects.filter(pk__in=gone[start : start + WRITES]).delete()
    fresh = sorted(wanted - there.keys())
    known = set(Customer.objects.filter(pk__in={pk for _figure, pk in fresh}).values_list("pk", flat=True))
    rows = [each for each in fresh if each[1] in known]  # an import may have been undone meanwhile
    for start in range(0, len(rows), WRITES):
        with transaction.atomic():
            bulk.insert(Behind, ["figure", "customer_id"], rows[start : start + WRITES])


def _forget(after: int) -> None:
    """Forget who stands behind the last customer counted: they left the book."""
    gone = list(Behind.objects.filter(customer__gt=after).values_list("pk", flat=True)[:WRITES])
    while gone:
        Behind.objects.filter(pk__in=gone).delete()
        gone = list(Behind.objects.filter(customer__gt=after).values_list("pk", flat=True)[:WRITES])
