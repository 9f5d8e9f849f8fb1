"""What the bell tells of the lake: that it stands still, and work upon it that was given up."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.pages import moments
from guanxi.pages.navigation import allowed
from guanxi.pages.notices import Notice
from guanxi.pages.shell import AsOf
from guanxi.warehouse import tasks
from guanxi.warehouse.models import as_of

PERMISSION = "insight.view"
WORK = {
    tasks.sync_lake.module_path: gettext_lazy("The figures cannot follow the orders"),
    tasks.fold_lake.module_path: gettext_lazy("The nightly tidying of the lake failed"),
    tasks.run_marts.module_path: gettext_lazy("The nightly computation of results failed"),
}


def of_standstill(request: HttpRequest) -> Sequence[Notice]:
    """Tell that the lake was not brought up to date for too long: no figure moves until a worker runs."""
    at = as_of() if allowed(request.user, PERMISSION) else None
    age = AsOf(at) if at else None
    if age is None or not age.stale:
        return ()
    text = _("Last brought up to date %(when)s. See whether the worker runs.") % {"when": moments.since(age.at)}
    began = age.at + 2 * age.promised
    title = _("All figures stand still")
    return [Notice(title=title, text=text, href=reverse("home"), at=began, icon="clock", tone="warn", standing=True)]
