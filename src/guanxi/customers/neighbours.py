"""Who comes before and after a customer in the list one came from.

The address carries the list: `list` is its query as it stood, `nth` the place of the customer in it. Neighbours are
read by key, one row each way, however long the list is.
"""

from copy import copy
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from guanxi.customers import roster
from guanxi.customers.models import Customer
from guanxi.pages.formats import MOST_COUNTED

LONGEST = 500


@dataclass(frozen=True)
class Way:
    """The list one came from, and the customers on both sides."""

    list_url: str
    previous: str = ""
    next: str = ""
    nth: int | None = None
    total: int = 0
    more: bool = False


def way_of(request: HttpRequest, customer: Customer) -> Way | None:
    """Find the way through the list that the address carries; None where it carries none."""
    if not {"list", "nth"} & request.GET.keys():
        return None
    asked = copy(request)
    asked.GET = QueryDict(request.GET.get("list", "")[:LONGEST])
    table = roster.table(asked)
    everyone = table.selected(asked, Customer.objects.visible_to(request.user))
    line = table.line(everyone, table.sort_of(asked))
    before, after = line.before(customer.pk, 1), line.after(customer.pk, 1)
    nth = _number(request.GET.get("nth", ""))
    return Way(
        f"{reverse('customers:list')}?{asked.GET.urlencode()}",
        _address(request, before[0].pk if before else None, nth and nth - 1),
        _address(request, after[0].pk if after else None, nth and nth + 1),
        nth,
        min(everyone.total, MOST_COUNTED),
        more=everyone.total > MOST_COUNTED,
    )


def _address(request: HttpRequest, key: int | None, nth: int | None) -> str:
    """Write the address of a neighbour, which knows the list too and shows the same part of the page."""
    if key is None:
        return ""
    carried = {name: request.GET[name] for name in ("list", "tab") if name in request.GET}
    if nth:
        carried["nth"] = str(nth)
    return f"{reverse('customers:customer', args=[key])}?{urlencode(carried)}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
