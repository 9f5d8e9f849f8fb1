"""The page of moves between classes: who was in which class on an earlier day, and is in which on a later one."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.insight.asked_moves import COLUMNS, NOW, PARAMETERS, PARTS, QUARTER, TITLES, AskedMoves, Days
from guanxi.insight.daily import PROMISED
from guanxi.insight.layers import STEPS, Cell
from guanxi.insight.models import RfmScheme
from guanxi.insight.naming import OLD, series_of
from guanxi.insight.scheme import Scheme
from guanxi.pages import formats, moments
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Metric, Tab
from guanxi.pages.shell import AsOf
from guanxi.warehouse.models import MartRun
from guanxi.warehouse.reading import snapshot

MART = "customer_classes"
NOBODY = "-"  # the class of who has not bought yet; no class has this key
ROSE, FELL, STAYED, CAME = "rose", "fell", "stayed", "came"
WAYS = (ROSE, FELL, STAYED, CAME)
COUNTS = f"""
    select {", ".join(f"coalesce({column}, '{NOBODY}') as {part}" for part, column in COLUMNS.items())},
           count(*) as customers
    from {MART} group by 1, 2, 3, 4
"""  # noqa: S608 - words of our own
Pair = tuple[str, str]


@dataclass(frozen=True)
class KeptClasses:
    """What the last run of the mart counted: customers by their class on each of the days, and by which rules."""

    run: MartRun
    version: RfmScheme
    is_behind: bool
    counts: list[dict[str, Any]]

    @classmethod
    def read(cls) -> "KeptClasses | None":
        """Read it on one moment of the lake; None before the first run, and while nobody has bought."""
        run = MartRun.objects.filter(mart=MART, state=MartRun.State.DONE).order_by("-pk").first()
        if run is None:
            return None
        versions = list(RfmScheme.objects.newest_first())
        counts = _counted(run.snapshot_id)
        found = next((each for each in versions if _made_by(run, each.scheme)), None)
        return cls(run, found, found is not versions[0], counts) if found and counts else None

    @cached_property
    def days(self) -> Days:
        """The days that classes are kept of."""
        return {part: _day(self.run, name) for part, name in PARAMETERS.items()}

    @property
    def usual(self) -> str:
        """With which earlier day the page opens: a quarter ago, or the newest by which somebody had bought."""
        return QUARTER if self.bought_by(QUARTER) else PARTS[1]

    def bought_by(self, part: str) -> bool:
        """Tell whether anybody had bought by then."""
        return any(row[part] != NOBODY for row in self.counts)

    def between(self, asked: AskedMoves) -> "ClassMoves":
        """Look at two of the days."""
        flows: Counter[Pair] = Counter()
        for row in self.counts:
            pair = row[asked.since], row[asked.until]
            if pair[1] != NOBODY:
                flows[pair] += row["customers"]
        return ClassMoves(self, asked, flows)


@dataclass(frozen=True)
class ClassMoves:
    """Who went from which class to which between two days; `flows` counts customers by the pair of their classes."""

    kept: KeptClasses
    asked: AskedMoves
    flows: Mapping[Pair, int]

    @property
    def scheme(self) -> Scheme:
        """The rules, the same for both days."""
        return self.kept.version.scheme

    @cached_property
    def places(self) -> dict[str, int]:
        """The classes from the highest down, then who has not bought yet."""
        return {key: place for place, key in enumerate([*(each.key for each in self.scheme.classes), NOBODY])}

    def name(self, key: str) -> str:
        """Call a class by its name in the language of the page."""
        named = self.scheme.named(key)
        return named.name if named else _("Not yet a customer")

    @property
    def since(self) -> dt.date:
        """The earlier day."""
        return self.kept.days[self.asked.since]

    @property
    def until(self) -> dt.date:
        """The later day."""
        return self.kept.days[self.asked.until]

    def way(self, pair: Pair) -> str:
        """Tell whether who goes from one class to another rises, falls, stays, or came as a new customer."""
        before, after = (self.places[key] for key in pair)
        if pair[0] == NOBODY:
            return CAME
        return ROSE if after < before else FELL if after > before else STAYED

    def pairs(self, *, before: str = "", after: str = "", way: str = "") -> list[Pair]:
        """List the moves that somebody made, those of one class or one way where these are named."""
        found = [pair for pair in self.flows if before in {"", pair[0]} and after in {"", pair[1]}]
        ordered = sorted(found, key=lambda pair: [self.places[key] for key in pair])
        return [pair for pair in ordered if not way or self.way(pair) == way]

    def count(self, **asked: str) -> int:
        """Count the customers who made some moves."""
        return sum(self.flows[pair] for pair in self.pairs(**asked))

    @cached_property
    def bought_before(self) -> int:
        """How many were customers on the earlier day."""
        return self.count() - self.count(way=CAME)

    @property
    def finding(self) -> str:
        """The largest fall from the highest class that lost somebody, and how many rose."""
        said = {
            "day": moments.full_day(self.since), "until": moments.full_day(self.until),
            "all": formats.count(self.bought_before), "rose": formats.count(self.count(way=ROSE)),
        }  # fmt: skip
        if not self.bought_before:
            return self._all_new(said)
        falls = self.pairs(way=FELL)
        if falls:
            return self._falling(falls, said)
        if self.count(way=ROSE):
            return _("Nobody fell; %(rose)s of %(all)s customers rose between %(day)s and %(until)s") % said
        return _("Nobody changed class between %(day)s and %(until)s") % said

    def _all_new(self, said: Mapping[str, str]) -> str:
        new = self.count()
        if not new:
            return _("Nobody had bought by %(until)s") % said
        sentence = ngettext(
            "Nobody had bought by %(day)s: the one customer of %(until)s came later",
            "Nobody had bought by %(day)s: all %(new)s customers of %(until)s came later",
            new,
        )
        return sentence % {**said, "new": formats.count(new)}

    def _falling(self, falls: list[Pair], said: Mapping[str, str]) -> str:
        highest = [pair for pair in falls if pair[0] == falls[0][0]]
        before, after = most = max(highest, key=lambda pair: self.flows[pair])
        count = self.flows[most]
        told = {
            **said, "count": formats.count(count), "all": formats.count(self.count(before=before)),
            "before": self.name(before), "after": self.name(after),
        }  # fmt: skip
        if self.asked.until == NOW:
            text = ngettext(
                "%(count)s of %(all)s customers who were “%(before)s” on %(day)s is “%(after)s” now; %(rose)s rose",
                "%(count)s of %(all)s customers who were “%(before)s” on %(day)s are “%(after)s” now; %(rose)s rose",
                count,
            )
        else:
            text = ngettext(
                "%(count)s of %(all)s customers who were “%(before)s” on %(day)s was “%(after)s” on %(until)s; "
                "%(rose)s rose",
                "%(count)s of %(all)s customers who were “%(before)s” on %(day)s were “%(after)s” on %(until)s; "
                "%(rose)s rose",
                count,
            )
        return text % told

    @property
    def metrics(self) -> list[Metric]:
        """How many rose, fell, stayed and came."""
        of_all = {ROSE: _("Rose"), FELL: _("Fell"), STAYED: _("Stayed in their class"), CAME: _("New since")}
        return [
            Metric(
                words, formats.number_large(count), note=self._note(way, count),
                href=self.behind(way=way) if count else "",
            )
            for way, words in of_all.items()
            for count in [self.count(way=way)]
        ]  # fmt: skip

    def _note(self, way: str, count: int) -> str:
        if way == CAME:
            return _("first bought after %(day)s") % {"day": moments.day(self.since)}
        share = self._share(count, self.bought_before)
        return _("%(share)s of those who were customers") % {"share": share} if self.bought_before else ""

    @property
    def largest(self) -> str:
        """The largest move from one class to another, in a sentence; newcomers made none."""
        moved = [*self.pairs(way=ROSE), *self.pairs(way=FELL)]
        if not moved:
            return _("Nobody changed class")
        before, after = most = max(moved, key=lambda pair: self.flows[pair])
        said = {"count": formats.count(self.flows[most]), "was": self.name(before), "made": self.name(after)}
        sentence = ngettext(
            "The largest move: %(count)s customer from “%(was)s” to “%(made)s”",
            "The largest move: %(count)s customers from “%(was)s” to “%(made)s”",
            self.flows[most],
        )
        return sentence % said

    @property
    def chart(self) -> Chart:
        """The flows from class to class, as a drawing, a table and a file."""
        return Chart(
            name="class-migration",
            kind="sankey",
            finding=self.largest,
            columns=[
                Column("was", _("Class on %(day)s") % {"day": moments.full_day(self.since)}),
                Column("made", _("Class on %(day)s") % {"day": moments.full_day(self.until)}),
                Column("customers", _("Customers"), form="count", series=1),
                Column("share", _("Share of the class before"), form="percent"),
            ],
            rows=list(self._rows()),
            colours={self.name(key): self._series(place) for key, place in self.places.items()},
            hrefs=reverse("insight:rfm-moved") + self.asked.query() + "&before={before}&after={after}",
            height="l",
        )

    def _rows(self) -> Iterator[dict[str, Any]]:
        for before, after in self.pairs():
            count = self.flows[before, after]
            yield {
                "was": self.name(before), "made": self.name(after), "before": before, "after": after,
                "customers": count, "share": count / self.count(before=before),
            }  # fmt: skip

    def _series(self, place: int) -> int:
        """Give a class its colour, and who has not bought yet one that no class has."""
        return series_of(self.scheme, place) if place < len(self.scheme.classes) else max(place, OLD - 1)

    @property
    def heads(self) -> list[str]:
        """The classes of the later day."""
        return [each.name for each in self.scheme.classes]

    @property
    def lines(self) -> list[tuple[str, list[Cell]]]:
        """The matrix: classes of the earlier day by those of the later, with the sum of each row at its end."""
        shown = [key for key in self.places if self.count(before=key)]
        return [(self.name(key), [self._cell(key, after) for after in (*self._after, "")]) for key in shown]

    @property
    def totals(self) -> list[Cell]:
        """The sums below the matrix."""
        return [self._cell("", after) for after in (*self._after, "")]

    @property
    def _after(self) -> list[str]:
        return [each.key for each in self.scheme.classes]

    def _cell(self, before: str, after: str) -> Cell:
        count, whole = self.count(before=before, after=after), self.count(before=before)
        step = max(1, round(STEPS * count / whole)) if before and after and count else 0
        wanted = {name: key for name, key in (("before", before), ("after", after)) if key}
        return Cell(count, self._share(count, whole), self.behind(**wanted) if count else "", step)

    @staticmethod
    def _share(count: int, whole: int) -> str:
        return formats.percent(count / whole) if whole else formats.missing(applies=False)

    def behind(self, **wanted: str) -> str:
        """Write the address of who made some moves: `behind(before="high_value", after="lost")`."""
        return reverse("insight:rfm-moved") + self.asked.query(**wanted)

    @property
    def since_tabs(self) -> list[Tab]:
        """The choice of the earlier day: those before the later one."""
        days = self.kept.days
        return [self._tab(part, since=part) for part in PARTS if days[part] < self.until]

    @property
    def until_tabs(self) -> list[Tab]:
        """The choice of the later day: those after the earlier one."""
        days = self.kept.days
        return [self._tab(part, until=part) for part in PARTS if days[part] > self.since]

    def _tab(self, part: str, **changed: str) -> Tab:
        asked = AskedMoves(**{"since": self.asked.since, "until": self.asked.until, **changed})
        return Tab(TITLES[part], asked.query(), active=asked == self.asked)

    @property
    def age(self) -> AsOf:
        """When it was computed."""
        return AsOf(self.kept.run.finished_at, 24 * PROMISED)

    @property
    def sql(self) -> str:
        """The question behind the figures, for the reader to copy."""
        was, made = COLUMNS[self.asked.since], COLUMNS[self.asked.until]
        return f"select {was} as was, {made} as made, count(*) from {MART} where {made} is not null group by 1, 2"  # noqa: S608 - as above


@lru_cache(maxsize=4)
def _counted(_snapshot_id: int | None) -> list[dict[str, Any]]:
    """Count the mart's rows once for each of its snapshots: a million customers are a few hundred kinds."""
    with snapshot() as lake:
        counts: list[dict[str, Any]] = lake.sql(COUNTS).to_pylist()
    return counts


def _made_by(run: MartRun, scheme: Scheme) -> bool:
    """Tell whether a run was by these rules."""
    wanted = {name: value for name, value in scheme.parameters(dt.date.max).items() if name != "as_of"}
    return all(run.parameters.get(name) == value for name, value in wanted.items())


def _day(run: MartRun, name: str) -> dt.date:
    return dt.date.fromisoformat(str(run.parameters[name])[:10])
