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
WIDE, HIGH = 300.0, 120.0
LABELLED = 8


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
        """Describe the drawing: nodes with their places, lines with their kinds, and what a card at either says."""
        at = {pk: nth for nth, pk in enumerate(self.people)}
        lines = [edge for edge in self.edges if edge.one in at and edge.other in at]
        words = [str(way_of(edge, self.center if self.center in edge.ends else edge.one).title) for edge in lines]
        titles = [names[pk] for pk in self.people]
        titles += [f"{names[edge.one]} {'→' if edge.directed else '–'} {names[edge.other]}" for edge in lines]
        return {
            "kind": "graph", "name": "relations", "finding": finding, "titles": titles,
            "stem": reverse("customers:list"),
            "hrefs": ["", *(f"{Customer(pk=pk).public_id}/" for pk in self.people[1:]), *([""] * len(lines))],
            "nodes": [[round(x), round(y)] for x, y in self._places()],
            "near": len(self.near),
            "links": [[at[edge.one], at[edge.other], *_line(edge)] for edge in lines],
            "labels": words if len(lines) <= LABELLED else [],
            "series": [{"role": "none", "title": "", "texts": [""] * len(at) + words}],
        }  # fmt: skip

    def _places(self) -> list[tuple[float, float]]:
        inner = 0.62 if self.far else 1.0
        first = _ring(len(self.near), inner)
        return [(0.0, 0.0), *first, *_ring(len(self.far), 1.0)]


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
        angle = math.pi + 2 * math.pi * nth / count
        reach = share * (0.72 if count > CROWDED and nth % 2 else 1.0)
        found.append((WIDE * reach * math.cos(angle), HIGH * reach * math.sin(angle)))
    return found


def _line(edge: Edge) -> list[Any]:
    way = way_of(edge, edge.one)
    return [way.series, [int(part) for part in way.dash.split()], edge.directed]
