"""Identifiers in their normal form: where each kind holds, how strong it is and how long, and how it is written.

What cannot be one is no identifier: a masked phone, an e-mail without an @, a word that stands for nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import phonenumbers
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from guanxi.customers.models import Identifier
from guanxi.identity.rules import in_force
from guanxi.identity.sightings import Identification

Kind = Identifier.Kind
VIRTUAL = re.compile(r"^(\d{11})[-转,，]\d{1,6}$")
NOBODY = re.compile(r"(?i)^(0+|-1|null|none|nan|n/?a|anonymous|guest|unknown|-+|散客|匿名.*|[0-]+)$")
MOBILE = re.compile(r"^(?:\+?86|0086)?1[3-9]\d{9}$")
SIGNS = re.compile(r"[\s().-]")
VIRTUAL_DAYS, OAID_DAYS = 45, 90  # a virtual number goes to somebody else, an advertising id is reset
GMAIL = frozenset({"gmail.com", "googlemail.com"})
LONGEST = 254


@dataclass(frozen=True, kw_only=True)
class Nature:
    """What holds of a kind: what it is scoped by, and after how many days it ends; one that ends never joins."""

    scope: str
    days: int | None = None


NATURES = {
    Kind.PHONE: Nature(scope="everywhere"),
    Kind.EMAIL: Nature(scope="everywhere"),
    Kind.UNIONID: Nature(scope="everywhere"),
    Kind.OPENID: Nature(scope="app"),
    Kind.OMID: Nature(scope="brand"),
    Kind.OUID: Nature(scope="shop"),
    Kind.JD_PIN: Nature(scope="shop"),
    Kind.JD_OPENID: Nature(scope="app"),
    Kind.MEMBER_CARD: Nature(scope="programme"),
    Kind.EXTERNAL_ID: Nature(scope="shop"),
    Kind.DEVICE: Nature(scope="app"),
    Kind.OAID: Nature(scope="everywhere", days=OAID_DAYS),
}


def identification(
    kind: str, text: str, *, namespace: str = "", scope: str = "", seen_on: date | None = None
) -> Identification | None:
    """Read a word of a kind; None where it identifies nobody.

    A kind that holds within an app, a shop, a brand or a programme has to say which (`scope`), or it would make
    strangers one: ValueError where it does not.

    >>> identification("openid", "oX7", namespace="wechat", scope="wx01")
    Identification(kind='openid', value='oX7', namespace='wechat', scope='wx01', strength='strong', ends_on=None)
    >>> identification("oaid", "6F-A0", seen_on=date(2024, 11, 11)).ends_on, identification("device", "0", scope="app")
    (datetime.date(2025, 2, 9), None)
    """
    nature = NATURES[Kind(kind)]
    if nature.scope != "everywhere" and not (scope or namespace):
        raise ValueError(f"an identifier of the kind {kind} says of which {nature.scope} it is")
    if kind == Kind.PHONE:
        return phone(text, seen_on=seen_on)
    value = (email(text) if kind == Kind.EMAIL else text.strip()) or ""
    if not value or NOBODY.match(value) or "*" in value or len(value) > LONGEST:
        return None
    ends = None if nature.days is None else (seen_on or timezone.localdate()) + timedelta(days=nature.days)
    strength = "strong" if nature.days is None else "weak"
    return Identification(
        kind=str(kind), value=value, namespace=namespace, scope=scope, strength=strength, ends_on=ends
    )


def phone(text: str, region: str = "CN", *, seen_on: date | None = None) -> Identification | None:
    """Read a phone; a virtual number is weak and ends, where it is known when it was seen."""
    found = read_phone(text, region)
    if found is None:
        return None
    ends = seen_on + timedelta(days=VIRTUAL_DAYS) if seen_on and found[1] == "weak" else None
    return Identification(kind="phone", value=found[0], strength=found[1], ends_on=ends)


def read_phone(text: str, region: str) -> tuple[str, str] | None:
    """Read a phone number as E.164 with its strength; None where it is masked or none at all.

    Without a country code it is of the region given; what can be none there is tried as a mobile of mainland China,
    and as a number whose plus got lost.

    >>> read_phone("138 1234 5678", "CN"), read_phone("138****5678", "CN"), read_phone("18877771111-123", "CN")
    (('+8613812345678', 'strong'), None, ('+8618877771111', 'weak'))
    >>> read_phone("13812345678", "US"), read_phone("447911123456", "CN"), read_phone("12345", "CN")
    (('+8613812345678', 'strong'), ('+447911123456', 'strong'), None)
    """
    if "*" in text:
        return None
    virtual = VIRTUAL.match(text.strip())
    bare = virtual[1] if virtual else text
    number = next(_valid(bare, region), None)
    if number is None:
        return None
    weak = bool(virtual or number.extension)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), "weak" if weak else "strong"


def _valid(text: str, region: str) -> Iterator[phonenumbers.PhoneNumber]:
    """Read it in every way that gives a number there can be, the likeliest first."""
    plain = SIGNS.sub("", text)
    guesses: list[tuple[str, str | None]] = [(text, region)]
    if MOBILE.match(plain):
        guesses.append((plain[-11:], "CN"))
    if plain.isascii() and plain.isdigit() and len(plain) > 10 and not plain.startswith("0"):
        guesses.append((f"+{plain}", None))
    for spelled, within in guesses:
        try:
            number = phonenumbers.parse(spelled, within)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield number


def email(text: str, *, provider_rules: bool = False) -> str | None:
    """Read an e-mail address in its normal form; None where it is masked or none at all.

    By the rules of providers, which are off unless the shop wants them, two spellings of one letter box are one.

    >>> email("Li.Na+tea@Gmail.com"), email("Li.Na+tea@Gmail.com", provider_rules=True)
    ('li.na+tea@gmail.com', 'lina@gmail.com')
    >>> email("li@"), email("l***@qq.com")
    (None, None)
    """
    if "*" in text:
        return None
    try:
        whole = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
    return _by_provider(whole) if provider_rules else whole


def _by_provider(address: str) -> str:
    box, _, host = address.rpartition("@")
    if host in GMAIL:
        return f"{box.partition('+')[0].replace('.', '')}@gmail.com"
    tagged = ("outlook.com", "hotmail.com", "icloud.com", "fastmail.com")
    return f"{box.partition('+')[0]}@{host}" if host in tagged else address


def read_email(text: str) -> str | None:
    """Read an e-mail address by the shop's rules."""
    return email(text, provider_rules=in_force().provider_rules)
