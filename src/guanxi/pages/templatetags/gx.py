"""Tags and filters of every page: `{% load gx %}`. Components draw records of `guanxi.pages.components`."""

import secrets
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from guanxi import __version__
from guanxi.pages import commands, drawing, formats, moments, navigation, shell
from guanxi.pages.chart_file import seal
from guanxi.pages.charts import TWO_AXES, Chart, Table, twin
from guanxi.pages.components import Part, Reach, Tab, told
from guanxi.pages.period import COMPARISONS, FIELDS, PRESETS, Period
from guanxi.pages.plotting import plot

register = template.Library()
TYPED_FROM = 100  # an act on so many is confirmed by typing how many

register.filter("count", formats.count)
register.filter("count_to", formats.count_to)
register.filter("percent", formats.percent)
register.filter("signed", formats.signed)
register.filter("money", formats.money)
register.filter("money_whole", formats.money_whole)
register.filter("money_large", formats.money_large)
register.filter("number", formats.number)
register.filter("price", formats.price)
register.filter("file_size", formats.size)
register.filter("day", moments.day)
register.filter("full_day", moments.full_day)
register.filter("month_day", moments.month_day)
register.filter("day_heading", moments.day_heading)
register.filter("clock", moments.clock)
register.filter("exact", moments.exact)
register.filter("duration", moments.duration)
register.filter("since", moments.time_tag)
register.filter("ago", moments.date_tag)


@register.filter
def decimal(value: formats.Number, places: int = 0) -> str:
    """Write a number with so many decimals."""
    return formats.decimal(value, places)


@register.filter
def minus(value: int) -> int:
    """Turn an amount's sign, where money went the other way."""
    return -value


@register.filter
def or_missing(value: object, dash: str = "") -> object:
    """Show a value, or say that nobody gave it; `"dash"` is for dense tables only."""
    if value not in (None, ""):
        return value
    words = formats.missing()
    if dash:
        return format_html('<span class="gx-missing" title="{}">—</span>', words)
    return format_html('<span class="gx-missing">{}</span>', words)


@register.simple_tag(name="shell", takes_context=True)
def shell_of(context: template.Context) -> dict[str, Any]:
    """Gather what the shell of a page shows; works without a request, as the page of a failure has none."""
    request = context.get("request")
    branches = navigation.tree(request) if request and hasattr(request, "user") else []
    chosen = shell.theme(request) if request else "system"
    user, subject = getattr(request, "user", None), context.get("subject")
    shop = shell.shop()
    return {
        "letter_keys": getattr(user, "letter_keys", True),
        "subject": subject,
        "verbs": _verbs(user, subject) if user else [],
        "lang": to_locale(get_language() or "en").replace("_", "-"),
        "theme": chosen,
        "fixed_theme": "" if chosen == "system" else chosen,
        "change": shell.change_colours(request) if request else "",
        "branches": branches,
        "places": navigation.places(request, branches) if request and branches else [],
        "languages": settings.LANGUAGES,
        "shop": shop.name,
        "look": shell.look(),
        "version": __version__,
        "demo": shop.demo,
        "as_of": shell.as_of() if request else None,
        "banner": shell.banner(request) if request else None,
        "search_url": shell.search_url(),
    }


@register.simple_tag
def icon(name: str, *, size: str = "", title: object = "") -> SafeString:
    """Draw an icon of the sprite: `{% icon "users" %}`; a title makes it speak, without one it is silent."""
    return _icon(name, size, str(title), _sprite())


@cache
def _sprite() -> str:
    return static("pages/vendor/icons.svg")


@lru_cache(maxsize=2_000)
def _icon(name: str, size: str, title: str, sprite: str) -> SafeString:
    shape = f"{sprite}#{name}"
    kind = f"gx-icon gx-icon-{size}" if size else "gx-icon"
    if title:
        drawn = '<svg class="{}" role="img"><title>{}</title><use href="{}"/></svg>'
        return format_html(drawn, kind, title, shape)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', kind, shape)


@register.simple_tag
def once() -> SafeString:
    """Draw a form's own key, by which what it asks is done once however often it is sent: `SentForm.once`."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(16))


@register.simple_tag
def avatar(name: object, *, size: str = "") -> SafeString:
    """Draw a person's first letter; the name itself stands beside it."""
    letter = str(name).strip()[:1].upper() or "?"
    return format_html(
        '<span class="gx-avatar{}" aria-hidden="true">{}</span>', f" gx-avatar-{size}" if size else "", letter
    )


@register.simple_tag
def tag(text: object, *, tone: str = "", picture: str = "", href: str = "") -> SafeString:
    """Draw a tag: `{% tag "White tea" %}`, with a tone where the colour means something."""
    kind = f"gx-tag gx-tone-{tone}" if tone else "gx-tag"
    inside = format_html("{}{}", icon(picture, size="s") if picture else "", text)
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', kind, href, inside)
    return format_html('<span class="{}">{}</span>', kind, inside)


