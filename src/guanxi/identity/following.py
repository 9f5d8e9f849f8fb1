"""Facts follow their profiles: every concrete CustomerFact, in few statements however many rows there are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import ExpressionWrapper, OuterRef, Q, Subquery

from guanxi.customers.models import Consent, CustomerFact, CustomerValue, SourceProfile
from guanxi.identity.seats import Agreed, Claim, barred, seated
from guanxi.warehouse.models import CHANGED, LakeSource

AT_ONCE = 500
Fact = type[CustomerFact]
Row = dict[str, Any]


def fact_models() -> list[Fact]:
    """The tables of facts about people, of every context."""
    return [model for model in apps.get_models() if issubclass(model, CustomerFact)]


@dataclass(frozen=True)
class Whose:
    """Where profiles are now: the customer of each, and the customer it founded."""

    customers: dict[int, int | None]
    homes: dict[int, int | None]

    @classmethod
    def of(cls, profiles: models.QuerySet[SourceProfile]) -> "Whose":
        """Read it of a set of profiles."""
        rows = list(profiles.values_list("pk", "customer", "home"))
        return cls({row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})

    def refuge(self, profile: int) -> int | None:
        """Give the merged customer with whom a fact of a profile can wait, where there is one."""
        home = self.homes[profile]
        return home if home != self.customers[profile] else None


def bring_home(customers: Collection[int]) -> None:
    """Give facts without a profile the one of their customer's house, so that they know where they come from."""
    house = SourceProfile.objects.filter(home=OuterRef("customer")).values("pk")
    for model in _told(fact_models(), "customer", customers, "and profile_id is null"):
        rows = model._default_manager.filter(customer__in=customers, profile=None)  # noqa: SLF001 - Django's documented name
        changes = CHANGED if issubclass(model, LakeSource) else {}
        rows.update(profile=Subquery(house), **changes)


def follow(moved: Sequence[int], around: Whose) -> None:
    """Have facts be those of whoever their profile is with now.

    `moved` are the profiles that changed hands; `around` are all of the customers concerned, for where a customer may
    have one of a kind alone, the facts of all of them contend.
    """
    for model in _told(fact_models(), "profile", list(around.customers)):
        if _once_each(model):
            _contend(model, around)
        else:
            for some in _parts(moved):
                rows = model._default_manager.filter(profile__in=some)  # noqa: SLF001 - as above
                rows.update(customer=Subquery(SourceProfile.objects.filter(pk=OuterRef("profile")).values("customer")))


def _told(tables: Sequence[Fact], whose: str, keys: Collection[int], more: str = "") -> list[Fact]:
    """Keep the tables that say anything of some people, asked in one statement: of most people most say nothing."""
    if len(keys) > AT_ONCE:
        return list(tables)
    quoted, named = connection.ops.quote_name, ", ".join(["%s"] * len(keys))
    column = f"{whose}_id"
    asked = (
        f"select {nth} where exists (select 1 from {quoted(model._meta.db_table)} where {column} in ({named}) {more})"  # noqa: S608, SLF001 - names of our own tables
        for nth, model in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(asked), [*keys] * len(tables))
        return [tables[nth] for (nth,) in cursor.fetchall()]


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _once_each(model: Fact) -> list[tuple[list[str], Q]]:
    """Read what a customer may have once from the constraints: the other columns of each, and its condition."""
    found = []
    for each in model._meta.constraints:  # noqa: SLF001 - as above
        if isinstance(each, models.UniqueConstraint):
            names = [*each.fields, *(str(getattr(part, "name", "")) for part in each.expressions)]
            if "customer" in names:
                found.append(([name for name in names if name != "customer"], each.condition or Q(pk__isnull=False)))
    return found


