"""The pages on which a shop declares fields of its own."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.pages import toasts
from guanxi.pages.components import Tab
from guanxi.shop import fields as kept
from guanxi.shop.forms import SUBJECTS, FieldForm
from guanxi.shop.models import CustomField, Subject
from guanxi.shop.views import CHANGE


@require_GET
@needs(CHANGE)
def fields(request: StaffRequest) -> HttpResponse:
    """List the fields of a subject: those in force, then those that are retired with the values they keep."""
    subject = _subject(request)
    there = list(CustomField.objects.filter(subject=subject).in_order())
    told = [(each, kept.filled(each)) for each in there]
    context = {
        "of": subject,
        "in_force": [(each, count) for each, count in told if not each.retired_at],
        "retired": [(each, count) for each, count in told if each.retired_at],
        "tabs": [Tab(title, f"?of={name}", active=name == subject) for name, title in SUBJECTS.items()],
    }
    return render(request, "shop/fields.html", context)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def new(request: StaffRequest) -> HttpResponse:
    """Declare a field."""
    subject = _subject(request)
    form = FieldForm(subject, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        field = CustomField.declare(subject, form.cleaned_data["name"], form.told, by=request.user)
        toasts.say(request, _("“%(field)s” can be filled in now.") % {"field": field.label})
        return redirect(_list_of(subject))
    told = {"form": form, "of": subject, "subject_title": SUBJECTS[subject], "back": _list_of(subject)}
    return render(request, "shop/field_form.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def edit(request: StaffRequest, field_id: int) -> HttpResponse:
    """Change how a field is called and what it may hold."""
    field = get_object_or_404(CustomField, pk=field_id)
    form = FieldForm(field.subject, request.POST if request.method == "POST" else None, field=field)
    if request.method == "POST" and form.is_valid():
        changed = field.change(form.told, by=request.user)
        toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
        return redirect(_list_of(field.subject))
    told = {"form": form, "field": field, "of": field.subject, "back": _list_of(field.subject)}
    return render(request, "shop/field_form.html", told, status=422 if form.errors else 200)


@require_POST
@needs(CHANGE)
def retirement(request: StaffRequest, field_id: int) -> HttpResponse:
    """Take a field off every page; its values stay."""
    field = get_object_or_404(CustomField, pk=field_id)
    field.retire(by=request.user)
    undo = reverse("shop:field-return", args=[field.pk])
    toasts.say(request, _("“%(field)s” is retired; what it holds is kept.") % {"field": field.label}, undo_url=undo)
    return redirect(_list_of(field.subject))


@require_POST
@needs(CHANGE)
def restoration(request: StaffRequest, field_id: int) -> HttpResponse:
    """Bring a field back with all its values."""
    field = get_object_or_404(CustomField, pk=field_id)
    field.restore(by=request.user)
    toasts.say(request, _("“%(field)s” is back, with what it holds.") % {"field": field.label})
    return redirect(_list_of(field.subject))


def _subject(request: StaffRequest) -> str:
    asked = request.GET.get("of", "")
    return asked if asked in SUBJECTS else Subject.CUSTOMER


def _list_of(subject: str) -> str:
    return f"{reverse('shop:fields')}?of={subject}"
