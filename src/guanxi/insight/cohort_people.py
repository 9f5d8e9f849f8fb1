"""Who stands behind a figure of retention: a cell of the table of cohorts, or those who bought again in time."""

# ruff: noqa: S608 - what stands in the SQL are expressions of our own; values are parameters

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight import first_groups
from guanxi.insight.asked_cohorts import ALL, CATEGORY, CHANNEL, EVER, LENGTHS, PRODUCT, AskedCohorts, month_in
from guanxi.insight.cohorts import DOCUMENTS, GROUPS, PURCHASES, later
from guanxi.insight.models import ShopRun
from guanxi.insight.repurchase_charts import days
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.warehouse.reading import snapshot

SHOWN = 100
FARTHEST = 1_200  # months since, beyond which there are no figures
SEGMENTS = {
    ALL: "''",
    CHANNEL: "f.channel",
    CATEGORY: f"case when f.category_place > {GROUPS} then '*' else f.category end",
    PRODUCT: f"case when f.product_place > {GROUPS} then '*' else coalesce(cast(f.product_id as varchar), '') end",
}
BEGAN = {PURCHASES: ("f.first_month", "purchases"), DOCUMENTS: ("f.first_document_month", "documents")}


@dataclass(frozen=True)
class Behind:
    """What an address asks for: the people of a cohort in a month since, or, without a cohort, who came in time."""

    asked: AskedCohorts
    cohort: dt.date | None
    since: int = 0

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Behind | None":
        """Read an address; None where it asks for nobody that could be."""
        asked, since = AskedCohorts.of(told), told.get("month", "0")
        if "cohort" not in told:
            return cls(asked, None) if told.get("within") in {str(length) for length in LENGTHS} else None
        cohort = month_in(told["cohort"])
        sound = (
            cohort is not None and since.isascii() and since.isdigit() and len(since) <= 4 and int(since) <= FARTHEST
        )
        return cls(asked, cohort, int(since)) if sound and cohort and cohort.year < 9_000 else None

    @property
    def title(self) -> str:
        """Who they are."""
        if self.cohort is None:
            if self.asked.within == EVER:
                return _("Who bought more than once")
            return _("Who bought again within %(days)s") % {"days": days(self.asked.within)}
        said = {"cohort": moments.month(self.cohort), "month": moments.month(later(self.cohort, self.since))}
        if self.asked.basis == DOCUMENTS:
            return _("First seen in %(cohort)s, there in %(month)s") % said
        return _("First bought in %(cohort)s, bought in %(month)s") % said

    @property
    def group_name(self) -> str:
        """What they began with; empty for everybody."""
        segment = (self.asked.dimension, self.asked.segment)
        return first_groups.names([segment])[segment] if self.asked.group else ""

    @property
    def heads(self) -> tuple[str, str]:
        """What the two columns beside the people say."""
        if self.cohort is None:
            return _("Bought again after"), _("Orders so far")
        return _("Orders and refunds") if self.asked.basis == DOCUMENTS else _("Orders"), _("Net sales")

    def seen_by(self, viewer: Staff) -> list[tuple[Customer, Face, str, str]]:
        """List those the viewer may see: who brought most first, or who came back last."""
        rows = self._rows()
        known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
        faces = faces_of(list(known.values()))
        return [(known[key], faces[key], *self._words(row)) for row in rows if (key := row["customer_id"]) in known]

    def _words(self, row: dict[str, Any]) -> tuple[str, str]:
        if self.cohort is None:
            return days(row["waited"]) if row["waited"] else _("the same day"), formats.count(row["figure"])
        return formats.count(row["waited"]), formats.money_whole(row["figure"], base_currency())

    def _rows(self) -> list[dict[str, Any]]:
        run = ShopRun.latest()
        if run is None:
            return []
        sql, told = self._cell() if self.cohort else self._again(run.as_of)
        with snapshot() as lake:
            rows: list[dict[str, Any]] = lake.sql(sql, **told, segment=self.asked.segment, most=SHOWN).to_pylist()
        return rows

    def _cell(self) -> tuple[str, dict[str, Any]]:
        began, counted = BEGAN[self.asked.basis]
        sql = f"""
            select m.customer_id, m.{counted} as waited, m.net_minor as figure
            from customer_months m join customer_firsts f on f.customer_id = m.customer_id
            where {began} = $cohort and m.month = $month and m.{counted} > 0
                and {SEGMENTS[self.asked.dimension]} = $segment
            order by m.net_minor desc, m.customer_id limit $most
        """
        month = later(self.cohort, self.since) if self.cohort else None
        return sql, {"cohort": self.cohort, "month": month}

    def _again(self, as_of: dt.date) -> tuple[str, dict[str, Any]]:
        sql = f"""
            select f.customer_id, date_diff('day', f.first_on, f.second_on) as waited, f.purchases as figure
            from customer_firsts f
            where f.second_on is not null and date_diff('day', f.first_on, $as_of) >= $within
                and ($within = 0 or date_diff('day', f.first_on, f.second_on) <= $within)
                and {SEGMENTS[self.asked.dimension]} = $segment
            order by f.second_on desc, f.customer_id limit $most
        """
        return sql, {"as_of": as_of, "within": self.asked.within}
