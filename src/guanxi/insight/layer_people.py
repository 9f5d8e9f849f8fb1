"""Who stands behind a figure of the layers: the people of a cell, of a category or of a quarter of prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.customers.faces import Face, faces_of
from guanxi.customers.models import Customer
from guanxi.insight.layers import BANDS, STATES, VALUES
from guanxi.orders.figures import base_currency
from guanxi.pages import formats
from guanxi.warehouse.reading import snapshot

SHOWN = 100
WHO = """
    select customer_id, silent_days, spend_minor from customer_layers
    where ($worth = '' or is_top = ($worth = 'top')) and ($state = '' or state = $state)
        and ($any_category or category = $category) and ($band < 0 or coalesce(band, 0) = $band)
    order by place, customer_id limit $most
"""


@dataclass(frozen=True)
class LayerPeople:
    """What an address asks for; None and empty leave a layer open, a band of 0 is one not known."""

    worth: str = ""
    state: str = ""
    category: str | None = None
    band: int | None = None

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "LayerPeople | None":
        """Read an address; None where it names a layer there is not."""
        worth, state, band = told.get("worth", ""), told.get("state", ""), told.get("band")
        category = told.get("category")
        sound = worth in {"", *VALUES} and state in {"", *STATES} and band in {None, "0", *map(str, BANDS)}
        if not sound or (category is not None and (len(category) > 200 or "\0" in category)):
            return None
        return cls(worth, state, category, None if band is None else int(band))

    @property
    def title(self) -> str:
        """Who they are."""
        words = [
            str(VALUES[self.worth]) if self.worth else "",
            str(STATES[self.state]) if self.state else "",
            "" if self.category is None else self.category or _("Category not known"),
            "" if self.band is None else str(BANDS[self.band]) if self.band else _("Prices not known"),
        ]
        return " · ".join(word for word in words if word) or _("All who bought")

    def seen_by(self, viewer: Staff) -> list[tuple[Customer, Face, str, str]]:
        """List those the viewer may see, who brought most first: how long silent, and net sales."""
        told: dict[str, Any] = {
            "worth": self.worth, "state": self.state, "any_category": self.category is None,
            "category": self.category or "", "band": -1 if self.band is None else self.band, "most": SHOWN,
        }  # fmt: skip
        with snapshot() as lake:
            rows = lake.sql(WHO, **told).to_pylist()
        known = Customer.objects.visible_to(viewer).in_bulk([row["customer_id"] for row in rows])
        faces, currency = faces_of(list(known.values())), base_currency()
        return [
            (
                known[key], faces[key], formats.count(row["silent_days"]),
                formats.money_whole(row["spend_minor"], currency),
            )
            for row in rows
            if (key := row["customer_id"]) in known
        ]  # fmt: skip
