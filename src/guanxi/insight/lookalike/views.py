"""The page of look-alikes, the form that begins the work, and the list as a file."""

from django import forms
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.models import AuditEntry
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.classes import known_classes
from guanxi.insight.lookalike import story
from guanxi.insight.lookalike.page import COLUMNS, LookalikePage
from guanxi.insight.lookalike.sets import LONGEST
from guanxi.insight.models import LookalikeRun
from guanxi.pages import list_file


class SetForm(forms.Form):
    """Which set of customers."""

    kind = forms.ChoiceField(label=gettext_lazy("Resembling"), choices=LookalikeRun.Kind.choices)
    word = forms.CharField(
        label=gettext_lazy("Which?"), max_length=LONGEST, widget=forms.TextInput(attrs={"list": "lookalike-words"}),
        help_text=gettext_lazy("The name of a class or a tag, a product's name or SKU, or ids such as cus_… in a row."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs("insight.view")
def lookalikes(request: StaffRequest) -> HttpResponse:
    """Show who resembles a set; begin another."""
    page = LookalikePage.read(request.GET.get("run", ""))
    form = SetForm(request.POST) if request.method == "POST" else SetForm(initial=page.typed)
    if request.method == "POST" and form.is_valid():
        run = story.ask(form.cleaned_data["kind"], form.cleaned_data["word"])
        return redirect(f"{reverse('insight:lookalikes')}?run={run.pk}")
    may_see = request.user.may("customers.view")
    told = {
        "page": page, "form": form, "classes": known_classes().values(),
        "people": page.people(request.user) if page.is_clear and may_see else [],
        "may_export": request.user.may("customers.export"),
    }  # fmt: skip
    return render(request, "insight/lookalikes.html", told, status=422 if form.errors else 200)


@require_GET
@needs("insight.view")
def progress(request: StaffRequest) -> HttpResponse:
    """Show how far the work is; once it is over, the page loads anew."""
    page = LookalikePage.read(request.GET.get("run", ""))
    answer = render(request, "insight/lookalikes_progress.html", {"page": page})
    if page.job is None:
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
@needs("insight.view")
@needs("customers.export")
def table(request: StaffRequest) -> HttpResponseBase:
    """Send who resembles a set as CSV, masked."""
    page = LookalikePage.read(request.GET.get("run", ""))
    if not page.told:
        raise Http404
    AuditEntry.write("list.exported", by=request.user, on="list:lookalikes", changes={"form": (None, "CSV")})
    return list_file.as_csv(_("look-alikes"), COLUMNS, page.rows(request.user))
