"""Chinese addresses, split to province, city, district and street; foreign ones are kept as they are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guanxi.guard.masking import HANZI
from guanxi.identity.cleaning.divisions import DISTRICT, PROVINCE, SHORTEST, Place, Spelling, places, spellings
from guanxi.identity.cleaning.reading import Reading, Reason, Verdict

COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
BLANKS = re.compile(r"[\s,，、;；\u200b\ufeff]+")
POSTCODE = re.compile(r"^(?:邮编[:：]?)?\d{6}(?=\D)|(?:邮编[:：]?\d{6}|\(\d{6}\))$")
FILLERS = re.compile(r"^(?:市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)(?=.*[区县市旗])")
STREET = re.compile(r"^[^0-9号]{1,8}?街道|^[^0-9号路]{1,12}?(?:镇|乡|苏木)(?!路|街)")
ROAD = re.compile(r"^[^0-9]{1,15}?(?:大道|公路|路|大街|街|巷|弄|胡同)(?:[东西南北中]段)?")
MOST_OFFERED = 5


@dataclass(frozen=True, kw_only=True)
class Address(Reading):
    """An address in its parts; `street` is the subdistrict or town, else the road, `detail` what comes behind.

    Of a foreign address everything is `value`. Where a place may be several, `candidates` are those it may be.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    detail: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The four parts, as a divisions table names them."""
        return self.province, self.city, self.district, self.street


def split_address(text: str) -> Address:
    """Split an address by the divisions table; what is left out above a place is filled in where it can be only one.

    >>> split_address("浙江省杭州市西湖区北山街道曙光路 90 号").parts, split_address("北京市朝阳区建国路88号").parts
    (('浙江省', '杭州市', '西湖区', '北山街道'), ('北京市', '北京市', '朝阳区', '建国路'))
    >>> split_address("内蒙呼和浩特新城区").parts[:3], split_address("昆山市玉山镇").parts
    (('内蒙古自治区', '呼和浩特市', '新城区'), ('江苏省', '苏州市', '昆山市', '玉山镇'))
    >>> split_address("朝阳区建国路1号").reason.value, split_address("12 High Street, Leeds").value
    ('ambiguous', '12 High Street, Leeds')
    """
    value = text.strip()
    if not value:
        return Address(value="", verdict=Verdict.UNUSABLE, reason=Reason.EMPTY)
    if not HANZI.search(value):
        return Address(value=value)
    bare = COUNTRY.sub("", POSTCODE.sub("", BLANKS.sub("", value)))
    found = _best(list(_walks(bare)))
    if not found:
        return Address(value=value, verdict=Verdict.DOUBTFUL, reason=Reason.NO_PLACE, detail=bare)
    if len(found) > 1:
        return _ambiguous(value, found)
    return _told(value, found[0])


@dataclass(frozen=True)
class _Walk:
    """Places that an address names one behind the other, and what comes behind the last."""

    named: tuple[Spelling, ...]
    rest: str

    @property
    def last(self) -> Place:
        return self.named[-1].place

    @property
    def worth(self) -> tuple[int, int, int]:
        """Rather more letters that are places, rather whole names, rather higher ones."""
        letters = sum(len(each.text) for each in self.named)
        return letters, -sum(each.is_short for each in self.named), -self.named[0].place.level


def _walks(text: str, before: tuple[Spelling, ...] = ()) -> Iterator[_Walk]:
    """Read every way down the divisions that the text begins with."""
    for each in spellings().get(text[:SHORTEST], ()):
        if text.startswith(each.text) and _may_follow(each, before):
            rest = text[len(each.text) :]
            named = (*before, each)
            yield _Walk(named, rest)
            if each.place.level < DISTRICT:
                yield from _walks(FILLERS.sub("", _once(rest, each.place)), named)


def _once(rest: str, place: Place) -> str:
    """Skip a municipality that is written twice, as province and as city."""
    return rest.removeprefix(place.name) if place.level == PROVINCE and place.name.endswith("市") else rest


def _may_follow(each: Spelling, before: tuple[Spelling, ...]) -> bool:
    if not before:
        return not each.is_short or each.place.level < DISTRICT
    return each.place.lies_in(before[-1].place)


def _best(walks: list[_Walk]) -> list[_Walk]:
    """Keep the best readings, one for each place they lead to."""
    most = max((walk.worth for walk in walks), default=None)
    return list({id(walk.last): walk for walk in walks if walk.worth == most}.values())


def _told(value: str, walk: _Walk) -> Address:
    rest = FILLERS.sub("", _once(walk.rest, walk.last)) if walk.last.level < DISTRICT else walk.rest
    street = STREET.match(rest) or ROAD.match(rest)
    elsewhere = walk.last.level < DISTRICT and _begins_elsewhere(rest)
    place = walk.last
    return Address(
        value=value,
        verdict=Verdict.DOUBTFUL if elsewhere else Verdict.GOOD,
        reason=Reason.CONTRADICTS if elsewhere else None,
        province=place.province.name,
        city=place.city,
        district=place.name if place.level == DISTRICT else "",
        street="" if elsewhere or not street else street.group(),
        detail=rest if elsewhere or not street else rest[street.end() :],
    )


def _begins_elsewhere(rest: str) -> bool:
    """Whether what follows is the whole name of a place that lies in another."""
    return any(rest.startswith(each.text) and not each.is_short for each in spellings().get(rest[:SHORTEST], ()))


def _ambiguous(value: str, walks: list[_Walk]) -> Address:
    names = tuple(dict.fromkeys(_whole(walk.last) for walk in walks))
    return Address(
        value=value,
        verdict=Verdict.DOUBTFUL,
        reason=Reason.AMBIGUOUS,
        district=walks[0].last.name,
        detail=walks[0].rest,
        candidates=names[:MOST_OFFERED],
    )


def _whole(place: Place) -> str:
    return (_whole(place.within) if place.within else "") + place.name


def province_of(text: str) -> str:
    """Name a province by any of its spellings, as the divisions table does; nothing where it is none.

    >>> province_of("内蒙"), province_of("新疆"), province_of("浙江省"), province_of("Bavaria")
    ('内蒙古自治区', '新疆维吾尔自治区', '浙江省', '')
    """
    some = spellings().get(text[:SHORTEST], ())
    return next((each.place.name for each in some if each.text == text and each.place.level == PROVINCE), "")


def divisions() -> int:
    """Count the places of the table."""
    return len(places())
