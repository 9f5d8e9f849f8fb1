"""The occasions of a shop's countries as forecasts know them: its calendar, and the days off of where it sells to."""

from collections.abc import Iterable, Iterator
from functools import cache

from guanxi.insight.forecast.occasions import Occasion
from guanxi.shop import calendar
from guanxi.shop.given import HOLIDAY
from guanxi.warehouse.reading import Lake

CHINA, LEAST_SHARE = "CN", 0.1
COUNTRIES = "select country, count(*) as orders from orders where is_paid and country <> '' group by country"


def countries(lake: Lake) -> list[str]:
    """Name the countries a shop sells to by their two letters: those with a tenth of its orders. China if unknown."""
    rows = lake.sql(COUNTRIES).to_pylist()
    whole = sum(row["orders"] for row in rows)
    often = {_code(row["country"]) for row in rows if row["orders"] >= LEAST_SHARE * whole}
    return sorted(often - {""}) or [CHINA]


def occasions(sold_to: Iterable[str], first: int, last: int) -> Iterator[Occasion]:
    """List what has a name in some years: weeks of trade and the shop's own days everywhere, days off by country."""
    wanted = list(sold_to)
    for year in range(first, last + 1):
        for each in calendar.windows(year):
            if CHINA in wanted or each.kind != HOLIDAY or each.own is not None:
                yield Occasion(each.key, each.start, each.end, each.mark, each.worked)
        for country in wanted:
            if country != CHINA:
                yield from _abroad(country, year)


@cache
def _abroad(country: str, year: int) -> tuple[Occasion, ...]:
    from holidays import country_holidays  # noqa: PLC0415 - a tenth of a second, wanted at night alone

    days = sorted(country_holidays(country, years=year, language="en_US").items())
    return tuple(Occasion(f"{country}: {name}", day, day, day) for day, name in days)


@cache
def _code(country: str) -> str:
    """Give the two letters of a country told by its name in English, by them, or as China in Chinese."""
    from holidays.registry import COUNTRIES as KNOWN  # noqa: PLC0415 - as above

    if country.strip() in {"中国", "中华人民共和国", "中国大陆"}:
        return CHINA
    word = country.replace(" ", "").casefold()
    names = ((name.replace("_", ""), *codes[:3]) for name, codes in KNOWN.items())
    return next((each[2] for each in names if word in {str(name).casefold() for name in each}), "")
