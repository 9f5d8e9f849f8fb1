"""Orders whose money came and whose goods have not left: the queue of the home page, and the clerk's card."""

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.accounts.models import Staff
from guanxi.core.time import now, spell
from guanxi.orders.figures import base_currency
from guanxi.orders.models import Order
from guanxi.orders.models.order import OrderQuerySet
from guanxi.pages import formats, home
from guanxi.pages.components import Tone

LONG = dt.timedelta(hours=48)  # the promise of the platforms: on its way two days after the money came
COUNTED = 1_000
SHOWN = 8


def late(viewer: Staff) -> OrderQuerySet:
    """List paid orders that should have left, those that wait longest first."""
    return Order.objects.visible_to(viewer).unshipped_since(now() - LONG).order_by("paid_at", "id")


def look(request: HttpRequest) -> home.Waiting | None:
    """Say how many orders wait, since when, and what they are worth; counts no further than a thousand."""
    if not isinstance(request.user, Staff):
        return None
    found = list(late(request.user).values_list("paid_at", "net_base_minor")[:COUNTED])
    if not found:
        return None
    count = formats.count(len(found)) + ("+" if len(found) == COUNTED else "")
    worth = sum(minor or 0 for _paid, minor in found)
    told = {"age": spell(now() - (found[0][0] or now())), "worth": formats.money_whole(worth, base_currency())}
    return home.Waiting(
        title=ngettext("%(count)s paid order has not left", "%(count)s paid orders have not left", len(found))
        % {"count": count},
        reason=_("The oldest waits for %(age)s · %(worth)s in all") % told,
        verb=_("Ship them"),
        href=f"{reverse('orders:list')}?payment=paid&fulfilment=unfulfilled",
        icon="truck-delivery",
        tone=Tone.WARN,
        loss_minor=worth,
    )


QUEUE = home.Queue(name="unshipped", look=look, permission="orders.view")
CARD = home.Card(
    name="unshipped", title=gettext_lazy("Orders to ship"), url_name="orders:home-unshipped", order=20, span=8,
    height=5, permission="orders.view", roles=("clerk",), first_for=("clerk",),
)  # fmt: skip
