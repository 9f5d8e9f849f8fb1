"""Who stands behind a move between classes: the people of a flow, of a class, or all who rose, fell, stayed or came."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight.asked_moves import COLUMNS
from guanxi.insight.class_moves import MART, NOBODY, WAYS, ClassMoves
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, moments
from guanxi.warehouse.reading import snapshot

SHOWN = 100


def who(since: str, until: str) -> str:
    """Spell the question: those who made one of the moves from `$befores` to `$afters`, who brought most first."""
    return f"""
        select moved.customer_id, moved.recency_days, moved.monetary_minor
        from {MART} as moved
        join (select unnest($befores) as before, unnest($afters) as after) as wanted
            on coalesce(moved.{COLUMNS[since]}, '{NOBODY}') = wanted.before and moved.{COLUMNS[until]} = wanted.after
        order by moved.monetary_minor desc, moved.customer_id limit $most
    """  # noqa: S608 - words of our own


@dataclass(frozen=True)
class MovedPeople:
    """What an address asks for; empty leaves a side or the way open."""

    moves: ClassMoves
    before: str = ""
    after: str = ""
    way: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str], moves: ClassMoves) -> "MovedPeople | None":
        """Read an address; None where it names a class or a way there is not."""
        before, after, way = (told.get(name, "") for name in ("before", "after", "way"))
        sound = before in {"", *moves.places} and after in {"", *moves.places} and way in {"", *WAYS}
        return cls(moves, before, after, way) if sound else None

    @property
    def title(self) -> str:
        """Who they are."""
        ways = {
            "rose": _("Rose to a higher class"), "fell": _("Fell to a lower class"),
            "stayed": _("Stayed in their class"), "came": _("Bought for the first time"),
        }  # fmt: skip
        sides = [self.moves.name(key) if key else _("Any class") for key in (self.before, self.after)]
        words = [" → ".join(sides)] if self.before or self.after else []
        return " · ".join([*words, *([ways[self.way]] if self.way else [])]) or _("All who bought")

    @property
    def days(self) -> str:
        """Between which days they moved."""
        return f"{moments.full_day(self.moves.since)} → {moments.full_day(self.moves.until)}"

    @property
    def heads(self) -> tuple[str, str]:
        """What the two columns beside the people say."""
        return _("Days without an order"), _("Net sales")

    @property
    def count(self) -> int:
        """How many they are, whoever may see them."""
        return self.moves.count(before=self.before, after=self.after, way=self.way)

    def seen_by(self, viewer: Staff) -> list[tuple[Customer, Face, str, str]]:
        """List those the viewer may see, who brought most first: how long silent, and net sales in the window."""
        asked = self.moves.asked
        pairs = self.moves.pairs(before=self.before, after=self.after, way=self.way)
        befores, afters = ([pair[side] for pair in pairs] for side in (0, 1))
        told = {"befores": befores, "afters": afters, "most": SHOWN}
        with snapshot() as lake:
            rows = lake.sql(who(asked.since, asked.until), **told).to_pylist() if pairs else []
        known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
        faces, currency = faces_of(list(known.values())), base_currency()
        return [
            (
                known[key],
                faces[key],
                formats.count(row["recency_days"]),
                formats.money_whole(row["monetary_minor"], currency),
            )
            for row in rows
            if (key := row["customer_id"]) in known
        ]
