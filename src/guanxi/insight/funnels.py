"""The page of funnels: a funnel over the chosen days, what changed, and who stands behind each bar."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import SavedView, Staff
from guanxi.accounts.models.saved_view import plain
from guanxi.accounts.shelf import Shelf
from guanxi.customers.dynamics.telling import DEVICES
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight.asked import Asked
from guanxi.insight.funnel import PROPERTIES, READY, VISIT, Funnel
from guanxi.insight.funnel_query import counting, people
from guanxi.insight.incidents import Incident, counted, incidents, query
from guanxi.insight.told import Told, instants, zone_name
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.reading import Lake, snapshot

LIST, LONGEST_ADDRESS = "funnels", 1_000
OURS = {plain(urlencode({"funnel": key})) for key in READY}
SHOWN, PARTS = 100, 6
LENGTHS = {"1h": dt.timedelta(hours=1), "1d": dt.timedelta(1), "7d": dt.timedelta(7), "30d": dt.timedelta(30)}


@dataclass(frozen=True)
class FunnelPage:
    """A funnel counted over some days and those before, by a property."""

    asked: Asked
    period: Period
    told: Told
    whole: dict[str, Any] | None
    earlier: dict[str, Any] | None
    parts: list[dict[str, Any]]

    @classmethod
    def read(cls, asked: Asked, period: Period) -> "FunnelPage":
        """Count all of it on one moment of the lake; NoFunnel where it is none."""
        funnel, before = asked.funnel, period.previous
        with snapshot() as lake:
            told = Told.read(lake, period)
            whole = _count(lake, funnel, period) if told else []
            earlier = _count(lake, funnel, before) if before and told else []
            parts = _count(lake, funnel, period, asked.by) if asked.by and whole else []
        return cls(asked, period, told, next(iter(whole), None), next(iter(earlier), None), parts)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """One row a step: people, known customers, shares of the first step and of the one before, seconds between."""
        return self.steps_of(self.whole or {}, self.earlier or {})

    def steps_of(self, row: dict[str, Any], earlier: dict[str, Any]) -> list[dict[str, Any]]:
        """Tell the steps of everybody, or of those with one value of the property."""
        rows = []
        for nth, name in enumerate(self.asked.names, 1):
            count, before = row.get(f"step_{nth}", 0), row.get(f"step_{max(nth - 1, 1)}", 0)
            then = earlier.get(f"step_{nth}")
            rows.append({
                "step": name, "people": count, "known": row.get(f"known_{nth}", 0), "before": then,
                "of_first": _share(count, row.get("step_1", 0)), "of_before": _share(count, before),
                "minutes": _minutes(row.get(f"seconds_{nth}")), "nth": nth if row.get(f"known_{nth}") else None,
                "dropped": before - count,
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
        visits = ngettext(
            "%(share)s of %(began)s visit came to the end; most were lost before “%(step)s”",
            "%(share)s of %(began)s visits came to the end; most were lost before “%(step)s”",
            first["people"],
        )
        return (visits if self.asked.per == VISIT else text) % told

    @property
    def chart(self) -> Chart:
        """The steps as bars, with everything else in the table."""
        visits = self.asked.per == VISIT
        counted_by, known = (_("Visits"), _("By customers")) if visits else (_("People"), _("Customers among them"))
        columns = [
            Column("step", _("Step")), Column("people", counted_by, form="count", series=1),
            Column("known", known, form="count"),
            Column("of_before", _("Of the step before"), form="percent"),
            Column("of_first", _("Of the first step"), form="percent"),
            Column("minutes", _("Minutes from the step before, median"), form="number"),
            Column("before", _("In the days compared with"), form="count"),
        ]  # fmt: skip
        behind = f"{self.behind}&step={{nth}}"
        return Chart(name="funnel", kind="funnel", finding=self.finding, columns=columns, rows=self.steps, hrefs=behind)

    @property
    def breakdown(self) -> Chart:
        """The share that came to the end, by the first values of the property and the rest together."""
        last = f"step_{len(self.asked.names)}"
        names = DEVICES if self.asked.by == "device" else {}
        rows = [
            (str(names.get(row["part"], row["part"])) or _("Not known"), row["step_1"], row[last])
            for row in self.parts[:PARTS]
        ]
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
    def turns(self) -> list[dict[str, Any]]:
        """Between each step and the next: how many went on, after how long, and how many turned back."""
        return [
            {
                "before": before["step"], "step": after["step"], "went_on": after["of_before"],
                "minutes": after["minutes"], "dropped": after["dropped"], "words": self._counted(after["dropped"]),
                "people": before["nth"] and f"{self.behind}&step={before['nth']}&dropped=1",
            }
            for before, after in pairwise(self.steps)
        ]  # fmt: skip

    def _counted(self, number: int) -> str:
        """Write how many people, or visits."""
        people = ngettext("%(count)s person", "%(count)s people", number)
        visits = ngettext("%(count)s visit", "%(count)s visits", number)
        return (visits if self.asked.per == VISIT else people) % {"count": formats.count(number)}

    @property
    def behind(self) -> str:
        """The address of the people, but for the step."""
        return reverse("insight:funnel-people") + f"?{urlencode(self.asked.address | self.period.query)}"

    @property
    def file_url(self) -> str:
        """The address of the steps as a file."""
        return reverse("insight:funnel-table") + f"?{urlencode(self.asked.address | self.period.query)}"

    @property
    def fallen_url(self) -> str:
        """Where the days that fall out are told, which takes longer than the funnel."""
        return reverse("insight:funnel-incidents") + f"?{urlencode(self.asked.address | self.period.query)}"


def people_behind(
    asked: Asked, period: Period, step: int, *, dropped: bool, viewer: Staff
) -> list[tuple[Customer, Face, dt.datetime]]:
    """List the customers the viewer may see who reached a step, or turned back after it, the latest first."""
    sql = people(asked.funnel, step, dropped=dropped)
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
    sql = counting(funnel, by)
    return lake.sql(sql, **_told(funnel, period)).to_pylist()  # type: ignore[no-any-return]


def _told(funnel: Funnel, period: Period) -> dict[str, Any]:
    since, until = instants(period)
    return funnel.values | {"since": since, "until": until, "last": until + LENGTHS[funnel.window]}


def fallen(asked: Asked, period: Period) -> list[Incident]:
    """Find the days on which fewer went on than usual; NoFunnel where it is none."""
    since, until = instants(period)
    events = [step.event for step in asked.funnel.steps]
    names = {f"event_{nth}": name for nth, name in enumerate(events, 1)}
    with snapshot() as lake:
        rows = lake.sql(query(len(names)), **names, since=since, until=until, time_zone=zone_name()).to_pylist()
    return incidents(events, counted(rows), period.days)


def told_in(period: Period) -> Told:
    """Read what the form offers, where there is no funnel to count."""
    with snapshot() as lake:
        return Told.read(lake, period)


def shelf(asked: Asked, reader: Staff) -> Shelf:
    """Put the funnels that were saved behind those everybody has."""
    now = plain(asked.query)
    saved = list(SavedView.objects.seen_by(reader).filter(list_name=LIST))
    active = next((view for view in saved if view.query == now), None)
    kept = [Tab(view.name, f"?{view.query}", active=view == active) for view in saved]
    tabs = [replace(tab, active=tab.active and not active) for tab in asked.ready_tabs]
    return Shelf(
        tabs=[*tabs, *kept],
        mine=active if active and active.owner_id == reader.pk else None,
        query=now,
        savable=active is None and now not in OURS and len(now) <= LONGEST_ADDRESS,
        views_url=reverse("list-views", args=[LIST]),
        columns_url="",
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 1)
