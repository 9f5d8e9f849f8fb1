"""Goods and places in the API: what sold, what goes together, what is looked for in vain, and where orders go."""

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.wire import Sent, Told
from guanxi.catalog.models import Product
from guanxi.core.ids import public_id
from guanxi.insight.api import NOTHING, READ, Standing, answer, router, standing
from guanxi.insight.assortment import baskets, needs, prices, ranking
from guanxi.insight.assortment.asked import Asked
from guanxi.insight.assortment.baskets import Rules
from guanxi.insight.assortment.computed import Computed
from guanxi.insight.assortment.needs import Needs
from guanxi.insight.assortment.prices import Bands
from guanxi.insight.assortment.ranking import Ranking
from guanxi.orders.figures import base_currency
from guanxi.warehouse.reading import snapshot

MOST = 1_000


class GoodsAsked(Sent):
    """How many days, products or categories, and how many of them."""

    days: Literal["30", "90", "365", "0"] = Field("90", description="Up to the last day observed; 0 is all time.")
    part: Literal["product", "category"] = "product"
    limit: int = Field(100, ge=1, le=MOST)


class MostAsked(Sent):
    """How many at most."""

    limit: int = Field(100, ge=1, le=MOST)


class TermsAsked(MostAsked):
    """How many days, and how many terms."""

    days: Literal["30", "90", "365"] = Field("90", description="Up to the last day observed.")


class BandsAsked(Sent):
    """Where bands of prices end."""

    scale: Literal["round", "fifths"] = "round"


class GoodTold(Told):
    """What one product or category sold in the days, and in as many before; nulls of all time."""

    product: str | None = Field(description="The id of the product; null of a category, and of an unknown good.")
    name: str
    grade: str | None = Field(description="A, B or C by share of net sales; null of what is not known.")
    net_minor: int
    returned_minor: int
    orders: int
    units: float
    net_before_minor: int | None
    orders_before: int | None
    units_before: float | None
    cumulative_share: float | None


class GoodsTold(Standing):
    """Products or categories, those that sold for most first."""

    data: list[GoodTold]


class BandTold(Told):
    """What was sold between two prices; a round band has all from the lower limit to below the upper one."""

    name: str
    lower_minor: int
    upper_minor: int | None
    products: int
    orders: int
    units: float
    net_minor: int


class BandsTold(Standing):
    """The bands of prices, the cheapest first."""

    data: list[BandTold]


class RuleTold(Told):
    """Who buys the one product also buys the other; the lower ends hold in 39 of 40 cases."""

    product: str
    name: str
    other_product: str
    other_name: str
    together: int
    support: float
    confidence: float
    confidence_low: float
    lift: float
    lift_low: float


class RulesTold(Standing):
    """The rules, the surest first."""

    data: list[RuleTold]


class TermTold(Told):
    """A term, and how often it was looked for, found nothing, and was followed by an order within seven days."""

    term: str
    searches: int
    people: int
    in_vain: int
    bought: int
    unbought: int


class TermsTold(Standing):
    """The terms, those after which most searches were without an order first."""

    data: list[TermTold]


@router.offers("GET /insight/products", gettext_lazy("Read what products sold"), READ, {200: GoodsTold})
def read_goods(request: ApiRequest, response: HttpResponse, asked: Query[GoodsAsked]) -> Any:
    """Read what products or categories sold lately, how that moved, and which make most of it."""
    computed = Computed.last(ranking.MART)
    if computed is None:
        return _nothing(request, response)
    with snapshot() as lake:
        wanted = Asked(days=int(asked.days), part=asked.part)
        found = Ranking.read(lake, wanted, base_currency(), most=asked.limit)
    return answer(request, response, {
        **standing(computed, found.finding if found.rows else str(NOTHING)),
        "data": [_good(row, found.names[row["entry"]]) for row in found.rows],
    })  # fmt: skip


@router.offers("GET /insight/prices", gettext_lazy("Read bands of prices"), READ, {200: BandsTold})
def read_bands(request: ApiRequest, response: HttpResponse, asked: Query[BandsAsked]) -> Any:
    """Read how much each band of prices brought within twelve months."""
    computed = Computed.last(prices.MART)
    if computed is None:
        return _nothing(request, response)
    with snapshot() as lake:
        found = Bands.read(lake, Asked(scale=asked.scale), base_currency())
    names = (*BandTold.model_fields,)[1:]
    rows = [{"name": found.name(row), **{name: row[name] for name in names}} for row in found.rows]
    return answer(request, response, {**standing(computed, found.finding), "data": rows})


@router.offers("GET /insight/baskets", gettext_lazy("Read what goes together"), READ, {200: RulesTold})
def read_rules(request: ApiRequest, response: HttpResponse, asked: Query[MostAsked]) -> Any:
    """Read which products lie in one order more often than by chance, and how sure that is."""
    computed = Computed.last(baskets.PAIRS) if Computed.is_there(baskets.MART) else None
    if computed is None:
        return _nothing(request, response)
    with snapshot() as lake:
        found = Rules.read(lake, most=asked.limit)
    return answer(request, response, {
        **standing(computed, found.finding), "data": [_rule(row, found.names) for row in found.known],
    })  # fmt: skip


@router.offers("GET /insight/searches", gettext_lazy("Read what is looked for"), READ, {200: TermsTold})
def read_terms(request: ApiRequest, response: HttpResponse, asked: Query[TermsAsked]) -> Any:
    """Read what people look for, what they do not find, and after which terms nobody orders."""
    computed = Computed.last(needs.MART)
    if computed is None:
        return _nothing(request, response)
    with snapshot() as lake:
        found = Needs.read(lake, Asked(days=int(asked.days)), most=asked.limit)
    rows = [{name: row[name] for name in TermTold.model_fields} for row in found.rows]
    said = found.finding if found.rows else str(NOTHING)
    return answer(request, response, {**standing(computed, said), "data": rows})


def _nothing(request: ApiRequest, response: HttpResponse) -> Any:
    return answer(request, response, {**standing(None, ""), "data": []})


def _good(row: Any, name: str) -> dict[str, Any]:
    key = row["product_id"]
    told = {each: row[each] for each in (*GoodTold.model_fields,)[3:]}
    return {
        "product": None if key is None else public_id(Product.PREFIX, key), "name": name, "grade": row["class"], **told,
    }  # fmt: skip


def _rule(row: Any, names: Any) -> dict[str, Any]:
    figures = ("together", "support", "confidence", "confidence_low", "lift", "lift_low")
    one, other = row["product_id"], row["other_product_id"]
    return {
        "product": public_id(Product.PREFIX, one), "name": names[one],
        "other_product": public_id(Product.PREFIX, other), "other_name": names[other],
        **{name: row[name] for name in figures},
    }  # fmt: skip
