"""How many probable duplicates wait for a decision: for the navigation and the home page."""

from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import Staff
from guanxi.identity.models import DuplicatePair
from guanxi.pages import formats, home
from guanxi.pages.components import Tone

MOST_COUNTED = 1_000


def count(request: HttpRequest) -> int | None:
    """Count the pairs that wait, up to a thousand."""
    return DuplicatePair.objects.visible_to(cast(Staff, request.user)).waiting()[:MOST_COUNTED].count() or None


def look(request: HttpRequest) -> home.Waiting | None:
    """Say that there are pairs to decide about."""
    waiting = count(request)
    if not waiting:
        return None
    title = ngettext("%(count)s probable duplicate", "%(count)s probable duplicates", waiting)
    return home.Waiting(
        title=title % {"count": formats.count(waiting)},
        reason=_("The same person counted twice is written to twice."),
        verb=_("Decide"),
        href=reverse("identity:duplicates"),
        icon="users",
        tone=Tone.INFO,
    )


QUEUE = home.Queue(name="duplicates", look=look, permission="customers.change")
