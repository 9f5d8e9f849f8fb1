"""Look-alikes in the API: what was found for a set last."""

from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils.translation import gettext_lazy
from ninja import Query
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Sent, Told, Word, id_of
from guanxi.customers.models import Customer
from guanxi.insight.lookalike import asked as spelled
from guanxi.insight.models import LookalikeRun

router = Resource(tags=["insight"])
MOST = 200


class LookalikesAsked(Sent):
    """Which set: as it was asked for on the page; without one, whichever was asked for last."""

    kind: Literal["class", "tag", "product", "list"] | None = None
    word: Word | None = Field(
        None, min_length=1, max_length=400, description="The name of the class, the tag or the product."
    )
    limit: int = Field(MOST, ge=1, le=MOST, description="How many people at most.")


class ResemblingTold(Told):
    """Somebody who resembles the set and has not bought."""

    customer: Annotated[str, id_of(Customer.PREFIX)]
    times: float = Field(description="How many times likelier than the average of those who have not bought.")
    reasons: str


class LookalikesTold(Told):
    """What was found for the set last; lifts are of tenths, likeliest first, on a hold-out."""

    finding: str
    inside: int
    others: int
    prospects: int
    lifts: list[float]
    data: list[ResemblingTold]


@router.offers("GET /insight/lookalikes", gettext_lazy("Read look-alikes"), "insight:read", {200: LookalikesTold})
def read_lookalikes(request: ApiRequest, asked: Query[LookalikesAsked]) -> Any:
    """Read who resembles a set, as it was found last; not found where nobody asked for it yet."""
    wanted = {name: value for name in ("kind", "word") if (value := getattr(asked, name)) is not None}
    runs = LookalikeRun.objects.filter(**wanted).exclude(told={})
    run = runs.order_by("-pk").first()
    if run is None:
        raise Http404
    found = spelled.told(run.told | {"people": run.told["people"][: asked.limit]})
    keys = [key for key, _times, _why in run.told["people"][: asked.limit]]
    seen = {each.public_id for each in Customer.objects.visible_to(request.user).filter(pk__in=keys)}
    return found | {"data": [each for each in found["people"] if each["customer"] in seen]}
