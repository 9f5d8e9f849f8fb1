"""The shop's own fields in the API: which there are, and what each takes."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.models import Caller
from guanxi.accounts.wire import Told
from guanxi.shop import kinds
from guanxi.shop.fields import SEE, in_force
from guanxi.shop.models import CustomField, Kind, Subject

router = Resource(tags=["fields"])


class ChoiceTold(Told):
    """One of the values that a field of choices takes, and what it is called."""

    key: str
    label: str


class OwnFieldTold(Told):
    """A field of the shop's own. `least` and `most` bound its numbers, or the letters of its texts."""

    name: str
    of: Subject
    kind: Kind
    label: str
    help: str
    is_needed: bool
    is_personal: bool
    least: str | None
    most: str | None
    choices: list[ChoiceTold]


class OwnFieldsTold(Told):
    """All fields of the shop's own that the key sees, in the order of the pages."""

    data: list[OwnFieldTold]


@router.offers("GET /fields", _("List the shop's own fields"), "fields:read", {200: OwnFieldsTold})
def list_fields(request: ApiRequest) -> Any:
    """List the fields of its own that the shop has for customers and orders, with what each takes."""
    return {"data": [_told(each) for each in in_force() if _is_seen(each, request.user)]}


def _is_seen(field: CustomField, caller: Caller) -> bool:
    return not field.is_personal or caller.may(SEE)


def _told(field: CustomField) -> dict[str, Any]:
    return {
        "name": field.name,
        "of": field.subject,
        **{name: getattr(field, name) for name in ("kind", "label", "help", "is_personal")},
        "is_needed": field.is_required,
        "least": kinds.bound(field, field.least) or None,
        "most": kinds.bound(field, field.most) or None,
        "choices": [{"key": key, "label": title} for key, title in field.titles.items()],
    }
