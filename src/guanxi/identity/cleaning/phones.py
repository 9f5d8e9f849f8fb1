"""Phones: read by the one normaliser, then judged; where they are from, who carries them, and what kind of line."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType as Type

from guanxi.identity.cleaning.reading import Reading, Reason, Verdict
from guanxi.identity.normal import read_phone

PREFIX = 10  # "+86", and the seven digits by which a mobile of mainland China is given to a region and a carrier
VIRTUAL_OPERATORS = re.compile(r"\+861(?:6[257]|7[01])\d{8}")
REPEATED = re.compile(r"(\d)\1{6}$|(\d\d)\2{3}$|(\d{4})\3$")
RUNS = ("01234567", "12345678", "23456789", "98765432", "87654321", "76543210")
PLACEHOLDERS = frozenset({"+8613800138000", "+8613800138001", "+8613912345678", "+8618888888888"})
FEWEST = 5


class Line(models.TextChoices):
    """What kind of line a number is."""

    MOBILE = "mobile", _("Mobile")
    FIXED = "fixed", _("Fixed line")
    EITHER = "either", _("Mobile or fixed line")
    INTERNET = "internet", _("Internet telephony")
    SERVICE = "service", _("Service number")
    OTHER = "other", _("Other line")


LINES = {
    Type.MOBILE: Line.MOBILE,
    Type.FIXED_LINE: Line.FIXED,
    Type.FIXED_LINE_OR_MOBILE: Line.EITHER,
    Type.VOIP: Line.INTERNET,
    Type.TOLL_FREE: Line.SERVICE,
    Type.PREMIUM_RATE: Line.SERVICE,
    Type.SHARED_COST: Line.SERVICE,
    Type.UAN: Line.SERVICE,
}


@dataclass(frozen=True)
class Origin:
    """Where a number was given out, and by whom, in one language; empty where that is not known."""

    region: str
    carrier: str
    line: Line


def judge_phone(text: str, region: str = "CN") -> Reading:
    """Read a phone as E.164 and say what to think of it.

    >>> judge_phone("138 1357 2468").value, judge_phone("13800000000").reason.value
    ('+8613813572468', 'invented')
    >>> [judge_phone(text).reason.value for text in ("12345678", "17013572468", "18877771111-123", "5")]
    ['invented', 'virtual', 'forwarded', 'no_phone']
    """
    read = read_phone(text, region)
    if read is not None:
        return judge_known(*read)
    bare = text.strip()
    if not bare or "*" in bare:
        reason = Reason.MASKED if bare else Reason.EMPTY
    else:
        digits = re.sub(r"\D", "", bare)
        reason = Reason.INVENTED if len(digits) >= FEWEST and _invented(digits) else Reason.NO_PHONE
    return Reading(value="", verdict=Verdict.UNUSABLE, reason=reason)


def judge_known(phone: str, strength: str = "strong") -> Reading:
    """Judge a phone that was read already, E.164."""
    if strength == "weak":
        return Reading(value=phone, verdict=Verdict.DOUBTFUL, reason=Reason.FORWARDED)
    if phone in PLACEHOLDERS or _invented(phone[1:]):
        return Reading(value=phone, verdict=Verdict.DOUBTFUL, reason=Reason.INVENTED)
    if VIRTUAL_OPERATORS.fullmatch(phone):
        return Reading(value=phone, verdict=Verdict.DOUBTFUL, reason=Reason.VIRTUAL)
    return Reading(value=phone)


def origin_of(phone: str, language: str = "zh") -> Origin:
    """Say where a number in E.164 is from, in Chinese (`zh`) or English (`en`).

    >>> origin_of("+8613813572468"), origin_of("+442079460000", "en").region
    (Origin(region='江苏省常州市', carrier='中国移动', line=Line.MOBILE), 'London')
    """
    return _origin(phone[:PREFIX] + "0000" if phone.startswith("+861") and len(phone) == 14 else phone, language)


@lru_cache(maxsize=100_000)
def _origin(phone: str, language: str) -> Origin:
    from phonenumbers import carrier, geocoder  # noqa: PLC0415 - 100 MB, and few processes ask

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return Origin("", "", Line.OTHER)
    line = LINES.get(phonenumbers.number_type(number), Line.OTHER)
    return Origin(geocoder.description_for_number(number, language), carrier.name_for_number(number, language), line)


def _invented(digits: str) -> bool:
    """Whether it ends as nobody's number does: one digit again and again, or counting up or down."""
    return (
        digits[-8:] in RUNS
        or (REPEATED.search(digits) is not None and len(set(digits[-8:])) <= 2)
        or len(set(digits)) == 1
    )
