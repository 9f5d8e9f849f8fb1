"""People by what is typed: the beginning of a name in any spelling, an identifier, a phone's end, an order's number.

Phones and e-mails are sealed, so they are found by their blind indexes: whole, and phones by their last four digits.
Every way of finding reads a range of an index of its own, and what they find is joined.
"""

from collections.abc import Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.customers.models.customer import CustomerQuerySet
from guanxi.customers.models.profile import ENDING_DIGITS
from guanxi.customers.trade import trade

REGIONS = ("CN", "GB", "US", "BR", "JP", "DE", "HK", "TW")  # where a number without a country's code may be from
FEWEST_DIGITS = 6
FEW = 2_000
OF_A_SOURCE = (Identifier.Kind.EXTERNAL_ID, Identifier.Kind.OPENID)
OF_NO_SOURCE = (Identifier.Kind.MEMBER_CARD, Identifier.Kind.UNIONID)


def matching(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Keep those who are called so, or one of whose identifiers, or whose order or public id, it is."""
    text = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
    if not text:
        return customers.none()
    people = customers.model.objects.order_by()
    found = people.named(text).values("pk").union(*(each.values("pk") for each in _other_ways(people, text)))
    return customers.filter(pk__in=found)


def _other_ways(people: CustomerQuerySet, text: str) -> Iterator[CustomerQuerySet]:
    """Find people by anything but their name."""
    carried = Identifier.objects.filter(digest__in=digests(text))
    yield people.filter(pk__in=carried.values("profile__customer"))
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) == ENDING_DIGITS:
        yield people.filter(pk__in=Identifier.objects.ending_with(digits).values("profile__customer"))
    key = Customer.key_of(text) if text.startswith(Customer.PREFIX) else None
    yield people.filter(pk__in=[*trade().buyers(text), *([key] if key else [])])


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