@register.simple_tag
def tier(name: object, *, level: int = 1) -> SafeString:
    """Draw a loyalty tier, 1 the lowest to 4 the top."""
    return format_html('<span class="gx-tier gx-tier-{}">{}</span>', min(max(level, 1), 4), name)


@register.simple_tag
def customer_class(name: object, *, series: int = 1) -> SafeString:
    """Draw a customer's class with the colour it has on every page."""
    return format_html('<span class="gx-class"><i class="gx-swatch gx-series-{}"></i>{}</span>', series, name)


@register.simple_tag
def reach(channels: Sequence[Reach]) -> SafeString:
    """Draw which message channels reach a person, in their fixed order; all reasons are told by one name."""
    known = {each.channel: each for each in channels}
    marks = (known.get(channel) or Reach(channel, open=False) for channel in Reach.ORDER)
    return _reach(tuple((each.channel, each.open, str(each.reason)) for each in marks), get_language())


@lru_cache(maxsize=2_000)  # the rows of a list repeat a few combinations
def _reach(marks: tuple[tuple[str, bool, str], ...], _language: str | None) -> SafeString:
    channels = [Reach(channel, open=is_open, reason=reason) for channel, is_open, reason in marks]
    drawn = mark_safe("".join("<b></b>" if each.open else "<i></i>" for each in channels))  # noqa: S308 - fixed
    return format_html('<span class="gx-reach" role="img" tabindex="0" title="{}">{}</span>', told(channels), drawn)


@register.simple_tag
def dots(score: int, *, of: int = 5) -> SafeString:
    """Draw a score in bands: ■■■■□."""
    bands = mark_safe("".join(f"<i{' class=on' if band < score else ''}></i>" for band in range(of)))  # noqa: S308 - digits
    label = _("%(score)s of %(of)s") % {"score": score, "of": of}
    return format_html('<span class="gx-dots" role="img" aria-label="{}">{}</span>', label, bands)


@register.simple_tag
def change(moved: formats.Change) -> SafeString:
    """Draw a change: the arrow and its size; the colour is a matter of locale."""
    shapes = {"up": "M5 0 10 9H0Z", "down": "M5 9 0 0h10Z", "flat": "M0 4h10v2H0Z"}
    words = {"up": _("up"), "down": _("down"), "flat": _("unchanged")}
    return format_html(
        '<span class="gx-change gx-change-{}"><svg viewBox="0 0 10 9" role="img" aria-label="{}"><path d="{}"/></svg>'
        "{}</span>",
        moved.direction,
        words[moved.direction],
        shapes[moved.direction],
        f"{moved.text} {moved.word}".rstrip(),
    )


@register.simple_tag
def sparkline(values: Sequence[float]) -> SafeString:
    """Draw the course of a metric; fewer than two values draw nothing."""
    if len(values) < 2:
        return mark_safe("")
    return format_html(
        '<svg class="gx-spark" viewBox="0 0 100 26" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="gx-spark-area" d="{}"/><path d="{}"/></svg>',
        drawing.area(values),
        drawing.line(values),
    )


@register.simple_tag
def split(parts: Sequence[Part], *, label: object = "") -> SafeString:
    """Draw a whole as coloured parts beside each other; the figures stand near it."""
    shapes = format_html_join(
        "",
        '<rect x="{}%" width="{}%" height="10" rx="2" class="gx-series-{}"/>',
        drawing.widths(parts),
    )
    return format_html('<svg class="gx-split" role="img" aria-label="{}">{}</svg>', label, shapes)


@register.simple_tag
def bar(ratio: float, *, label: object = "") -> SafeString:
    """Draw a share of a whole, 0 to 1."""
    value = f"{float(ratio):.4f}"
    return format_html('<progress class="gx-track" max="1" value="{}" aria-label="{}"></progress>', value, label)


@register.simple_tag
def as_of(moment: shell.AsOf) -> SafeString:
    """Say up to when figures are complete; amber once they are older than twice the promise."""
    kind = "gx-asof gx-asof-stale" if moment.stale else "gx-asof"
    words = _("Data as of %(time)s") % {"time": moments.since(moment.at)}
    return format_html('<span class="{}" title="{}">{}</span>', kind, moment.reason or moments.exact(moment.at), words)


@register.simple_tag
def difference(now: object, after: object) -> SafeString:
    """Draw a change that would be made: what stands now, struck, and what would stand after."""
    was = format_html('<del class="gx-now">{}</del>', now) if now not in (None, "") else or_missing(None, "dash")
    return format_html('{} → <ins class="gx-after">{}</ins>', was, after)


@register.simple_block_tag
def popover(content: str, *, label: object, side: str = "end") -> SafeString:
    """Wrap an explanation behind a dotted link; it opens without JavaScript."""
    return format_html(
        '<details class="gx-pop gx-pop-{}"><summary class="gx-why">{}</summary>'
        '<div class="gx-pop-body">{}</div></details>',
        side,
        label,
        content,
    )


