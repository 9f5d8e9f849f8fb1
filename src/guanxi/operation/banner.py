"""What every page says while nothing is sent."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.operation import sending
from guanxi.pages.navigation import allowed
from guanxi.pages.shell import Banner


def banner(request: HttpRequest) -> Banner | None:
    """Say that sending is paused and why; lead to the end of the pause whoever may end it."""
    if (pause := sending.shown()) is None or request.path == (address := reverse("operation:jobs")):
        return None
    words = _("Nothing is sent to customers: this shop was %(reason)s.") % {"reason": pause.get_reason_display()}
    may = allowed(request.user, "operation.change")
    return Banner(words, address, _("See and end the pause")) if may else Banner(words)
