"""People by what is typed: the beginning of a name in any spelling, an identifier, a phone's end, an order's number.

Phones and e-mails are sealed, so they are found by their blind indexes: whole, and phones by their last four digits.
Every way of finding reads a range of an index of its own. Few people are found at once and told by their keys; of a
name that many bear, the list asks each row it comes to instead, since it soon comes to enough of them.
"""

from collections.abc import Collection, Iterator
from functools import reduce
from operator import or_

import phonenumbers
from django.db.models import Q
from email_validator import EmailNotValidError, validate_email

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.models.customer import CustomerQuerySet, ways_of_calling
from guanxi.customers.models.profile import ENDING_DIGITS, IdentifierQuerySet
from guanxi.customers.trade import trade
from guanxi.pages.formats import MOST_COUNTED
from guanxi.pages.listing import Found
from guanxi.pages.paging import Among, keys_of

REGIONS = ("CN", "GB", "US", "BR", "JP", "DE", "HK", "TW")  # where a number without a country's code may be from
FEWEST_DIGITS = 6
OF_A_SOURCE = (Identifier.Kind.EXTERNAL_ID, Identifier.Kind.OPENID)
OF_NO_SOURCE = (Identifier.Kind.MEMBER_CARD, Identifier.Kind.UNIONID)


def matching(customers: CustomerQuerySet, text: str, hidden: Collection[str] = ()) -> CustomerQuerySet:
    """Keep those who are called so, or one of whose identifiers, or whose order or public id, it is."""
    rows: CustomerQuerySet = find(customers, text, hidden).rows
    return rows


def find(customers: CustomerQuerySet, text: str, hidden: Collection[str] = ()) -> Found:
    """Find those whom a text means, and tell how many they are; by no identifier of a kind hidden from the reader."""
    text = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
    if not text:
        return Found(customers.none())
    called, complete = _called(customers, text)
    others = set(_known_otherwise(text, hidden)) - called
    if others:
        others = set(customers.order_by().filter(Among("pk", others)).values_list("pk", flat=True))
    count = len(called) + len(others)
    if complete and count <= MOST_COUNTED:
        keys = sorted(called | others)
        return Found(customers.filter(Among("pk", keys)), count, keys, scattered=True)
    rows = customers.filter(reduce(or_, ways_of_calling(text), Q(pk__in=others)))
    return Found(rows, count) if count > MOST_COUNTED else Found(rows)


def _called(customers: CustomerQuerySet, text: str) -> tuple[set[int], bool]:
    """Give the keys of those who are called so, as far as lists count, and whether these are all of them."""
    ranges = [customers.order_by().filter(way).values_list("pk", flat=True) for way in ways_of_calling(text)]
    if not ranges:
        return set(), True
    keys = keys_of(ranges[0].union(*ranges[1:], all=True)[: MOST_COUNTED + 1])
    return set(keys), len(keys) <= MOST_COUNTED


def _known_otherwise(text: str, hidden: Collection[str]) -> Iterator[int]:
    """Give the keys of those who are known by it, but not called so."""
    yield from _carrying(Identifier.objects.filter(digest__in=digests(text)).exclude(kind__in=hidden))
    if Identifier.Kind.PHONE not in hidden and text.isascii() and text.isdigit() and len(text) == ENDING_DIGITS:
        yield from _carrying(Identifier.objects.ending_with(text))
    key = Customer.key_of(text) if text.startswith(Customer.PREFIX) else None
    yield from (*trade().buyers(text), *([key] if key else []))


def _carrying(identifiers: IdentifierQuerySet) -> Iterator[int]:
    people = identifiers.filter(profile__customer__isnull=False)
    yield from people.values_list("profile__customer", flat=True)


def digests(text: str) -> list[str]:
    """Compute the blind index of every identifier a text can be."""
    told = [(Identifier.Kind.PHONE, phone) for phone in phones(text)]
    told += [(Identifier.Kind.EMAIL, address) for address in emails(text)]
    told += [(kind, text) for kind in OF_NO_SOURCE]
    return [*(Identifier.digest_of(kind, value) for kind, value in told), *_of_sources(text)]


def phones(text: str) -> list[str]:
    """Read a text as E.164, for every country in which it is a number.

    >>> "+8618312342807" in phones("183 1234-2807"), phones("+44 7911 123456"), phones("17850")
    (True, ['+447911123456'], [])
    """
    if sum(letter.isdigit() for letter in text) < FEWEST_DIGITS:
        return []
    return list(dict.fromkeys(_spelled(text, region) for region in REGIONS if _spelled(text, region)))


def emails(text: str) -> list[str]:
    """Read a text as an e-mail address in its normal form, if it is one.

    >>> emails(" Ada@Example.com "), emails("ada")
    (['ada@example.com'], [])
    """
    try:
        return [validate_email(text.strip(), check_deliverability=False).normalized.lower()] if "@" in text else []
    except EmailNotValidError:
        return []


def _spelled(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _of_sources(text: str) -> Iterator[str]:
    """Compute the indexes of a number that a source gave, whichever source and store it was."""
    for source, store in SourceProfile.objects.origins():
        for kind in OF_A_SOURCE:
            for scope in {store, ""}:
                yield Identifier.digest_of(kind, text, namespace=source, scope=scope)
