"""The rows of the list of customers: who, what they are worth, how they are reached, what the shop calls them."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.core.panels import Viewer
from guanxi.customers.classes import CustomerClass, classes_of
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Channel, Consent, Customer, Identifier, Purpose, Tagging
from guanxi.customers.models.consent import ADDRESSES
from guanxi.customers.trade import Figures, trade
from guanxi.pages.components import Reach
from guanxi.pages.listing import PASSING, Listing

TAGS_SHOWN = 2


@dataclass(frozen=True)
class Entry:
    """One row of the list; `href` leads to the customer's page, which learns of the list by it."""

    customer: Customer
    face: Face
    figures: Figures | None
    customer_class: CustomerClass | None
    reach: Sequence[Reach] = ()
    tags: Sequence[str] = ()
    href: str = ""

    @property
    def shown_tags(self) -> Sequence[str]:
        """The tags there is room for."""
        return self.tags[:TAGS_SHOWN]

    @property
    def more_tags(self) -> int:
        """How many more there are."""
        return len(self.tags[TAGS_SHOWN:])


def entries(listing: Listing[Customer], reader: Viewer) -> list[Entry]:
    """Draw the rows of a page; what it costs does not grow with them."""
    people, shown = listing.rows, listing.columns
    keys = [customer.pk for customer in people]
    faces, figures, classes = faces_of(people, reader), trade().figures(keys), classes_of(keys)
    reach, tags = _reach(keys, shown), _tags(keys, shown)
    query, here = listing.asked.urlencode(), reverse("customers:list")
    return [
        Entry(
            each,
            faces[each.pk],
            figures.get(each.pk),
            classes.get(each.pk),
            reach.get(each.pk, ()),
            tags.get(each.pk, ()),
            f"{here}{each.public_id}/{way(query, listing.first + nth)}",
        )
        for nth, each in enumerate(people)
    ]


def way(query: str, nth: int) -> str:
    """Write what the link of a row carries: the list's query, without its page, and the row's place."""
    asked = QueryDict(query, mutable=True)
    for name in PASSING:
        asked.pop(name, None)
    return "?" + urlencode({**({"list": asked.urlencode()} if asked else {}), "nth": nth})


def _tags(keys: Sequence[int], shown: Container[str]) -> dict[int, list[str]]:
    """Read the tags that people carry today."""
    found: dict[int, list[str]] = defaultdict(list)
    if "tags" in shown and keys:
        carried = Tagging.objects.current_on(timezone.localdate()).filter(customer__in=keys)
        for key, name in carried.order_by("pk").values_list("customer", "tag__name"):
            found[key or 0].append(name)
    return found


def _reach(keys: Sequence[int], shown: Container[str]) -> dict[int, list[Reach]]:
    """Tell by which message channels people are reached for marketing, and what stands in the way."""
    if "reach" not in shown or not keys:
        return {}
    asked: dict[tuple[int, str], bool] = {}
    ledger = Consent.objects.filter(customer__in=keys, purpose=Purpose.MARKETING)
    for key, channel, ended in ledger.order_by("pk").values_list("customer", "channel", "withdrawn_at"):
        asked[key or 0, channel] = asked.get((key or 0, channel), False) or ended is None
    known = set(
        Identifier.objects.filter(profile__customer__in=keys, ends_on=None).values_list("profile__customer", "kind")
    )
    words = {None: _("never asked"), False: _("consent withdrawn"), True: _("no address")}
    return {key: [_channel(key, Channel(word), asked, known, words) for word in Reach.ORDER] for key in keys}


def _channel(
    key: int,
    channel: Channel,
    asked: Mapping[tuple[int, str], bool],
    known: Container[tuple[int, str]],
    words: Mapping[bool | None, str],
) -> Reach:
    agreed = asked.get((key, channel))
    if agreed and any((key, kind) in known for kind in ADDRESSES[channel]):
        return Reach(channel, open=True)
    return Reach(channel, open=False, reason=words[agreed])
