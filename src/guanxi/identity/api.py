"""Merges of customers in the API: what was done, merging two, and taking it back."""

from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Asked, Page, Sent, Text, Told, id_of, key_in, page
from guanxi.customers.api import visible
from guanxi.customers.models import Customer, SourceProfile
from guanxi.customers.shown import CustomerId
from guanxi.identity.merging import merge, unmerge
from guanxi.identity.models import Merge
from guanxi.pages.paging import ByFields

router = Resource(tags=["merges"])
MergeId = Annotated[str, id_of(Merge.PREFIX)]


class MergeTold(Told):
    """One act upon who is whom: a merge, one taken back, a split, or a link that a rule withdrew."""

    id: MergeId
    act: str
    survivor: CustomerId
    other: CustomerId | None
    rule: str
    by: str | None
    at: str
    in_force: bool
    undone_by: MergeId | None


class MergeSent(Sent):
    """Whom to merge with, and why."""

    other: CustomerId
    evidence: Text = Field("", max_length=300)


@router.offers(
    "GET /customers/{customer_id}/merges", _("List the merges of a customer"), "customers:read", {200: Page[MergeTold]}
)
def list_merges(request: ApiRequest, customer_id: CustomerId, asked: Query[Asked]) -> Any:
    """List what was done about who a customer is, newest first; of each that was merged into them too."""
    customer = visible(request.user, customer_id)
    homes = SourceProfile.objects.filter(customer=customer, home__isnull=False).values("home")
    acts = Merge.objects.visible_to(request.user).about(homes).select_related("by")
    return page(ByFields(acts, ("pk",), falls=True), asked, Merge.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("POST /customers/{customer_id}/merges", _("Merge two customers"), "customers:write", {201: MergeTold})
def merge_customers(request: ApiRequest, customer_id: CustomerId, sent: MergeSent) -> Any:
    """Make one customer of two; the older one stays, and the other's id leads there.

    Everything of both is theirs, and the strictest consent holds. 409 where they are one already.
    """
    customer, other = visible(request.user, customer_id), other_one(request.user, sent.other)
    both = [customer.pk, other.pk]
    return Status(201, _told(merge(both, by=request.user, rule="by program", evidence=sent.evidence)[-1]))


@router.offers("POST /merges/{merge_id}/undo", _("Take a merge back"), "customers:write", {200: MergeTold})
def undo_merge(request: ApiRequest, merge_id: MergeId) -> Any:
    """Have the two customers be as they were, also after other merges followed; 409 where it is no merge in force."""
    acts = Merge.objects.visible_to(request.user).select_related("by")
    act = acts.filter(pk=key_in(Merge.PREFIX, merge_id)).first()
    if act is None:
        raise Http404
    unmerge(act, by=request.user)
    act.refresh_from_db()
    return _told(act)


def other_one(caller: Caller, word: str) -> Customer:
    """Find the other customer that a body names; NotValid where there is none or the caller may not see them."""
    try:
        return visible(caller, word)
    except Http404:
        raise NotValid({"other": _("Send the id of a customer, such as cus_9WDVSQ5ZMMZ0N.")}) from None


def _told(act: Merge) -> dict[str, Any]:
    return {
        "id": act.public_id,
        "act": act.act,
        "survivor": Customer(pk=act.survivor_id).public_id,
        "other": Customer(pk=act.other_id).public_id if act.other_id else None,
        "rule": act.rule,
        "by": act.by.display_name if act.by else None,
        "at": act.at.isoformat(),
        "in_force": act.is_in_force,
        "undone_by": Merge(pk=act.undone_by_id).public_id if act.undone_by_id else None,
    }
