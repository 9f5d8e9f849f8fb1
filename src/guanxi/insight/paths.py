"""Paths: what people do next after an event, or did just before it, within the same visit.

Every visit counts once, from the first (or, looking back, the last) time the event was in it.
"""

# ruff: noqa: S608 - what stands in the SQL are expressions of our own; values are parameters

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from guanxi.insight.happenings import title
from guanxi.insight.told import Told, instants
from guanxi.insight.visits import seen
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.reading import snapshot

AFTER, BEFORE = "after", "before"
USUAL, LONGEST = "Product Viewed", 100
SHOWN, SIDE = 10, 6
PAGE = "case when name = 'Page Viewed' then concat('Page Viewed ', coalesce(properties ->> '$.path', '')) else name end"
FARTHEST = {AFTER: "min", BEFORE: "max"}
GO = {AFTER: "lead", BEFORE: "lag"}


def query(way: str, *, pages: bool) -> str:
    """Spell the query: one row for what came next (`one`) and after that (`two`), null where the visit was over, with
    `visits`. Parameters are `event`, `since` and `last`.
    """
    words = PAGE if pages else "name"
    over = "over (partition by who, visit order by occurred_at, event_id)"
    within = "(partition by who, visit)"
    return (
        f"with {seen('name', *(['properties'] if pages else []))},\n"
        f"named as (select who, visit, event_id, occurred_at, {words} as word from seen),\n"
        f"walked as (select *, {GO[way]}(word, 1) {over} as one, {GO[way]}(word, 2) {over} as two, "
        f"row_number() {over} as place from named),\n"
        f"chosen as (select *, {FARTHEST[way]}(place) over {within} as whole from walked where word = $event)\n"
        "select one, two, count(*) as visits from chosen where place = whole "
        "group by one, two order by visits desc, one, two"
    )


@dataclass(frozen=True)
class Way:
    """What an address asks for: an event, which way to look from it, and whether pages stand apart."""

    event: str
    way: str = AFTER
    pages: bool = False

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Way":
        """Read an address; what makes no sense is as if it were not there."""
        event = told.get("event", "").replace("\0", "")[:LONGEST] or USUAL
        return cls(event, BEFORE if told.get("way") == BEFORE else AFTER, told.get("pages") == "1")

    def tab(self, words: Any, *, active: bool, **changed: str) -> Tab:
        """A choice that leads to the same page with something changed."""
        now = {"event": self.event, "way": self.way, "pages": "1" if self.pages else ""} | changed
        return Tab(words, f"?{urlencode({name: value for name, value in now.items() if value})}", active=active)

    @property
    def ways(self) -> list[Tab]:
        """Which way to look."""
        titles = {AFTER: _("What came after it"), BEFORE: _("What came before it")}
        return [self.tab(words, active=self.way == key, way=key) for key, words in titles.items()]

    @property
    def apart(self) -> list[Tab]:
        """Whether every page stands for itself."""
        titles = {"": _("All pages together"), "1": _("Every page apart")}
        return [self.tab(words, active=self.pages == bool(key), pages=key) for key, words in titles.items()]


@dataclass(frozen=True)
class PathsPage:
    """What came next in the visits of some days, and what after that."""

    asked: Way
    told: Told
    rows: list[dict[str, Any]]

    @classmethod
    def read(cls, asked: Way, period: Period) -> "PathsPage":
        """Count the ways on one moment of the lake."""
        since, last = instants(period)
        with snapshot() as lake:
            told = Told.read(lake, period)
            sql = query(asked.way, pages=asked.pages)
            rows = lake.sql(sql, event=asked.event, since=since, last=last).to_pylist() if told else []
        return cls(asked, told, rows)

    @property
    def events(self) -> list[tuple[str, str]]:
        """What can be asked for; what is asked for is always among it."""
        own = [] if self.asked.event in self.told.names else [(self.asked.event, title(self.asked.event))]
        return [*own, *self.told.events]

    @cached_property
    def visits(self) -> int:
        """How many visits had the event."""
        return sum(row["visits"] for row in self.rows)

    @cached_property
    def _next(self) -> Counter[str | None]:
        found: Counter[str | None] = Counter()
        for row in self.rows:
            found[row["one"]] += row["visits"]
        return found

    @property
    def finding(self) -> str:
        """What comes next most often, or that the visit is over."""
        if not self.visits:
            return _("No visit in these days had “%(event)s”") % {"event": title(self.asked.event)}
        most, count = self._next.most_common(1)[0]
        told = {
            "event": title(self.asked.event),
            "next": self._word(most),
            "share": formats.percent(count / self.visits),
        }
        if self.asked.way == BEFORE:
            begin = _("%(share)s of visits with “%(event)s” began with it")
            return (_("Before “%(event)s” comes most often “%(next)s”: %(share)s of visits") if most else begin) % told
        over = _("After “%(event)s” most visits are over: %(share)s")
        return (_("After “%(event)s” comes most often “%(next)s”: %(share)s of visits") if most else over) % told

    @property
    def bars(self) -> Chart:
        """What came directly next, the most frequent first."""
        rows = [
            {"next": self._word(word), "visits": count, "share": count / self.visits}
            for word, count in self._next.most_common(SHOWN)
        ]
        columns = [
            Column("next", _("Next") if self.asked.way == AFTER else _("Just before")),
            Column("share", _("Share of visits"), form="percent", series=1),
            Column("visits", _("Visits"), form="count"),
        ]  # fmt: skip
        return Chart(name="paths-next", kind="horizontal", finding=self.finding, columns=columns, rows=rows)

    @property
    def flow(self) -> Chart:
        """From what came directly next to what came after that, the rest of either together."""
        firsts = [word for word, _n in self._next.most_common() if word][: SIDE - 1]
        seconds: Counter[str | None] = Counter()
        for row in self.rows:
            if row["one"]:
                seconds[row["two"]] += row["visits"]
        lasts = [word for word, _n in seconds.most_common(SIDE - 1)]
        joined: Counter[tuple[str, str]] = Counter()
        for row in self.rows:
            if row["one"]:
                one = self._word(row["one"]) if row["one"] in firsts else _("All others")
                two = self._word(row["two"]) if row["two"] in lasts else _("All others")
                joined[one, two] += row["visits"]
        rows = [{"one": one, "two": two, "visits": count} for (one, two), count in joined.most_common()]
        columns = [
            Column("one", _("Next") if self.asked.way == AFTER else _("Just before")),
            Column("two", _("After that") if self.asked.way == AFTER else _("Before that")),
            Column("visits", _("Visits"), form="count", series=1),
        ]  # fmt: skip
        finding = (
            _("%(visits)s visits went on; from each step to the one after")
            if self.asked.way == AFTER
            else _("%(visits)s visits came from somewhere; from each step to the one before it")
        )
        went = self.visits - self._next[None]
        told = finding % {"visits": formats.count(went)}
        return Chart(name="paths-flow", kind="sankey", finding=told, columns=columns, rows=rows, height="l")

    def _word(self, word: str | None) -> str:
        if word is None:
            return _("The visit was over") if self.asked.way == AFTER else _("The visit began")
        page = word.removeprefix("Page Viewed ")
        return page or _("Page without an address") if word != page else title(word)
