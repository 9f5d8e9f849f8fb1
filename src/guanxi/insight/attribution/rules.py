"""Rules that part an order among the contacts before it; the mart `channel_contacts` does the parting, day by day.

Source: Shao, X. and Li, L. (2011), Data-driven multi-touch attribution models, KDD, where they are compared with.
"""

from collections.abc import Iterable

from guanxi.insight.attribution.contacts import Contacts, Credit, Credits

RULES = ("last", "first", "linear", "position")


def credit(contacts: Iterable[Contacts], rule: str) -> Credits:
    """Add up what a rule puts down to each way; every way of some contact is in the answer.

    >>> bought = Contacts("ad", None, 2, is_order=True, credits={"last": Credit(2, 900)})
    >>> credit([bought, Contacts("mail", None, 1)], "last")
    {'ad': Credit(orders=2.0, value_minor=900.0), 'mail': Credit(orders=0.0, value_minor=0.0)}
    """
    found: Credits = {}
    for each in contacts:
        found[each.way] = found.get(each.way, Credit()) + each.credits.get(rule, Credit())
    return found


def total(contacts: Iterable[Contacts]) -> Credit:
    """Add up what is parted among the ways: the same by every rule."""
    return sum(credit(contacts, RULES[0]).values(), Credit())