@register.simple_block_tag
def card(content: str, *, title: object = "", note: object = "", kind: str = "") -> SafeString:
    """Wrap content in a card with a heading; `kind="flush"` lets tables and rows reach its edges."""
    head = format_html('<header class="gx-card-head"><h2>{}</h2>{}</header>', title, _note(note)) if title else ""
    return format_html(
        '<section class="gx-card">{}<div class="{}">{}</div></section>',
        head,
        "gx-card-flush" if kind == "flush" else "gx-card-body",
        content,
    )


@register.simple_block_tag(takes_context=True)
def confirm(context: template.Context, content: str, **given: Any) -> str:
    """Ask before what cannot be undone: `{% confirm name="erase" title=… verb=… action=url %}…{% endconfirm %}`.

    Opened by `<button popovertarget="erase">`; a `count` of a hundred or more has to be typed first.
    """
    typed = (given.get("count") or 0) >= TYPED_FROM
    told = {"content": content, "csrf_token": context.get("csrf_token"), "typed": typed}
    return render_to_string("pages/components/confirm.html", {**given, **told})


@register.inclusion_tag("pages/components/panel.html")
def panel(url: str, *, title: object = "", height: int = 3, trigger: str = "revealed") -> dict[str, Any]:
    """Reserve a panel's place and load it when it comes into sight; heights 1 to 6: 96, 160, 240, 320, 480, 560 px."""
    return {"url": url, "title": title, "height": height, "trigger": trigger}


@register.inclusion_tag("pages/components/metrics.html")
def metrics(figures: Sequence[Any]) -> dict[str, Any]:
    """Draw a row of metrics."""
    return {"metrics": figures}


@register.inclusion_tag("pages/components/chart.html", takes_context=True)
def chart(context: template.Context, chart: Chart) -> dict[str, Any]:
    """Draw a declared chart with its finding, its table and its files; the script loads where a chart is."""
    build = "echarts-full.js" if chart.kind in TWO_AXES else "echarts.js"
    return {
        "chart": chart,
        "plot": {} if chart.empty else plot(chart),
        "plot_id": f"plot-{chart.name}",
        "twin": twin(chart),
        "token": seal(chart),
        "engine": static(f"pages/vendor/{build}"),
        "drawing": static("pages/vendor/chart/draw.js"),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("pages/components/files.html", takes_context=True)
def files(context: template.Context, table: Table) -> dict[str, Any]:
    """Offer the figures of a table as files, above it: `{% files page.table %}`."""
    return {"token": seal(table), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("pages/components/date_range.html", takes_context=True)
def date_range(context: template.Context) -> dict[str, Any]:
    """Draw the one control of days, in block `actions`: `{% date_range %}`; views read `Period.of(request)`."""
    request = context["request"]
    period = Period.of(request)
    others = request.GET.copy()
    for name in (*FIELDS, "page", "after", "before"):
        others.pop(name, None)

    return {
        "period": period,
        "address": urlencode(period.query),
        "presets": [
            Tab(title, _asking(others, period.asking(range=key)), active=key == period.preset)
            for key, title in PRESETS.items()
        ],
        "comparisons": [
            Tab(title, _asking(others, period.asking(compare=key)), active=key == period.compared)
            for key, title in COMPARISONS.items()
        ],
        "others": [(name, value) for name, values in others.lists() for value in values],
        "today": timezone.localdate(),
    }


@register.inclusion_tag("pages/components/timeline.html")
def timeline(days: Sequence[Any], *, more_url: str = "", more: object = "") -> dict[str, Any]:
    """Draw what happened, by day, newest first."""
    return {"days": days, "more_url": more_url, "more": more}


@register.inclusion_tag("pages/components/steps.html")
def steps(names: Sequence[Any], *, current: int, note: object = "") -> dict[str, Any]:
    """Draw a wizard's steps; `current` counts from 1."""
    return {"steps": names, "current": current, "note": note}


def _verbs(user: Any, subject: commands.Subject | None) -> list[commands.Hit]:
    """List what can be done to what a page is about, and from anywhere."""
    return [*(commands.verbs(user, subject) if subject else ()), *commands.verbs(user, None)]


def _asking(others: QueryDict, parts: dict[str, str]) -> str:
    """Write the address of this page with other days."""
    return "?" + urlencode([*((name, value) for name, values in others.lists() for value in values), *parts.items()])


def _note(note: object) -> SafeString:
    """Write the small words at the right of a card's head."""
    return format_html('<span class="gx-card-note">{}</span>', note) if note else mark_safe("")


@register.simple_tag
def swatch(colour: int) -> SafeString:
    """Draw the dot of a colour that a shop chose; 0 is none."""
    return format_html('<span class="gx-hue gx-series-{}"></span>', colour)
