"""Where people live: Chinese cities by how much tea they buy, and the towns abroad a parcel goes to."""

from dataclasses import dataclass
from random import Random

CHINA = (
    "浙江省 杭州市 90, 浙江省 宁波市 34, 浙江省 温州市 22, 浙江省 绍兴市 14, 浙江省 金华市 12, 上海 上海市 82, 北京 北京市 70, 广东省 广州市 56, "
    "广东省 深圳市 62, 广东省 佛山市 20, 广东省 东莞市 18, 广东省 汕头市 12, 江苏省 南京市 40, 江苏省 苏州市 42, 江苏省 无锡市 20, 江苏省 常州市 10, "
    "福建省 福州市 30, 福建省 厦门市 30, 福建省 泉州市 22, 福建省 福鼎市 6, 四川省 成都市 44, 重庆 重庆市 30, 湖北省 武汉市 32, 湖南省 长沙市 26, "
    "山东省 济南市 24, 山东省 青岛市 26, 山东省 烟台市 10, 河南省 郑州市 24, 河北省 石家庄市 14, 陕西省 西安市 24, 安徽省 合肥市 18, "
    "江西省 南昌市 12, 云南省 昆明市 16, 辽宁省 沈阳市 14, 辽宁省 大连市 14, 天津 天津市 20, 黑龙江省 哈尔滨市 10, 吉林省 长春市 8, "
    "山西省 太原市 9, 广西壮族自治区 南宁市 10, 贵州省 贵阳市 8, 内蒙古自治区 呼和浩特市 6, 甘肃省 兰州市 6, 新疆维吾尔自治区 乌鲁木齐市 6, "
    "海南省 海口市 5, 宁夏回族自治区 银川市 3, 青海省 西宁市 2"
)
STREETS = (
    "文二路 解放路 人民路 中山北路 建设大街 和平路 滨江大道 学院路 朝阳路 长江路 新华街 湖滨路 体育场路 天目山路 东风路 青年路"
)
ABROAD = (
    "US|New York|New York|212 646 917|22, US|New York|Brooklyn|718 347|14, US|California|San Francisco|415 628|16, "
    "US|California|Los Angeles|213 323 310|16, US|Washington|Seattle|206|14, US|Oregon|Portland|503 971|11, "
    "US|Illinois|Chicago|312 773|10, US|Massachusetts|Boston|617 857|10, US|Texas|Austin|512 737|8, "
    "US|Colorado|Denver|303 720|6, US|Pennsylvania|Philadelphia|215 267|6, US|Minnesota|Minneapolis|612|4, "
    "GB||London||20, GB||Bristol||6, GB||Edinburgh||6, GB||Manchester||5, GB||Cambridge||4, GB||Leeds||3"
)
LANES = "Maple Street|Oak Avenue|Church Road|Mill Lane|Hill Street|Park Road|Cedar Court|Station Road|Elm Street|High Street"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A town, and the codes its telephones begin with where made-up numbers are set aside for it."""

    province: str
    city: str
    country: str = ""
    codes: tuple[str, ...] = ()


def _china() -> tuple[list[Place], list[int]]:
    rows = [word.split() for word in CHINA.split(", ")]
    return [Place(province=province, city=city) for province, city, _ in rows], [int(row[-1]) for row in rows]


def _abroad() -> tuple[list[Place], list[int]]:
    rows = [word.split("|") for word in ABROAD.split(", ")]
    places = [Place(province=p, city=c, country=land, codes=tuple(codes.split())) for land, p, c, codes, _ in rows]
    return places, [int(row[-1]) for row in rows]


_at_home, _far_away = _china(), _abroad()
HANGZHOU = _at_home[0][0]
_streets, _lanes = STREETS.split(), LANES.split("|")


def at_home(rng: Random) -> Place:
    """Choose a town in China."""
    return rng.choices(*_at_home)[0]


def abroad(rng: Random) -> Place:
    """Choose a town abroad."""
    return rng.choices(*_far_away)[0]


def street(rng: Random, place: Place) -> str:
    """Make a street and a number up."""
    if place.country:
        return f"{rng.randint(2, 240)} {rng.choice(_lanes)}"
    return f"{rng.choice(_streets)} {rng.randint(2, 899)} 号 {rng.randint(1, 30)}-{rng.randint(101, 1802)}"
