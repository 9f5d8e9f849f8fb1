"""Search terms: what people look for in the shop, what they do not find, and who bought afterwards."""

# ruff: noqa: S608 - what stands in the SQL are names of our own; values are parameters

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.insight import sheets
from guanxi.insight.told import instants
from guanxi.insight.visits import WHO
from guanxi.pages import formats
from guanxi.pages.charts import Chart, Column, Table
from guanxi.pages.components import Tab
from guanxi.pages.period import Period
from guanxi.warehouse.reading import snapshot

WITHIN_DAYS, SHOWN, DRAWN = 7, 100, 10
BOUGHT = ("Order Completed", "Order Paid", "Product Purchased")
RESULTS = "coalesce(properties ->> '$.results', properties ->> '$.results_count', properties ->> '$.number_of_results')"
QUERY = f"""
    with searched as (
        select {WHO} as who, occurred_at, event_id, lower(trim(properties ->> '$.query')) as term,
               case when {RESULTS} in ('0', '0.0') then 1 else 0 end as in_vain
        from events
        where name = 'Products Searched' and occurred_at >= $since and occurred_at < $until and profile_id is not null
    ),
    bought as (
        select {WHO} as who, occurred_at from events
        where name in {BOUGHT} and occurred_at >= $since and occurred_at < $last and profile_id is not null
    ),
    followed as (
        select searched.event_id from searched join bought on bought.who = searched.who
        and bought.occurred_at >= searched.occurred_at
        and bought.occurred_at <= searched.occurred_at + interval '{WITHIN_DAYS}' day
        group by searched.event_id
    )
    select term, count(*) as searches, count(distinct who) as people, sum(in_vain) as in_vain,
           count(followed.event_id) as bought
    from searched left join followed on followed.event_id = searched.event_id
    where term <> '' group by term order by searches desc, term
"""
FIGURES: dict[str, Promise] = {
    "searches": gettext_lazy("Searches"),
    "in_vain": gettext_lazy("Found nothing"),
    "bought": gettext_lazy("Bought afterwards"),
}
KINDS = ("all", "vain", "unbought")


@dataclass(frozen=True)
class SearchesPage:
    """What was looked for in some days."""

    kind: str
    rows: list[dict[str, Any]]

    @classmethod
    def read(cls, told: Mapping[str, str], period: Period) -> "SearchesPage":
        """Count the terms on one moment of the lake; `kind` narrows the list."""
        since, until = instants(period)
        last = until + dt.timedelta(days=WITHIN_DAYS)
        with snapshot() as lake:
            rows = lake.sql(QUERY, since=since, until=until, last=last).to_pylist()
        return cls(told.get("kind", "") if told.get("kind") in KINDS else KINDS[0], rows)

    @property
    def tabs(self) -> list[Tab]:
        """All terms, those without a result, those after which nobody bought."""
        titles = {"all": _("All terms"), "vain": _("Found nothing"), "unbought": _("Nobody bought")}
        return [
            Tab(words, f"?{urlencode({'kind': key})}", count=len(self._of(key)), active=self.kind == key)
            for key, words in titles.items()
        ]

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        """The first terms of the kind, with their shares."""
        return [
            row
            | {
                "words": _vain(row),
                "vain_rate": row["in_vain"] / row["searches"],
                "rate": row["bought"] / row["searches"],
            }
            for row in self._of(self.kind)[:SHOWN]
        ]

    def _of(self, kind: str) -> list[dict[str, Any]]:
        found = [
            row
            for row in self.rows
            if kind == "all" or (kind == "vain" and row["in_vain"]) or (kind == "unbought" and not row["bought"])
        ]
        return sorted(found, key=lambda row: -row["in_vain"]) if kind == "vain" else found

    @property
    def sheet(self) -> Table:
        """The terms as a file."""
        return sheets.searches(self.shown)

    @property
    def finding(self) -> str:
        """What is looked for in vain most often, else what is looked for most."""
        vain = self._of("vain")
        searches = sum(row["searches"] for row in self.rows)
        if not vain:
            told = {"term": self.rows[0]["term"], "share": formats.percent(self.rows[0]["searches"] / searches)}
            return _("“%(term)s” is looked for most: %(share)s of all searches") % told
        text = ngettext(
            "%(share)s of searches find nothing; “%(term)s” was looked for in vain %(count)s time",
            "%(share)s of searches find nothing; “%(term)s” was looked for in vain %(count)s times",
            vain[0]["in_vain"],
        )
        lost = formats.percent(sum(row["in_vain"] for row in vain) / searches)
        return text % {"share": lost, "term": vain[0]["term"], "count": formats.count(vain[0]["in_vain"])}

    @property
    def chart(self) -> Chart:
        """The first terms, what found something and what did not beside each other."""
        rows = [row | {"found": row["searches"] - row["in_vain"]} for row in self._of(self.kind)[:DRAWN]]
        series = "in_vain" if self.kind == "vain" else "searches"
        columns = [
            Column("term", _("Term")),
            *(
                Column(name, words, form="count", series=1 if name == series else None)
                for name, words in FIGURES.items()
            ),
        ]  # fmt: skip
        return Chart(name="searches", kind="horizontal", finding=self.finding, columns=columns, rows=rows)


def _vain(row: Mapping[str, Any]) -> str:
    """Say how often a term found nothing."""
    text = ngettext("found nothing %(count)s time", "found nothing %(count)s times", row["in_vain"])
    return text % {"count": formats.count(row["in_vain"])}
