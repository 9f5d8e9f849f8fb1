"""What insight puts on the home page: metrics, the sentence of the day, and the work its figures make."""

import datetime as dt
from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.insight import scoring, sentence
from guanxi.insight.addresses import placed
from guanxi.insight.explanation import age_of
from guanxi.insight.models import CustomerDay, RfmRun, ShopRun
from guanxi.insight.span import Span
from guanxi.insight.trading import Sums, Trade, growth
from guanxi.orders.figures import base_currency
from guanxi.pages import formats, home, moments
from guanxi.pages.components import Metric, Tone

QUARTER_DAYS = 90
SPARKS = 31  # days drawn one by one; longer spans are drawn by so many parts at most
POINTS = 12  # of a sparkline that looks at a quarter
BUYERS_AT_LEAST = 20  # below that a rate says nothing


def metrics(request: HttpRequest) -> Sequence[Metric]:
    """Read the five metrics; none before the first computation."""
    run = ShopRun.latest()
    if run is None:
        return []
    trade, currency = Trade.read(Span.asked(request, run)), base_currency()
    net, orders = formats.money_large(trade.now.net_minor, currency), placed(trade.span.start, trade.span.end)
    return [
        _traded(trade, "net_minor", Metric(_("Net sales"), net, href=orders)),
        _traded(trade, "orders", Metric(_("Orders"), formats.count(trade.now.orders), href=orders)),
        _traded(
            trade,
            "new_customers",
            Metric(_("New customers"), formats.count(trade.now.new_customers), href=reverse("customers:list")),
        ),
        _repurchase(trade.span.end),
        _reachable(),
    ]


def tell(request: HttpRequest) -> home.Said | None:
    """Say the sentence of the day."""
    run = ShopRun.latest()
    return sentence.tell(Trade.read(Span.asked(request, run)), run, base_currency()) if run else None


def cooling(_request: HttpRequest) -> home.Waiting | None:
    """Say how many high-value customers stay away."""
    run = ShopRun.latest()
    count = run.cooling.get("customers", 0) if run else 0
    if run is None or not count:
        return None
    told = {key: formats.count(run.cooling[key]) for key in ("customers", "gap_days", "silent_days")}
    return home.Waiting(
        title=ngettext(
            "%(customers)s high-value customer is cooling", "%(customers)s high-value customers are cooling", count
        )
        % told,
        reason=_("Usually every %(gap_days)s days, silent for %(silent_days)s") % told,
        verb=_("See who"),
        href=reverse("insight:cooling"),
        icon="user-down",
        tone=Tone.ACCENT,
        loss_minor=run.cooling["net_minor"],
    )


def out_of_date(_request: HttpRequest) -> home.Waiting | None:
    """Say that scores are older than they should be, where computing them anew would change something."""
    run = RfmRun.latest()
    if run is None or not age_of(run).stale or not scoring.is_due():
        return None
    return home.Waiting(
        title=_("Scores are out of date"),
        reason=_("Last computed %(when)s; the background work may stand still")
        % {"when": moments.since(run.finished_at)},
        verb=_("See the scores"),
        href=reverse("insight:rfm"),
        icon="clock",
        tone=Tone.WARN,
    )


HEADLINE = home.Headline(name="trade", tell=tell, permission="insight.view")
FIGURES = home.Figures(name="trade", read=metrics, order=10, permission="insight.view")
QUEUES = (
    home.Queue(name="cooling", look=cooling, permission="customers.change"),
    home.Queue(name="scores", look=out_of_date, permission="insight.view"),
)
CARDS = (
    home.Card(
        name="sales", title=gettext_lazy("Net sales by day"), url_name="insight:home-sales", order=30, span=8, height=4,
        permission="insight.view", first_for=("analyst",),
    ),
    home.Card(
        name="moving", title=gettext_lazy("Where customers are moving"), url_name="insight:home-moving", order=40,
        span=6, height=4, permission="insight.view", first_for=("analyst",),
    ),
    home.Card(
        name="goals", title=gettext_lazy("Goals"), url_name="insight:home-goals", order=70, span=12, height=2,
        permission="insight.view",
    ),
)  # fmt: skip


def _traded(trade: Trade, name: str, metric: Metric) -> Metric:
    """Complete a metric that adds up by day: its change, what that compares with, and its course."""
    size = -(-len(trade.days) // SPARKS)
    parts = [trade.days[start : start + size] for start in range(0, len(trade.days), size)]
    series = [float(getattr(Sums.of(part), name)) for part in parts if len(part) == size]
    change, note = _compared(trade, name)
    return Metric(metric.label, metric.value, change, note, metric.href, series)


def _compared(trade: Trade, name: str) -> tuple[formats.Change | None, str]:
    now, then = trade.now, trade.then
    moved = growth(getattr(now, name), getattr(then, name)) if isinstance(then, Sums) else None
    if moved is not None:
        return formats.change(moved), trade.span.against
    if then is None and trade.before and trade.since:
        return None, _("counted since %(day)s") % {"day": moments.full_day(trade.since)}
    return None, trade.span.period.label


def _repurchase(end: dt.date) -> Metric:
    """Read who bought twice within the quarter up to a day, against the quarter before."""
    label = _("90-day repurchase rate")
    steps = [end - dt.timedelta(days=round(nth * QUARTER_DAYS / (POINTS - 1))) for nth in range(POINTS - 1, -1, -1)]
    wanted = [*steps, end - dt.timedelta(days=QUARTER_DAYS)]
    found = {each.day: each for each in CustomerDay.objects.filter(day__in=wanted)}
    now = _rate(found.get(end))
    if now is None:
        buyers = found[end].buyers if end in found else 0
        told = {"least": formats.count(BUYERS_AT_LEAST), "buyers": formats.count(buyers)}
        return Metric(label, "–", note=_("from %(least)s buyers on; %(buyers)s so far") % told)
    then = _rate(found.get(end - dt.timedelta(days=QUARTER_DAYS)))
    known = [rate for day in steps if (rate := _rate(found.get(day))) is not None]
    value = formats.Figure(formats.decimal(now * 100, 1), "%")
    if then is None:
        return Metric(label, value, note=_("bought twice or more"), series=known)
    return Metric(label, value, formats.change_points(now - then), _("vs the quarter before"), series=known)


def _rate(day: CustomerDay | None) -> float | None:
    return day.repeat_buyers / day.buyers if day and day.buyers >= BUYERS_AT_LEAST else None


def _reachable() -> Metric:
    """Read how many may be spoken to; the course begins with the first day somebody counted."""
    counted = list(CustomerDay.objects.filter(reachable__isnull=False).order_by("-day")[:30])[::-1]
    label = _("Reachable customers")
    if not counted or not counted[-1].customers:
        return Metric(label, "0", note=_("nobody agreed yet"))
    last = counted[-1]
    share = {"share": formats.percent((last.reachable or 0) / (last.customers or 1))}
    series = [float(each.reachable or 0) for each in counted]
    note = _("%(share)s of all") % share if last.reachable else _("nobody agreed yet")
    return Metric(label, formats.count(last.reachable or 0), note=note, series=series)
