"""What was told in some days: which events, out of which sources, as the forms of this page offer them."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from guanxi.insight.happenings import title
from guanxi.insight.visits import ELSEWHERE
from guanxi.orders.models import Company
from guanxi.pages.period import Period
from guanxi.warehouse.reading import Lake

MOST = 200
QUERY = """
    select name, source, count(*) as events from events
    where occurred_at >= $since and occurred_at < $last and profile_id is not null
    group by name, source order by events desc, name limit 1000
"""


@dataclass(frozen=True)
class Told:
    """Events by name and the sources that told of behaviour, the most frequent first."""

    names: list[str]
    sources: list[str]

    @classmethod
    def read(cls, lake: Lake, period: Period) -> Self:
        """Count what there is in the days."""
        since, last = instants(period)
        names: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        for row in lake.sql(QUERY, since=since, last=last).to_pylist():
            names[row["name"]] += row["events"]
            sources[row["source"]] += row["events"]
        return cls([name for name, _n in names.most_common(MOST)], [name for name, _n in sources.most_common(MOST)])

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def events(self) -> list[tuple[str, str]]:
        """The events with what they are called, those of pages first."""
        names = sorted(self.names, key=lambda name: name in ELSEWHERE)
        return [(name, title(name)) for name in names]


def zone_name() -> str:
    """The zone in which the company's days begin and end."""
    company = Company.current()
    return company.time_zone if company else "Asia/Shanghai"


def instants(period: Period) -> tuple[dt.datetime, dt.datetime]:
    """The instants, in UTC without saying so, at which the days of the company begin and end."""
    zone = ZoneInfo(zone_name())
    ends = (period.start, period.end + dt.timedelta(days=1))
    first, last = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None) for day in ends)
    return first, last
