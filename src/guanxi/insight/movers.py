"""Who stands in a place of the lifecycle, or moved from one to another: the people behind figures of the home page."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight.addresses import last_bought
from guanxi.insight.given import DORMANT_DAYS, LOST_DAYS
from guanxi.insight.models import ShopRun
from guanxi.insight.moving import STAGES, Moving, titles
from guanxi.pages import formats
from guanxi.warehouse.reading import snapshot

SHOWN = 100
WHO = """
    select l.customer_id, f.recency_days, f.monetary_minor
    from customer_lifecycle l left join customer_rfm f on f.customer_id = l.customer_id
    where l.state = $after and ($before = '' or l.state_before = $before)
    order by f.monetary_minor desc nulls last, l.customer_id limit $most
"""


@dataclass(frozen=True)
class Mover:
    """One of them: how long ago the last order is, and what they brought."""

    customer: Customer
    face: Face
    silent_days: int | None
    net_minor: int | None


@dataclass(frozen=True)
class Movers:
    """Those who stand at `after`; where `before` is named, those alone who stood there thirty days earlier."""

    run: ShopRun
    before: str
    after: str

    @classmethod
    def asked(cls, before: str, after: str) -> "Movers | None":
        """Read the places of an address; None where there is no such place, or nothing was computed yet."""
        run = ShopRun.latest()
        return cls(run, before, after) if run and after in STAGES and before in {"", *STAGES} else None

    @cached_property
    def count(self) -> int:
        """How many they are."""
        moving = Moving(self.run)
        return moving.moved(self.before, self.after) if self.before else moving.standing(self.after)

    @property
    def finding(self) -> str:
        """How many they are, and where they stand."""
        said = {"count": formats.count(self.count), "after": titles()[self.after], "before": titles().get(self.before)}
        if not self.before:
            stand = ngettext("%(count)s customer is “%(after)s”", "%(count)s customers are “%(after)s”", self.count)
            return stand % said
        went = ngettext(
            "%(count)s customer went from “%(before)s” to “%(after)s” in 30 days",
            "%(count)s customers went from “%(before)s” to “%(after)s” in 30 days",
            self.count,
        )
        return went % said

    @property
    def note(self) -> str:
        """In which order they are listed, and whether all are."""
        first = _("Those who brought most come first.")
        return f"{first} {_('The first hundred are shown.')}" if self.count > SHOWN else first

    @property
    def href(self) -> str:
        """Where the list of customers shows the same people; empty where it cannot tell them apart."""
        if self.before or self.after not in {"dormant", "lost"}:
            return ""
        asleep, lost = (self.run.as_of - dt.timedelta(days=days) for days in (DORMANT_DAYS, LOST_DAYS))
        return last_bought(None, lost) if self.after == "lost" else last_bought(lost + dt.timedelta(days=1), asleep)

    def seen_by(self, viewer: Staff) -> list[Mover]:
        """List those the viewer may see, those who brought most first."""
        with snapshot() as lake:
            rows = lake.sql(WHO, before=self.before, after=self.after, most=SHOWN).to_pylist()
        known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
        faces = faces_of(list(known.values()))
        return [
            Mover(known[key], faces[key], row["recency_days"], row["monetary_minor"])
            for row in rows
            if (key := row["customer_id"]) in known
        ]
