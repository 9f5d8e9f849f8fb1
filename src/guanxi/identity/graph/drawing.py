"""The picture of who is related to whom: places and lines as plain data, for whatever draws them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from guanxi.customers.models import Customer
from guanxi.identity.graph.edges import Edge
from guanxi.identity.graph.ways import way_of

MOST = 30  # neighbours in the first ring
MOST_ALL = 40  # people in the picture
CROWDED = 14  # beyond it they stand in two rows


@dataclass(frozen=True)
class Picture:
    """Who is in the picture, the one in the middle first, and which edges are drawn."""

    center: int
    near: Sequence[int]
    far: Sequence[int]
    edges: Sequence[Edge]

    @property
    def people(self) -> list[int]:
        """Everybody in it."""
        return [self.center, *self.near, *self.far]

    def plot(self, names: Mapping[int, str], finding: str) -> dict[str, Any]:
        """Describe the drawing: people with their places (thousandths from the middle), lines with their kinds, and
        what a card at either says.
        """
        at = {pk: nth for nth, pk in enumerate(self.people)}
        kinds = [way_of(edge, edge.one).kind_title for edge in self.edges]
        titles = [names[pk] for pk in self.people]
        titles += [f"{names[edge.one]} {'→' if edge.directed else '–'} {names[edge.other]}" for edge in self.edges]
        words = [self._words(pk) if len(at) <= CROWDED else "" for pk in self.people]
        return {
            "kind": "graph", "name": "relations", "finding": finding, "titles": titles, "words": words,
            "stem": reverse("customers:list"),
            "hrefs": ["", *(f"{Customer(pk=pk).public_id}/" for pk in self.people[1:]), *([""] * len(kinds))],
            "nodes": [[round(1_000 * x), round(1_000 * y)] for x, y in self._places()],
            "near": len(self.near),
            "links": [[at[edge.one], at[edge.other], *_line(edge)] for edge in self.edges],
            "series": [{"role": "none", "title": "", "texts": [*map(self._words, self.people), *kinds]}],
        }  # fmt: skip

    def _words(self, pk: int) -> str:
        """Name the kinds in which somebody is related to the one in the middle."""
        mine = (edge for edge in self.edges if pk != self.center and set(edge.ends) == {pk, self.center})
        return " · ".join(dict.fromkeys(way_of(edge, self.center).kind_title for edge in mine))

    def _places(self) -> list[tuple[float, float]]:
        return [(0.0, 0.0), *_ring(len(self.near), 0.6 if self.far else 1.0), *_ring(len(self.far), 1.0)]


def picture(center: int, first: Sequence[Edge], second: Sequence[Edge] = ()) -> Picture:
    """Choose who is drawn: the surest thirty around somebody, and with a second ring whom those know, forty in all."""
    near = list(dict.fromkeys(edge.beyond(center) for edge in first if center in edge.ends))[:MOST]
    known = {center, *near}
    beyond = (pk for edge in second for pk in edge.ends if not known.isdisjoint(edge.ends) and pk not in known)
    far = list(dict.fromkeys(beyond))[: MOST_ALL - len(known)]
    drawn = {(edge.kind, *edge.ends): edge for edge in (*first, *second)}
    shown = {*known, *far}
    return Picture(center, near, far, [edge for edge in drawn.values() if shown.issuperset(edge.ends)])


def _ring(count: int, share: float) -> list[tuple[float, float]]:
    """Place people on an ellipse, from the left over the top; where they crowd, every other one further in."""
    found = []
    for nth in range(count):
        angle = math.pi + 2 * math.pi * (nth + 0.25) / count
        reach = share * (0.72 if count > CROWDED and nth % 2 else 1.0)
        found.append((reach * math.cos(angle), reach * math.sin(angle)))
    return found


def _line(edge: Edge) -> list[Any]:
    way = way_of(edge, edge.one)
    return [way.series, [int(part) for part in way.dash.split()], edge.directed]
