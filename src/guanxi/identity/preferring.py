"""What somebody chose at a merge: whose name, gender, birthday or place is shown, as long as the merge holds."""

from collections import defaultdict
from collections.abc import Mapping

from guanxi.customers.models import Event
from guanxi.identity.models import Merge
from guanxi.identity.moving import precedence
from guanxi.identity.telling import PREFERRED, UNITS, Sayings


def prefer(chosen: Mapping[str, int], *, act: Merge) -> None:
    """Have a merge show what some of both say: `chosen` are the customers by the units of what is told.

    It counts as written by hand at the time of the merge, so that what is written later wins, and goes with the merge
    when that is taken back. What the rules would show anyway is left to them, and who says nothing cannot be chosen.
    """
    both = [pk for pk in (act.survivor_id, act.other_id) if pk]
    if not set(chosen.values()) & set(both):
        return
    read, rules = Sayings.of(both), precedence()
    told = {customer: read.told(customer, {}) for customer in both}
    everything = [each for some in told.values() for each in some]
    fields: dict[int, list[str]] = defaultdict(list)
    for unit, customer in chosen.items():
        said, shown = rules.winner(unit, told[customer]), rules.winner(unit, everything)
        if said and said.profile and shown and said.says(unit) not in ((), shown.says(unit)):
            fields[said.profile] += UNITS[unit]
    whose = {each.pk: each.customer_id for some in read.profiles.values() for each in some}
    for profile, names in sorted(fields.items()):
        Event.objects.create(
            name=PREFERRED, occurred_at=act.at, source="guanxi", profile_id=profile, customer_id=whose[profile],
            properties={"fields": names, "merge": act.pk, "by": act.by_id},
        )  # fmt: skip
