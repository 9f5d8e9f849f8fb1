"""The steps of a funnel as a file: of everybody, then of each value of the property it is broken down by."""

from collections.abc import Iterator
from itertools import pairwise

from django.utils.translation import gettext as _

from guanxi.customers.dynamics.telling import DEVICES
from guanxi.guard.fileout import Cell
from guanxi.insight.funnel import PROPERTIES, VISIT
from guanxi.insight.funnels import FunnelPage


def columns(page: FunnelPage) -> list[str]:
    """Name the columns as the page does."""
    visits, by = page.asked.per == VISIT, page.asked.by
    counted, known = (_("Visits"), _("By customers")) if visits else (_("People"), _("Customers among them"))
    return [
        str(PROPERTIES[by][1]) if by else _("Part"), _("Step"), counted, known, _("Of the step before"),
        _("Of the first step"), _("Minutes from the step before, median"), _("Turned back"),
        _("In the days compared with"),
    ]  # fmt: skip


def rows(page: FunnelPage) -> Iterator[tuple[Cell, ...]]:
    """Give one row a step; who turned back went no further than it, so that the last step has nobody."""
    yield from _rows(_("All"), page.steps)
    names = DEVICES if page.asked.by == "device" else {}
    for part in page.parts:
        yield from _rows(str(names.get(part["part"], part["part"])) or _("Not known"), page.steps_of(part, {}))


def _rows(part: str, steps: list[dict[str, Cell]]) -> Iterator[tuple[Cell, ...]]:
    turned = [*(after["dropped"] for _before, after in pairwise(steps)), None]
    for each, back in zip(steps, turned, strict=True):
        yield (
            part, each["step"], each["people"], each["known"], each["of_before"], each["of_first"], each["minutes"],
            back, each["before"],
        )  # fmt: skip
