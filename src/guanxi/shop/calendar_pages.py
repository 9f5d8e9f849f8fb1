"""The pages of the calendar: what a year holds, days of the shop's own, and what is not to be seen."""

import datetime as dt
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.errors import Refused
from guanxi.pages import toasts
from guanxi.pages.components import Tab
from guanxi.shop import calendar as kept
from guanxi.shop import given as known
from guanxi.shop.forms import plain
from guanxi.shop.given import CAMPAIGN, FIRST_YEAR, HOLIDAY, LAST_YEAR, NAMES
from guanxi.shop.models import CalendarEntry
from guanxi.shop.views import CHANGE

LONGEST = 120


class EntryForm(forms.Form):
    """Days of the shop's own."""

    name_zh = plain(gettext_lazy("Name in Chinese"), 60)
    name_en = plain(gettext_lazy("Name in English"), 60)
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=CalendarEntry.Kind.choices, initial=CAMPAIGN)
    starts_on = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Charts name this day."),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    repeats = forms.BooleanField(label=gettext_lazy("Every year on the same dates"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin, go on for too long, or lie in a year no page can show."""
        told = self.cleaned_data
        start, end = told.get("starts_on"), told.get("ends_on")
        if start and not FIRST_YEAR <= start.year <= LAST_YEAR:
            said = _("Give a year from %(first)s to %(last)s.")
            self.add_error("starts_on", said % {"first": FIRST_YEAR, "last": LAST_YEAR})
        elif start and end and end < start:
            self.add_error("ends_on", _("The last day is before the first. Give a later one."))
        elif start and end and (end - start).days >= LONGEST:
            self.add_error("ends_on", _("That is more than %(most)s days. Give an earlier one.") % {"most": LONGEST})
        return told


@require_GET
@needs(CHANGE)
def calendar(request: StaffRequest) -> HttpResponse:
    """Show what a year holds, and what of it is hidden."""
    year, today = _year(request), timezone.localdate()
    windows, hidden = kept.windows(year), kept.hidden()
    titles = {HOLIDAY: _("Public holidays"), CAMPAIGN: _("Weeks of trade")}
    told = {
        "year": year,
        "groups": [(title, [each for each in windows if each.kind == kind]) for kind, title in titles.items()],
        "hidden": [each for each in known.given(year) if each.key in hidden],
        "expected": any(each.expected for each in windows),
        "missing": kept.missing(),
        "tabs": [Tab(f"{each}", f"?year={each}", active=each == year) for each in _years(year, today)],
        "today": today,
    }
    return render(request, "shop/calendar.html", told)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def new(request: StaffRequest) -> HttpResponse:
    """Add days of the shop's own."""
    form = EntryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = CalendarEntry.add(form.cleaned_data, by=request.user)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            toasts.say(request, _("“%(name)s” is in the calendar.") % {"name": entry.name})
            return redirect(_page_of(entry))
    return render(request, "shop/entry_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def edit(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Change days of the shop's own."""
    entry = get_object_or_404(CalendarEntry.objects.own().in_force(), pk=entry_id)
    form = EntryForm(request.POST if request.method == "POST" else None, initial=entry.told)
    if request.method == "POST" and form.is_valid():
        changed = entry.change(form.cleaned_data, by=request.user)
        toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
        entry.refresh_from_db()
        return redirect(_page_of(entry))
    told = {"form": form, "entry": entry}
    return render(request, "shop/entry_form.html", told, status=422 if form.errors else 200)


@require_POST
@needs(CHANGE)
def removal(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Take days of the shop's own out, with the way back."""
    entry = get_object_or_404(CalendarEntry.objects.own(), pk=entry_id)
    entry.remove(by=request.user)
    undo = reverse("shop:entry-return", args=[entry.pk])
    toasts.say(request, _("“%(name)s” is out of the calendar.") % {"name": entry.name}, undo_url=undo)
    return redirect(_page_of(entry))


@require_POST
@needs(CHANGE)
def restoration(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Put days of the shop's own back."""
    entry = get_object_or_404(CalendarEntry.objects.own(), pk=entry_id)
    entry.restore(by=request.user)
    toasts.say(request, _("“%(name)s” is in the calendar.") % {"name": entry.name})
    return redirect(toasts.way_back(request) or _page_of(entry))


@require_POST
@needs(CHANGE)
def hiding(request: StaffRequest, given: str) -> HttpResponse:
    """Hide days that everybody knows, with the way back."""
    name = _name(given)
    CalendarEntry.hide(given, by=request.user)
    undo = reverse("shop:given-showing", args=[given])
    toasts.say(request, _("“%(name)s” is hidden, in every year.") % {"name": name}, undo_url=undo)
    return redirect(toasts.way_back(request) or reverse("shop:calendar"))


@require_POST
@needs(CHANGE)
def showing(request: StaffRequest, given: str) -> HttpResponse:
    """Show days that everybody knows again."""
    name = _name(given)
    CalendarEntry.show(given, by=request.user)
    toasts.say(request, _("“%(name)s” is shown again.") % {"name": name})
    return redirect(toasts.way_back(request) or reverse("shop:calendar"))


def _name(given: str) -> str:
    if given not in NAMES:
        raise Http404
    return str(NAMES[given])


def _year(request: StaffRequest) -> int:
    """Read which year is asked for; what makes no sense is this one."""
    asked = request.GET.get("year", "")
    if len(asked) == 4 and asked.isascii() and asked.isdecimal() and FIRST_YEAR <= int(asked) <= LAST_YEAR:
        return int(asked)
    return timezone.localdate().year


def _years(year: int, today: dt.date) -> list[int]:
    around = {today.year - 1, today.year, today.year + 1, year}
    return sorted(each for each in around if FIRST_YEAR <= each <= LAST_YEAR)


def _page_of(entry: CalendarEntry) -> str:
    year = entry.starts_on.year if entry.starts_on else timezone.localdate().year
    return f"{reverse('shop:calendar')}?year={year}"
