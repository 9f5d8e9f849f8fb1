"""Moves between classes in the API: how many customers went from which class to which between two days."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Sent, Told, Word
from guanxi.insight.api import READ, Standing, answer, router, standing
from guanxi.insight.asked_moves import NOW, PARTS, AskedMoves, BadDays
from guanxi.insight.class_moves import CAME, FELL, NOBODY, ROSE, STAYED, ClassMoves, KeptClasses
from guanxi.orders.figures import base_currency

WHICH = Field("", max_length=20, description="month, quarter, year or now; or one of these days, as 2024-10-11.")


class MovesAsked(Sent):
    """Between which days: from a quarter ago to the last day observed where nothing is said."""

    since: Word = WHICH
    until: Word = WHICH


class FlowTold(Told):
    """How many customers went from one class to another, or stayed in theirs; null: had not bought yet."""

    before: str | None
    after: str
    customers: int
    share: float = Field(description="Of all who were in the class before.")


class MovesTold(Standing):
    """The moves between two days, by the rules of one version; the days that can be asked for."""

    version: int | None
    since: dt.date | None
    until: dt.date | None
    days: list[dt.date]
    rose: int
    fell: int
    stayed: int
    came: int = Field(description="Customers who first bought after the earlier day.")
    moves: list[FlowTold]


@router.offers("GET /insight/rfm/moves", gettext_lazy("Read who moved between classes"), READ, {200: MovesTold})
def read_moves(request: ApiRequest, response: HttpResponse, asked: Query[MovesAsked]) -> Any:
    """Read how many customers went from which class to which between two days, as the last run found it."""
    kept = KeptClasses.read()
    if kept is None:
        nothing: dict[str, Any] = dict.fromkeys((ROSE, FELL, STAYED, CAME), 0) | {"days": [], "moves": []}
        return answer(request, response, {
            **standing(None, ""), "version": None, "since": None, "until": None, **nothing,
        })  # fmt: skip
    try:
        moves = kept.between(AskedMoves.of(vars(asked), kept.days, kept.usual))
    except BadDays as error:
        raise NotValid({error.field: str(error)}) from error
    return answer(request, response, _told(moves))


def _told(moves: ClassMoves) -> dict[str, Any]:
    counted = {way: moves.count(way=way) for way in (ROSE, FELL, STAYED, CAME)}
    return {
        "as_of": moves.kept.days[NOW], "computed_at": moves.kept.run.finished_at, "currency": base_currency(),
        "finding": moves.finding,
        "version": moves.kept.version.version, "since": moves.since, "until": moves.until,
        "days": [moves.kept.days[part] for part in PARTS], **counted,
        "moves": [
            {
                "before": None if before == NOBODY else before, "after": after, "customers": moves.flows[before, after],
                "share": moves.flows[before, after] / moves.count(before=before),
            }
            for before, after in moves.pairs()
        ],
    }  # fmt: skip
