"""Recommendations in the API: for shops, and for whoever writes messages."""

from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Sent, Told, id_of, key_in
from guanxi.catalog.models import Product
from guanxi.core.ids import key_of
from guanxi.customers.models import Customer
from guanxi.insight.recommendation import offers
from guanxi.insight.recommendation.offers import MOST, Offer

router = Resource(tags=["insight"])
ProductId = Annotated[str, id_of(Product.PREFIX)]
NEAR = (offers.ACCESSORY, offers.TOGETHER, offers.SIMILAR)


class RecommendationsAsked(Sent):
    """For whom: one of customer, product and interests; without any, what most customers buy."""

    customer: str | None = Field(None, max_length=40, description="The id of a customer.")
    product: str | None = Field(None, max_length=40, description="The id of a product that is looked at or bought.")
    interests: str | None = Field(None, max_length=400, description="Names of categories, with commas between.")
    without: str | None = Field(
        None, max_length=2_000, description="Ids of products not to be offered, such as those out of stock."
    )
    limit: int = Field(MOST, ge=1, le=MOST, description="How many at most, of each relation.")


class OfferTold(Told):
    """One product to offer, and why."""

    product: ProductId
    name: str
    category: str | None
    relation: str = Field(description="next, similar, accessory, together, interest or popular.")
    score: float
    reason: str
    because: ProductId | None = Field(description="What they bought that speaks for it.")


class RecommendationsTold(Told):
    """What to offer, best first."""

    data: list[OfferTold]


@router.offers(
    "GET /insight/recommendations", gettext_lazy("Read what to recommend"), "insight:read", {200: RecommendationsTold}
)
def read_recommendations(request: ApiRequest, asked: Query[RecommendationsAsked]) -> Any:
    """Read what to offer to a customer, beside a product, or to a newcomer who named interests."""
    if sum(each is not None for each in (asked.customer, asked.product, asked.interests)) > 1:
        raise NotValid({"customer": _("Send one of customer, product and interests.")})
    without = {key_of(Product.PREFIX, each.strip()) or 0 for each in (asked.without or "").split(",")}
    return {"data": [_drawn(each) for each in _found(request, asked, without)]}


def _found(request: ApiRequest, asked: RecommendationsAsked, without: set[int]) -> list[Offer]:
    if asked.customer is not None:
        customer = Customer.objects.visible_to(request.user).filter(pk=key_in(Customer.PREFIX, asked.customer)).first()
        if customer is None:
            raise Http404
        return offers.for_customer(customer, most=asked.limit, without=without)
    if asked.product is not None:
        product = Product.objects.visible_to(request.user).filter(pk=key_in(Product.PREFIX, asked.product)).first()
        if product is None:
            raise Http404
        found = offers.for_product(product, most=asked.limit, without=without)
        return [each for name in NEAR for each in found[name]]
    return offers.for_interests((asked.interests or "").split(","), most=asked.limit, without=without)


def _drawn(offer: Offer) -> dict[str, Any]:
    return {
        "product": offer.product.public_id,
        "name": offer.product.name,
        "category": offer.product.category and offer.product.category.name,
        "relation": offer.relation,
        "score": round(offer.score, 4),
        "reason": offer.reason,
        "because": offer.because and offer.because.public_id,
    }
