"""The page of funnels: one of the ready ones over the chosen days, what changed, and who stands behind each bar."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight.funnel import PROPERTIES, READY, WINDOWS, Funnel, Step
from guanxi.insight.incidents import Incident, counted, incidents, query
from guanxi.orders.models import Company
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.reading import Lake, snapshot

SHOWN, PARTS = 100, 6
LENGTHS = {"1h": dt.timedelta(hours=1), "1d": dt.timedelta(1), "7d": dt.timedelta(7), "30d": dt.timedelta(30)}
BREAKDOWNS = ("device", "source", "utm_source", "category")


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a ready funnel or one of named events, its window, and a breakdown."""

    ready: str
    funnel: Funnel
    by: str

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Asked":
        """Read an address; `steps` names events, parted by commas. NoFunnel says what cannot be."""
        ready = told.get("funnel") if told.get("funnel") in READY else "order"
        named = [name.strip() for name in told.get("steps", "").split(",") if name.strip()]
        steps = tuple(map(Step, named or READY[str(ready)][1]))
        by = told.get("by", "") if told.get("by") in BREAKDOWNS else ""
        return cls("" if named else str(ready), Funnel(steps, told.get("window") or "7d"), by)

    @property
    def address(self) -> dict[str, str]:
        """The parts of an address that ask for this."""
        steps = {"funnel": self.ready} if self.ready else {"steps": ",".join(self.names)}
        return {**steps, "window": self.funnel.window, **({"by": self.by} if self.by else {})}

    @property
    def names(self) -> list[str]:
        """The steps' events."""
        return [step.event for step in self.funnel.steps]

    def tab(self, title: Any, *, active: bool, **changed: str) -> Tab:
        """A choice that leads to the same page with something changed."""
        kept = {name: value for name, value in (self.address | changed).items() if value}
        if changed.get("funnel"):
            kept.pop("steps", None)
        return Tab(title, f"?{urlencode(kept)}", active=active)


