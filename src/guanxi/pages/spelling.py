"""Names as people type them when they look for somebody: as written, in pinyin, by initials, by the given name.

Every spelling is a word in a column of its own, so that a search reads a range of an index and not the whole table.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Q
from pypinyin import Style, lazy_pinyin

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WORDS = re.compile(r"[\W_]+")
PAIRED = frozenset(
    (
        "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容",
        "令狐", "长孙", "宇文", "司徒", "南宫", "端木", "独孤", "西门", "百里", "东郭",
    )
)  # fmt: skip
AS_SURNAME = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "覃": "qin", "尉": "wei", "翟": "zhai", "乐": "yue", "缪": "miao", "洗": "xian", "员": "yun",
    "秘": "bi", "折": "she", "黑": "he", "曲": "qu", "纪": "ji", "华": "hua", "晟": "cheng", "繁": "po", "种": "chong",
}  # fmt: skip
LAST = "\U0010ffff"
LATER = ("third_word", "fourth_word", "last_word")


class KeyField(models.CharField):  # type: ignore[type-arg]
    """A word compared letter by letter by its code, so that one index serves prefixes and order on every database."""

    def db_parameters(self, connection: Any) -> Any:
        """Keep the words of PostgreSQL from being compared by the rules of a language."""
        told = super().db_parameters(connection)
        return {**told, "collation": "C"} if connection.vendor == "postgresql" else told


def begins(column: str, start: str) -> Q:
    """Keep the rows whose KeyField starts so: a range of its index."""
    return Q(**{f"{column}__gte": start, f"{column}__lt": start + LAST})


def folded(text: str) -> str:
    """Write a text without width, case, accents, blanks and signs.

    >>> folded("Émma  O'Neil"), folded("ＡＤＡ"), folded("林 婉清")
    ('emmaoneil', 'ada', '林婉清')
    """
    return "".join(_words(text))


def sounded(name: str) -> str:
    """Write a name in letters: hanzi in pinyin, the surname as surnames are read.

    >>> sounded("林婉清"), sounded("单雄信"), sounded("Émma Thornton")
    ('linwanqing', 'shanxiongxin', 'emmathornton')
    """
    return "".join(_sounds(folded(name)))


def initials(name: str) -> str:
    """Write the first letters: of every hanzi, of every Latin word.

    >>> initials("林婉清"), initials("欧阳静姝"), initials("Emma Thornton"), initials("tea林小姐")
    ('lwq', 'oyjs', 'et', 'tlxj')
    """
    words = _words(name)
    if HAN.search("".join(words)):
        return "".join(sound[:1] for sound in _runs("".join(words)))
    return "".join(word[:1] for word in words)


def given(name: str) -> str:
    """Write what comes after the surname of a Chinese name, or after the first word of another.

    >>> given("林婉清"), given("欧阳静姝"), given("Emma Thornton"), given("Ada")
    ('婉清', '静姝', 'thornton', '')
    """
    words = _words(name)
    whole = "".join(words)
    if HAN.match(whole):
        return whole[2 if whole[:2] in PAIRED and len(whole) > 2 else 1 :]
    return "".join(words[1:])


def later(name: str) -> dict[str, str | None]:
    """Write a Latin name from its third and fourth word on, and its last word: those of two words have none of them.

    >>> later("Emma Mary Taylor")
    {'third_word': 'taylor', 'fourth_word': None, 'last_word': None}
    >>> later("José Carlos de Oliveira Souza")["last_word"], later("林婉清")["third_word"]
    ('souza', None)
    """
    words = _words(name)
    many = [] if HAN.match("".join(words)) else words
    starts = ("".join(many[2:]), "".join(many[3:]), "".join(many[4:][-1:]))
    return dict(zip(LATER, (start or None for start in starts), strict=True))


@lru_cache(64)  # every spelling of a name begins with its words
def _words(text: str) -> list[str]:
    if text.isascii():
        return [word for word in WORDS.split(text.replace("'", "").casefold()) if word]
    apart = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", "")).casefold()
    plain = unicodedata.normalize("NFC", "".join(letter for letter in apart if not unicodedata.combining(letter)))
    return [word for word in WORDS.split(plain) if word]


def _sounds(whole: str) -> list[str]:
    """Read every letter; the first hanzi as a surname."""
    sounds = [_sound(letter) for letter in whole]
    if whole[:2] not in PAIRED and whole[:1] in AS_SURNAME:
        sounds[0] = AS_SURNAME[whole[0]]
    return sounds


def _runs(whole: str) -> list[str]:
    """Read every hanzi, and letters between them as one word."""
    sounds, runs, latin = _sounds(whole), [], False
    for letter, sound in zip(whole, sounds, strict=True):
        if HAN.match(letter) or not latin:
            runs.append(sound)
        latin = not HAN.match(letter)
    return runs


@lru_cache(maxsize=20_000)
def _sound(letter: str) -> str:
    if not HAN.match(letter):
        return letter
    return str(lazy_pinyin(letter, style=Style.NORMAL, v_to_u=False)[0])
