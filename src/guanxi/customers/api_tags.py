"""Tags in the API: those there are, and those a customer carries."""

from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Asked, Page, Sent, Told, Word, id_of, key_in, page
from guanxi.customers.api import valid, visible
from guanxi.customers.forms import TagForm
from guanxi.customers.models import Customer, Tag, Tagging
from guanxi.customers.shown import CustomerId
from guanxi.customers.walking import ByKey

router = Resource(tags=["tags"])
TagId = Annotated[str, id_of(Tag.PREFIX)]


class TagTold(Told):
    """One word the shop uses to describe people, under its heading."""

    id: TagId
    name: str
    group: str


class TagsTold(Told):
    """The tags a customer carries today."""

    data: list[TagTold]


class TagSent(Sent):
    """A word. It becomes a tag of the shop where it is none yet."""

    name: Word = Field(min_length=1, max_length=60)


@router.offers("GET /tags", _("List tags"), "tags:read", {200: Page[TagTold]})
def list_tags(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List the tags of the shop."""
    return page(
        ByKey(Tag.objects.select_related("group"), ("pk",)), asked, Tag.PREFIX, lambda rows: [*map(_told, rows)]
    )


@router.offers("GET /customers/{customer_id}/tags", _("List the tags of a customer"), "tags:read", {200: TagsTold})
def list_customer_tags(request: ApiRequest, customer_id: CustomerId) -> Any:
    """List the tags a customer carries today."""
    return _carried(visible(request.user, customer_id))


@router.offers("POST /customers/{customer_id}/tags", _("Tag a customer"), "tags:write", {201: TagsTold})
def tag_customer(request: ApiRequest, customer_id: CustomerId, tag: TagSent) -> Any:
    """Put a tag on a customer; one they carry already is not put on again."""
    found, form = visible(request.user, customer_id), valid(TagForm(tag.model_dump()))
    found.tag_with(Tag.objects.called(form.cleaned_data["name"]), by=request.user)
    return Status(201, _carried(found))


@router.offers("DELETE /customers/{customer_id}/tags/{tag_id}", _("Take a tag off"), "tags:write", {204: None})
def untag_customer(request: ApiRequest, customer_id: CustomerId, tag_id: TagId) -> Any:
    """Take a tag off a customer; nothing happens where they do not carry it."""
    visible(request.user, customer_id).untag(key_in(Tag.PREFIX, tag_id), by=request.user)
    return Status(204, None)


def _carried(customer: Customer) -> dict[str, Any]:
    carried = Tagging.objects.current_on(timezone.localdate()).filter(customer=customer)
    return {"data": [_told(each.tag) for each in carried.select_related("tag__group").order_by("tag__name")]}


def _told(tag: Tag) -> dict[str, str]:
    return {"id": tag.public_id, "name": tag.name, "group": tag.group.name}
