"""What the bell tells of figures: that they are out of date, work given up, a week that is told, and a calendar
that ends too soon.
"""

import datetime as dt
from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.insight import explanation, scoring, tasks
from guanxi.insight.daily import overdue
from guanxi.insight.goals import review
from guanxi.insight.goals.models import Digest
from guanxi.insight.models import RfmRun, ShopRun
from guanxi.pages import moments
from guanxi.pages.festivals import unknown
from guanxi.pages.navigation import allowed
from guanxi.pages.notices import Notice
from guanxi.pages.shell import AsOf

PERMISSION = "insight.view"
AHEAD_FROM_MONTH = 10  # from October on next year's festivals are planned for
WORK = {
    tasks.rescore.module_path: gettext_lazy("The customers could not be scored by the new rules."),
    tasks.refresh_rfm.module_path: gettext_lazy("The customers could not be scored"),
    tasks.refresh_figures.module_path: gettext_lazy("The shop's figures could not be added up"),
    tasks.refresh_goods.module_path: gettext_lazy("What sold could not be added up"),
}


def of_age(request: HttpRequest) -> Sequence[Notice]:
    """Tell which figures are older than promised although computing them anew would change something."""
    if not allowed(request.user, PERMISSION):
        return ()
    shop, scores = ShopRun.latest(), RfmRun.latest()
    found = []
    if shop and (age := overdue(shop)):
        found.append(_aged(_("The shop's figures are out of date"), age, reverse("home")))
    if scores and (age := explanation.age_of(scores)).stale and scoring.is_due():
        found.append(_aged(_("Scores are out of date"), age, reverse("insight:rfm")))
    return found


def _aged(title: str, age: AsOf, href: str) -> Notice:
    text = _("Last computed %(when)s; the background work may stand still") % {"when": moments.since(age.at)}
    began = age.at + 2 * age.promised
    return Notice(title=title, text=text, href=href, at=began, icon="clock", tone="warn", standing=True)


def of_review(request: HttpRequest) -> Sequence[Notice]:
    """Tell on the Monday after that the week is told, with the sentence that was kept of it."""
    if not allowed(request.user, PERMISSION):
        return ()
    found = Digest.objects.filter(language=get_language() or "en").order_by("-week").first()
    if found is None:
        return ()
    week = review.week_name(found.week)
    return [
        Notice(
            title=_("The review of the week %(week)s is ready") % {"week": week}, text=found.finding,
            href=f"{reverse('insight:goals-review')}?week={week}", at=found.made_at, icon="calendar",
        )
    ]  # fmt: skip


def of_calendar(request: HttpRequest) -> Sequence[Notice]:
    """Tell that the festivals of this year or the next are not known, so that days are compared by their date."""
    today = timezone.localdate()
    year = today.year + (today.month >= AHEAD_FROM_MONTH)
    names = unknown(year) if allowed(request.user, PERMISSION) else []
    if not names:
        return ()
    told = {"festivals": _(", ").join(str(name) for name in names), "year": year}
    began = dt.datetime(year - 1, AHEAD_FROM_MONTH, 1, tzinfo=dt.UTC)
    return [
        Notice(
            title=_("The calendar of %(year)s is missing: %(festivals)s") % told,
            text=_("Days around them compare with the same date of last year until Guanxi is updated."),
            href=reverse("insight:rfm"), at=began, icon="calendar", tone="warn", standing=True,
        )
    ]  # fmt: skip
