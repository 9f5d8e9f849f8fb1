"""Names of people: blanks and widths folded, everything else offered and not done."""

import re
import unicodedata
from dataclasses import dataclass

from guanxi.guard.masking import COMPOUND, HANZI
from guanxi.identity.cleaning.reading import Reading, Reason, Verdict

NOBODY = re.compile(
    r"(?i)(?:null|none|nan|n/?a|anonymous|guest|unknown|test|customer|user|散客|匿名.{0,4}|未知|无名?|测试|顾客|客户|用户)"
)
ZH_TITLE = re.compile(r"(?<=.)(?:先生|女士|小姐|太太|同学|老师|阿姨|师傅|经理|老板)$")
EN_TITLE = re.compile(r"(?i)^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam)\b\.?\s+")
JOINING = frozenset(" '-.·・’,")
PARTICLES = frozenset(("de", "da", "di", "du", "la", "le", "van", "von", "der", "den", "bin", "al", "y"))
MIXED = re.compile(r"(?i)^(?:mc|mac(?=[^aeiou]))")
BLANKS = re.compile(r"[\s\u200b\ufeff]+")


@dataclass(frozen=True, kw_only=True)
class Name(Reading):
    """A name; `surname` and `given` where they can be told apart, `title` the form of address it came with."""

    surname: str = ""
    given: str = ""
    title: str = ""


def read_name(text: str) -> Name:
    """Read what somebody is called. A text without a letter is no name, and says so.

    >>> read_name("　林　晓雨 ").value, read_name("欧阳修").surname, read_name("Ｅｍｍａ Taylor").given
    ('林 晓雨', '欧阳', 'Emma')
    >>> read_name("🌸🍵").reason.value, read_name("🌸林晓雨").suggestion, read_name("王女士").title
    ('no_letters', '林晓雨', '女士')
    >>> read_name("EMMA O'NEIL-MCKAY").suggestion, read_name("emma de la cruz").suggestion
    ("Emma O'Neil-McKay", 'Emma de la Cruz')
    """
    value = BLANKS.sub(" ", _half_width(text)).strip()
    if not value:
        return Name(value="", verdict=Verdict.UNUSABLE, reason=Reason.EMPTY)
    if "*" in value:
        return Name(value="", verdict=Verdict.UNUSABLE, reason=Reason.MASKED)
    if not any(letter.isalpha() for letter in value):
        return Name(value="", verdict=Verdict.UNUSABLE, reason=Reason.NO_LETTERS)
    if NOBODY.fullmatch(value):
        return Name(value="", verdict=Verdict.UNUSABLE, reason=Reason.NOBODY)
    return _judged(value)


def _judged(value: str) -> Name:
    bare = _undecorated(value)
    title = _title(bare)
    plain = _without(bare, title)
    cased = _cased(plain)
    surname, given = split(cased)
    reasons = (
        (bare != value, Reason.DECORATED),
        (bool(title), Reason.TITLED),
        (cased != plain, Reason.ONE_CASE),
    )
    reason = next((each for holds, each in reasons if holds), None)
    verdict = Verdict.DOUBTFUL if reason else Verdict.GOOD
    suggestion = cased if reason and cased != value else ""
    return Name(
        value=value,
        verdict=verdict,
        reason=reason,
        suggestion=suggestion,
        surname=surname,
        given=given,
        title=title,
    )


def split(name: str) -> tuple[str, str]:
    """Tell surname and given name apart; a single Latin word has no surname.

    >>> split("诸葛亮"), split("林 晓雨"), split("Emma Mary Taylor"), split("Taylor, Emma"), split("Emma")
    (('诸葛', '亮'), ('林', '晓雨'), ('Taylor', 'Emma Mary'), ('Taylor', 'Emma'), ('', 'Emma'))
    """
    if HANZI.match(name):
        whole = name.replace(" ", "").replace("·", "·")
        if "·" in whole:  # a name put into Chinese by its sound: the given name comes first
            given, _dot, surname = whole.rpartition("·")
            return surname, given
        if len(whole) > 6 or not all(HANZI.match(letter) for letter in whole):
            return "", whole
        length = 2 if len(whole) > 2 and COMPOUND.match(whole) else 1
        return whole[:length], whole[length:]
    surname, comma, given = name.partition(",")
    if comma:
        return surname.strip(), given.strip()
    given, _blank, surname = name.rpartition(" ")
    return (surname, given) if given else ("", name)


def _half_width(text: str) -> str:
    """Fold full-width letters and digits, and compose accents; hanzi stay as they are."""
    if text.isascii():
        return text
    folded = (chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in text)
    return unicodedata.normalize("NFC", "".join(folded))


def _undecorated(value: str) -> str:
    if value.isascii() and value.replace(" ", "").isalpha():
        return value
    kept = (each for each in value if each in JOINING or unicodedata.category(each)[0] in "LMN")
    return BLANKS.sub(" ", "".join(kept)).strip(" .,-·") or value


def _title(name: str) -> str:
    found = ZH_TITLE.search(name) if HANZI.match(name) else EN_TITLE.match(name)
    return found.group().strip() if found else ""


def _without(name: str, title: str) -> str:
    if not title:
        return name
    return name.removesuffix(title).strip() if HANZI.match(name) else name[len(title) :].strip()


def _cased(name: str) -> str:
    """Write a Latin name in capitals or small letters throughout as names are written."""
    if not name.isascii() or len(name) < 3 or not (name.isupper() or name.islower()):
        return name
    words = name.lower().split(" ")
    return " ".join(word if word in PARTICLES and at else _capital(word) for at, word in enumerate(words))


def _capital(word: str) -> str:
    parts = re.split(r"([-'])", word)
    return "".join(_mixed(part) for part in parts)


def _mixed(part: str) -> str:
    head = MIXED.match(part)
    if head and len(part) > head.end() + 2 and head.group() == "mc":
        return part[: head.end()].capitalize() + part[head.end() :].capitalize()
    return part.capitalize()
