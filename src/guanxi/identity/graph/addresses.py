"""Addresses in the form in which equal ones are equal, however they are spaced and whatever stands before them."""

import re
import unicodedata
from functools import lru_cache

FEWEST = 6  # letters of a street with its number
LONGEST = 300
PROVINCE = re.compile(r"^(?:中国)?(?:[^\d省市区县]{2,6}(?:省|自治区))?")
CITY = re.compile(r"^([^\d省市区县]{2,6})市")
BETWEEN = re.compile(r"(?<=\d)(?:号楼|单元|[\W_栋幢座楼])[\W_栋幢座楼]*(?=\d)")
SIGNS = re.compile(r"[^\w-]+|_+")
ENDINGS = ("省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区")
DOORS = ("号房", "室", "房")


@lru_cache(maxsize=4_096)
def address_key(address: str, *, province: str = "", city: str = "") -> str:
    """Write an address of a street and a number so that it can be compared; empty where it names no single door.

    A masked one, a town alone and a street without a number are none.

    >>> address_key("浙江省杭州市西湖区文三路 90 号 3栋501室", province="浙江省", city="杭州市")
    '杭州|西湖区文三路90号3-501'
    >>> address_key("杭州市西湖区文三路90号3-501"), address_key("文三路***"), address_key("杭州市西湖区")
    ('杭州|西湖区文三路90号3-501', '', '')
    >>> address_key("12 Willow  Lane, Flat 3", city="Bath")
    'bath|12willowlaneflat3'
    """
    if "*" in address or len(address) > LONGEST:
        return ""
    text = SIGNS.sub("", BETWEEN.sub("-", unicodedata.normalize("NFKC", address).casefold())).strip("-")
    province, city = _stem(province), _stem(city)
    text = PROVINCE.sub("", _without(text, province))
    city = city or _own_city(text)
    text = _without(_without(text, city), city)  # a city of its own stands for its province too
    text = next((text.removesuffix(door) for door in DOORS if text.endswith(door)), text)
    if len(text) < FEWEST or not any(letter.isdigit() for letter in text):
        return ""
    return f"{city or province}|{text}"


def _own_city(text: str) -> str:
    found = CITY.match(text)
    return found[1] if found else ""


@lru_cache(maxsize=1_024)
def _stem(name: str) -> str:
    plain = SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())
    return next((plain.removesuffix(end) for end in ENDINGS if plain.endswith(end) and plain != end), plain)


def _without(text: str, name: str) -> str:
    """Take the name of a province or city off the beginning, with what it is called."""
    if not name or not text.startswith(name):
        return text
    rest = text.removeprefix(name)
    return next((rest.removeprefix(end) for end in ENDINGS if rest.startswith(end)), rest)
