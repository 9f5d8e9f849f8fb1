"""What the command tells of recommendations: of a customer, a product, interests, or all of them."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.catalog.models import Product
from guanxi.core.errors import BadInput
from guanxi.customers.models import Customer
from guanxi.insight.models import RecommendationRun
from guanxi.insight.recommendation import offers
from guanxi.insight.recommendation.offers import Offer
from guanxi.insight.recommendation.quality import Quality


class NobodySuch(BadInput):
    """No customer or product has the id that was given."""


def answer(*, customer: str | None, product: str | None, interests: list[str] | None, most: int) -> dict[str, Any]:
    """Give what to offer; without any of the three, how good the recommendations are. NobodySuch for an unknown id."""
    run, page = RecommendationRun.latest(), Quality.read()
    told: dict[str, Any] = {"as_of": run and run.as_of.isoformat(), "finding": page.finding}
    if customer:
        return told | {"next": _drawn(offers.for_customer(_customer(customer), most=most))}
    if product:
        found = offers.for_product(_product(product), most=most)
        return told | {name: _drawn(some) for name, some in found.items()}
    if interests:
        return told | {"next": _drawn(offers.for_interests(interests, most=most))}
    return told | {"tried": page.sentence if run else "", **page.told}


def _customer(word: str) -> Customer:
    found = Customer.objects.filter(pk=Customer.key_of(word) or 0).first()
    if found is None:
        raise NobodySuch(_("There is no customer %(id)s. Give an id such as cus_….") % {"id": word})
    return found


def _product(word: str) -> Product:
    """Find a product by its id or by the SKU of one of its variants."""
    key = Product.key_of(word)
    found = Product.objects.filter(**({"pk": key} if key else {"variants__sku": word})).first()
    if found is None:
        raise NobodySuch(_("There is no product %(id)s. Give an id such as prd_…, or a SKU.") % {"id": word})
    return found


def _drawn(some: list[Offer]) -> list[dict[str, Any]]:
    return [
        {
            "product": each.product.public_id, "name": each.product.name, "relation": each.relation,
            "score": round(each.score, 4), "reason": each.reason,
            "because": each.because and each.because.public_id,
        }
        for each in some
    ]  # fmt: skip
