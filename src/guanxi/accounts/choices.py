"""What readers choose about lists: views they keep, and the columns they look at."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.accounts.models import ChosenColumns, SavedView
from guanxi.pages import toasts

MOST_COLUMNS = 60


class ViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name of a view, and who sees it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")

    def clean_name(self) -> str:
        """Refuse a name that another view of the same list and owner bears."""
        name: str = self.cleaned_data["name"]
        kept = self.instance
        others = (
            SavedView.objects.standing()
            .filter(owner=kept.owner, list_name=kept.list_name, name=name)
            .exclude(pk=kept.pk)
        )
        if kept.pk and others.exists():
            raise forms.ValidationError(_("You have a view of that name. Choose another one."))
        return name


@require_POST
def views(request: HttpRequest, list_name: str) -> HttpResponse:
    """Keep what is shown as a view; a name that is none comes back with what is wrong with it."""
    form = ViewForm(request.POST, instance=SavedView(list_name=list_name, owner=_reader(request)))
    if not form.is_valid():
        return _asked(request, form, 422)
    told = form.cleaned_data
    view = SavedView.keep(
        list_name, told["name"], request.POST.get("query", ""), by=request.user, is_shared=told["is_shared"]
    )
    toasts.say(request, _("Saved as “%(name)s”.") % {"name": view.name}, undo_url=_url("list-view-deletion", view))
    return redirect(f"{_way_back(request)}?{view.query}")


@require_http_methods(["GET", "POST"])
def view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename a view of one's own, or let others see it."""
    kept = _mine(request, view_id)
    form = ViewForm(request.POST or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.say(request, _("Saved as “%(name)s”.") % {"name": kept.name})
        return redirect(f"{_way_back(request)}?{kept.query}")
    return _asked(request, form, 422 if form.errors else 200)


@require_POST
def view_deletion(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view of one's own."""
    kept = _mine(request, view_id)
    kept.delete_for_now()
    toasts.say(
        request, _("Deleted the view “%(name)s”.") % {"name": kept.name}, undo_url=_url("list-view-return", kept)
    )
    return redirect(_way_back(request))


@require_POST
def view_return(request: HttpRequest, view_id: int) -> HttpResponse:
    """Put back a view that was deleted by mistake."""
    kept = get_object_or_404(SavedView, pk=view_id, owner=_reader(request))
    kept.put_back()
    toasts.say(request, _("The view “%(name)s” is back.") % {"name": kept.name})
    return redirect(_way_back(request))


@require_POST
def columns(request: HttpRequest, list_name: str) -> HttpResponse:
    """Keep which columns the reader looks at, in which order; none at all are the list's own."""
    names = [name[:40] for name in request.POST.getlist("column")][:MOST_COLUMNS]
    mine = ChosenColumns.objects.filter(owner=_reader(request), list_name=list_name)
    if names and "reset" not in request.POST:
        ChosenColumns.objects.update_or_create(owner=_reader(request), list_name=list_name, defaults={"names": names})
    else:
        mine.delete()
    return redirect(_way_back(request))


def _asked(request: HttpRequest, form: ViewForm, status: int) -> HttpResponse:
    context = {"form": form, "query": request.POST.get("query", ""), "back": _way_back(request)}
    return render(request, "accounts/view_form.html", context, status=status)


def _mine(request: HttpRequest, view_id: int) -> SavedView:
    return get_object_or_404(SavedView.objects.standing(), pk=view_id, owner=_reader(request))


def _reader(request: HttpRequest) -> Any:
    return request.user


def _url(name: str, kept: SavedView) -> str:
    return reverse(name, args=[kept.pk])


def _way_back(request: HttpRequest) -> str:
    """Give the list one came from."""
    return toasts.way_back(request) or "/"