def _contend(model: Fact, around: Whose) -> None:
    """Seat the rows of a model where a customer may have one of a kind, and move those that sit elsewhere."""
    rows = [row for some in _parts(list(around.customers)) for row in _read(model, some)]
    seats = seated(_CLAIMS.get(model, _plain)(rows, around))
    changes: dict[int | None, list[int]] = defaultdict(list)
    for row in rows:
        if row["customer_id"] != seats[row["pk"]]:
            changes[seats[row["pk"]]].append(row["pk"])
    _move(model, None, [pk for some in changes.values() for pk in some])  # all get up before anybody sits down
    for customer, some in changes.items():
        if customer is not None:
            _move(model, customer, some)


def _move(model: Fact, customer: int | None, rows: Sequence[int]) -> None:
    for some in _parts(rows):
        sealed = CustomerValue.objects.filter(pk__in=some).exclude(sealed=None) if model is CustomerValue else ()
        for each in sealed:
            each.move(customer)
        model._default_manager.filter(pk__in=some).update(customer=customer)  # noqa: SLF001 - as above


def _read(model: Fact, profiles: Sequence[int]) -> Iterator[Row]:
    once = _once_each(model)
    columns = {name for names, _ in once for name in names} | set(_MORE.get(model, ()))
    holds = {f"holds{n}": ExpressionWrapper(condition, models.BooleanField()) for n, (_, condition) in enumerate(once)}
    found = model._default_manager.filter(profile__in=profiles).annotate(**holds).order_by("pk")  # noqa: SLF001 - as above
    for row in found.values("pk", "customer_id", "profile_id", *columns, *holds):
        words = ((n, *(row[name] for name in names)) for n, (names, _condition) in enumerate(once) if row[f"holds{n}"])
        yield {**row, "words": frozenset(words)}


def _claim(rows: Sequence[Row], around: Whose, **told: Any) -> Claim:
    first = rows[0]
    profile = first["profile_id"]
    words = told.pop("words", first["words"])
    return Claim(
        rows=tuple(row["pk"] for row in rows), customer=around.customers[profile], home=around.refuge(profile),
        words=words, **told,
    )  # fmt: skip


def _plain(rows: Sequence[Row], around: Whose) -> Iterable[Claim]:
    """Have the oldest row take precedence."""
    return (_claim([row], around) for row in rows)


def _consents(rows: Sequence[Row], around: Whose) -> Iterable[Claim]:
    """Have the strictest win, then the newest."""
    agreed = [
        Agreed(
            row=row["pk"], profile=row["profile_id"], customer=around.customers[row["profile_id"]],
            about=(row["channel"], row["purpose"]), in_force=bool(row["words"]), overruled_by=row["overruled_by_id"],
        )
        for row in rows
    ]  # fmt: skip
    beaten = barred(agreed)
    return (_claim([row], around, barred=row["pk"] in beaten) for row in reversed(rows))


def _values(rows: Sequence[Row], around: Whose) -> Iterable[Claim]:
    """Have all values of a field stand together: what staff wrote before what a file said, then the newest."""
    sets: dict[tuple[int, int], list[list[Row]]] = defaultdict(list)
    for row in rows:
        mine = sets[row["profile_id"], row["field_id"]]
        if not mine or row["nth"] in {other["nth"] for other in mine[-1]}:
            mine.append([])  # written a second time
        mine[-1].append(row)
    every = [some for mine in sets.values() for some in mine]
    ranked = sorted(every, key=lambda some: (_imported(some), -max(row["pk"] for row in some)))
    return (_claim(some, around, words=frozenset({("field", some[0]["field_id"])})) for some in ranked)


def _imported(rows: Sequence[Row]) -> bool:
    return all(row["import_id"] is not None for row in rows)


_CLAIMS: dict[Fact, Callable[[Sequence[Row], Whose], Iterable[Claim]]] = {Consent: _consents, CustomerValue: _values}
_MORE: dict[Fact, tuple[str, ...]] = {
    Consent: ("channel", "purpose", "overruled_by_id"),
    CustomerValue: ("field_id", "import_id"),
}
