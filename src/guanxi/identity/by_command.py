"""What of merges is done from the command line: `customers merge A B`, `unmerge MERGE_ID`, `show ID`."""

from typing import Any

from django.core.management.base import CommandParser

from guanxi.customers.models import Customer, SourceProfile
from guanxi.customers.trade import trade
from guanxi.customers.verbs import Verb
from guanxi.identity.merging import NotOnePerson, merge, unmerge
from guanxi.identity.models import Merge

WHY = "command line"


def merge_two(*, a: str, b: str, **_more: Any) -> dict[str, Any]:
    """Merge two customers; the lower number survives."""
    done = merge([_found(a).pk, _found(b).pk], by=None, evidence=WHY)[-1]
    return {"merge_id": done.pk, **_told(done)}


def unmerge_one(*, merge_id: int, **_more: Any) -> dict[str, Any]:
    """Take one merge back."""
    act = Merge.objects.filter(pk=merge_id).first()
    if act is None:
        raise NotOnePerson(f"There is no merge {merge_id}. `customers show ID --json` lists those of a customer.")
    return {"merge_id": act.pk, "undone_by": unmerge(act, by=None).pk, **_told(act)}


def show(*, id: str, **_more: Any) -> dict[str, Any]:  # noqa: A002 - the word of the command
    """Tell who a customer is, without what names them: numbers, profiles, figures and merges."""
    found = _found(id)
    stands = (Customer.objects.survivor_of(found.pk) if found.survivor_id else found) or found
    profiles = SourceProfile.objects.filter(customer=stands).order_by("pk")
    homes = [home for home in profiles.values_list("home", flat=True) if home]
    bought = trade().figures([stands.pk]).get(stands.pk)
    return {
        "id": stands.public_id,
        "asked": found.public_id,
        "is_merged": found.pk != stands.pk,
        "customers": [Customer(pk=pk).public_id for pk in sorted({stands.pk, *homes})],
        "profiles": list(profiles.values("source", "store", "first_seen_at")),
        "orders": bought.orders if bought else 0,
        "net_minor": bought.net_minor if bought else 0,
        "currency": bought.currency if bought else "",
        "tags": sorted(stands.taggings.values_list("tag__name", flat=True)),
        "consents": [f"{each.channel}.{each.purpose}" for each in stands.consents.in_force().order_by("pk")],
        "merges": [
            {"merge_id": each.pk, "act": each.act, "rule": each.rule, "in_force": each.is_in_force, **_told(each)}
            for each in Merge.objects.about([stands.pk, *homes]).select_related("survivor", "other")
        ],
    }


def _told(act: Merge) -> dict[str, Any]:
    return {"survivor": act.survivor.public_id, "other": act.other.public_id if act.other else None}


def _found(word: str) -> Customer:
    found = Customer.objects.filter(pk=Customer.key_of(word) or 0).first()
    if found is None:
        raise NotOnePerson(f"There is no customer {word}. Give a number such as cus_9WDVSQ5ZMMZ0N.")
    return found


def _two(parser: CommandParser) -> None:
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), help="a customer's number, such as cus_9WDVSQ5ZMMZ0N")


def _merge_id(parser: CommandParser) -> None:
    parser.add_argument("merge_id", metavar="MERGE_ID", type=int, help="the number that `merge` or `show` gave")


def _one(parser: CommandParser) -> None:
    parser.add_argument("id", metavar="ID", help="the customer's number, such as cus_9WDVSQ5ZMMZ0N")


VERBS = (
    Verb(name="merge", help="merge two customers into one", run=merge_two, arguments=_two),
    Verb(name="unmerge", help="take one merge back", run=unmerge_one, arguments=_merge_id),
    Verb(name="show", help="tell who a customer is, without what names them", run=show, arguments=_one),
)
