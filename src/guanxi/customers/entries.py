"""The rows of the list of customers: who, what they are worth, how they are reached, what the shop calls them."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.customers.classes import CustomerClass, classes_of
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Channel, Consent, Customer, Purpose, Tagging
from guanxi.customers.models.consent import ADDRESSES
from guanxi.customers.own import SHELF
from guanxi.customers.trade import Figures, trade
from guanxi.pages.components import Reach
from guanxi.pages.listing import PASSING, Listing
from guanxi.pages.panels import Viewer
from guanxi.shop.columns import cells

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
    own: Mapping[str, SafeString] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """How they are reached, and where we know them from."""
        return " · ".join(filter(None, (self.face.reached_at, *self.face.sources)))

    @property
    def hint(self) -> str:
        """All the sources, where they may be too many for their line."""
        return " · ".join(self.face.sources) if len(self.face.sources) > 1 else ""

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
    reach, tags, own = _reach(faces, shown), _tags(keys, shown), cells(SHELF, keys, shown, reader)
    here, place = reverse("customers:list"), way_from(listing.asked)
    return [
        Entry(
            each,
            faces[each.pk],
            figures.get(each.pk),
            classes.get(each.pk),
            reach.get(each.pk, ()),
            tags.get(each.pk, ()),
            f"{here}{each.public_id}/{place}{listing.first + nth}",
            own.get(each.pk, {}),
        )
        for nth, each in enumerate(people)
    ]


def way_from(asked: QueryDict) -> str:
    """Write what the link of a row carries: the list's query, without its page, and then the row's place."""
    kept = asked.copy()
    for name in PASSING:
        kept.pop(name, None)
    return "?" + urlencode({**({"list": kept.urlencode()} if kept else {}), "nth": ""})


def _tags(keys: Sequence[int], shown: Container[str]) -> dict[int, list[str]]:
    """Read the tags that people carry today."""
    found: dict[int, list[str]] = defaultdict(list)
    if "tags" in shown and keys:
        carried = Tagging.objects.current_on(timezone.localdate()).filter(customer__in=keys)
        for key, name in carried.order_by("pk").values_list("customer", "tag__name"):
            found[key or 0].append(name)
    return found


def _reach(faces: Mapping[int, Face], shown: Container[str]) -> dict[int, list[Reach]]:
    """Tell by which message channels people are reached for marketing, and what stands in the way."""
    if "reach" not in shown or not faces:
        return {}
    asked: dict[tuple[int, str], bool] = {}
    ledger = Consent.objects.filter(customer__in=faces, purpose=Purpose.MARKETING)
    for key, channel, ended in ledger.order_by("pk").values_list("customer", "channel", "withdrawn_at"):
        asked[key or 0, channel] = asked.get((key or 0, channel), False) or ended is None
    words = {None: _("never asked"), False: _("consent withdrawn"), True: _("no address")}
    channels = [Channel(word) for word in Reach.ORDER]
    return {
        key: [_channel(face, each, asked.get((key, each)), words) for each in channels] for key, face in faces.items()
    }


def _channel(face: Face, channel: Channel, agreed: bool | None, words: Mapping[bool | None, str]) -> Reach:  # noqa: FBT001
    if agreed and not face.kinds.isdisjoint(ADDRESSES[channel]):
        return Reach(channel, open=True)
    return Reach(channel, open=False, reason=words[agreed])