@dataclass(frozen=True)
class FunnelPage:
    """A funnel counted over some days and those before, by a property, with the days that fall out."""

    asked: Asked
    period: Period
    whole: dict[str, Any] | None
    earlier: dict[str, Any] | None
    parts: list[dict[str, Any]]
    incidents: list[Incident]

    @classmethod
    def read(cls, asked: Asked, period: Period) -> "FunnelPage":
        """Count all of it on one moment of the lake."""
        before = period.previous
        with snapshot() as lake:
            whole = _count(lake, asked.funnel, period)
            earlier = _count(lake, asked.funnel, before) if before else []
            parts = _count(lake, asked.funnel, period, asked.by) if asked.by else []
            fallen = _fallen(lake, asked, period)
        return cls(asked, period, next(iter(whole), None), next(iter(earlier), None), parts, fallen)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """One row a step: people, known customers, shares of the first step and of the one before, seconds between."""
        row, rows = self.whole or {}, []
        for nth, name in enumerate(self.asked.names, 1):
            people, before = row.get(f"step_{nth}", 0), row.get(f"step_{max(nth - 1, 1)}", 0)
            then = (self.earlier or {}).get(f"step_{nth}")
            rows.append({
                "step": name, "people": people, "known": row.get(f"known_{nth}", 0), "before": then,
                "of_first": _share(people, row.get("step_1", 0)), "of_before": _share(people, before),
                "minutes": _minutes(row.get(f"seconds_{nth}")), "nth": nth if row.get(f"known_{nth}") else None,
                "dropped": before - people,
            })  # fmt: skip
        return rows

    @property
    def finding(self) -> str:
        """How many of those who began came to the end, and where most were lost."""
        first, last = self.steps[0], self.steps[-1]
        if not first["people"]:
            return _("Nobody began this funnel in these days")
        lost = max(self.steps[1:], key=lambda row: row["dropped"])
        told = {
            "began": formats.count(first["people"]),
            "share": formats.percent(last["of_first"] or 0),
            "step": lost["step"],
        }
        text = ngettext(
            "%(share)s of %(began)s person came to the end; most were lost before “%(step)s”",
            "%(share)s of %(began)s people came to the end; most were lost before “%(step)s”",
            first["people"],
        )
        return text % told

    @property
    def chart(self) -> Chart:
        """The steps as bars, with everything else in the table."""
        columns = [
            Column("step", _("Step")), Column("people", _("People"), form="count", series=1),
            Column("known", _("Customers among them"), form="count"),
            Column("of_before", _("Of the step before"), form="percent"),
            Column("of_first", _("Of the first step"), form="percent"),
            Column("minutes", _("Minutes from the step before, median"), form="number"),
            Column("before", _("In the days compared with"), form="count"),
        ]  # fmt: skip
        behind = reverse("insight:funnel-people") + f"?{urlencode(self.asked.address | self.period.query)}&step={{nth}}"
        return Chart(name="funnel", kind="funnel", finding=self.finding, columns=columns, rows=self.steps, hrefs=behind)

    @property
    def breakdown(self) -> Chart:
        """The share that came to the end, by the first values of the property and the rest together."""
        last = f"step_{len(self.asked.names)}"
        rows = [(row["part"] or _("Not known"), row["step_1"], row[last]) for row in self.parts[:PARTS]]
        rest = self.parts[PARTS:]
        if rest:
            rows.append((_("All others"), sum(row["step_1"] for row in rest), sum(row[last] for row in rest)))
        shown = [
            {"part": part, "began": began, "ended": ended, "share": _share(ended, began)} for part, began, ended in rows
        ]
        columns = [
            Column("part", PROPERTIES[self.asked.by][1]),
            Column("share", _("Came to the end"), form="percent", series=1),
            Column("began", _("Began"), form="count"), Column("ended", self.asked.names[-1], form="count"),
        ]  # fmt: skip
        best = max(shown, key=lambda row: row["share"] or 0)
        finding = _("“%(part)s” came to the end most often: %(share)s.")
        told = {"part": best["part"], "share": formats.percent(best["share"] or 0)}
        return Chart(name="funnel-parts", kind="horizontal", finding=finding % told, columns=columns, rows=shown)

    @property
    def tabs(self) -> dict[str, list[Tab]]:
        """The choices: which funnel, how long it may take, broken down by what."""
        asked = self.asked
        return {
            "ready": [asked.tab(title, active=asked.ready == key, funnel=key) for key, (title, _s) in READY.items()],
            "window": [
                asked.tab(title, active=asked.funnel.window == key, window=key) for key, (_s, title) in WINDOWS.items()
            ],
            "by": [
                asked.tab(_("All"), active=not asked.by, by=""),
                *(asked.tab(PROPERTIES[key][1], active=asked.by == key, by=key) for key in BREAKDOWNS),
            ],
        }


def people_behind(asked: Asked, period: Period, step: int, viewer: Staff) -> list[tuple[Customer, Face, dt.datetime]]:
    """List the customers the viewer may see who reached a step, the latest first."""
    sql = asked.funnel.people(step, dropped=False)
    with snapshot() as lake:
        rows = lake.sql(sql, **_told(asked.funnel, period), most=SHOWN).to_pylist()
    known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
    faces = faces_of(list(known.values()))
    return [
        (known[key], faces[key], row["seen_at"].replace(tzinfo=dt.UTC))
        for row in rows
        if (key := row["customer_id"]) in known
    ]


def _count(lake: Lake, funnel: Funnel, period: Period, by: str = "") -> list[dict[str, Any]]:
    sql = funnel.counting(by)
    return lake.sql(sql, **_told(funnel, period)).to_pylist()  # type: ignore[no-any-return]


def _told(funnel: Funnel, period: Period) -> dict[str, Any]:
    since, until = _instants(period)
    return funnel.values | {"since": since, "until": until, "last": until + LENGTHS[funnel.window]}


def _fallen(lake: Lake, asked: Asked, period: Period) -> list[Incident]:
    since, until = _instants(period)
    names = {f"event_{nth}": name for nth, name in enumerate(asked.names, 1)}
    rows = lake.sql(query(len(names)), **names, since=since, until=until, time_zone=_zone()).to_pylist()
    return incidents(asked.names, counted(rows), period.days)


def _zone() -> str:
    company = Company.current()
    return company.time_zone if company else "Asia/Shanghai"


def _instants(period: Period) -> tuple[dt.datetime, dt.datetime]:
    """The instants, in UTC without saying so, at which the days of the company begin and end."""
    zone = ZoneInfo(_zone())
    ends = (period.start, period.end + dt.timedelta(days=1))
    first, last = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None) for day in ends)
    return first, last


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 1)
