"""Places in the API: orders, customers and net sales by country or region, province and city."""

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest
from guanxi.accounts.wire import Sent, Told
from guanxi.insight.api import READ, Standing, answer, router, standing
from guanxi.insight.assortment.asked import Asked
from guanxi.insight.geography.places import PlacesPage, rows_of

MOST = 1_000


class PlacesAsked(Sent):
    """How many days, which level, and how many places."""

    days: Literal["30", "90", "365", "0"] = Field("0", description="Up to the last day observed; 0 is all time.")
    level: Literal["all", "country", "province", "city"] = "province"
    limit: int = Field(100, ge=1, le=MOST)


class PlaceTold(Told):
    """One place: orders by how far they came, known customers with a paid order, and money."""

    country: str = Field(description="As orders tell it; empty where they do not.")
    division: str = Field(description="A division of China by ISO 3166-2; empty elsewhere, or where not known.")
    province: str
    city: str
    orders: int = Field(description="Placed, paid or not.")
    paid: int
    received: int = Field(description="Paid, and money stayed.")
    kept: int = Field(description="Paid, and nothing was given back.")
    refunded: int
    customers: int
    total_minor: int = Field(description="Of all orders placed, with shipping and tax.")
    net_minor: int
    refunded_minor: int
    unpriced: int = Field(description="Orders without an exchange rate, in no sum.")


class PlacesTold(Standing):
    """The places of a level, those that bring most first."""

    data: list[PlaceTold]


@router.offers("GET /insight/places", gettext_lazy("Read where orders go"), READ, {200: PlacesTold})
def read_places(request: ApiRequest, response: HttpResponse, asked: Query[PlacesAsked]) -> Any:
    """Read orders, customers and net sales of the whole shop, or of each country, province or city."""
    wanted = Asked(days=int(asked.days))
    page = PlacesPage.read(wanted)
    if page is None:
        return answer(request, response, {**standing(None, ""), "data": []})
    rows = [{name: row[name] for name in PlaceTold.model_fields} for row in rows_of(wanted, asked.level, asked.limit)]
    return answer(request, response, {**standing(page.computed, page.finding), "data": rows})
