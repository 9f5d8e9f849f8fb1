"""The pages on which a shop says what its stores are called, what they sell in, and by which clock."""

import zoneinfo
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.errors import Refused
from guanxi.core.money import CURRENCIES
from guanxi.orders.models import Company, Store
from guanxi.pages import toasts
from guanxi.shop.forms import COLOURS, printable

CHANGE = "rules.change"
CODE = gettext_lazy("Small Latin letters, digits and -, such as tmall-flagship.")


class StoreForm(forms.Form):
    """A store, new or known: its code is asked for once, its currency until something was sold in it."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=120, validators=[printable])
    code = forms.CharField(
        label=pgettext_lazy("of a store", "Code"), max_length=40,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", CODE)],
        help_text=gettext_lazy("Imports and programs know the store by it. It never changes."),
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=Store.Channel.choices)
    currency = forms.CharField(
        label=gettext_lazy("Currency"), max_length=3, help_text=gettext_lazy("Such as CNY or EUR.")
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=64,
        help_text=gettext_lazy("Such as Asia/Shanghai. The store's days begin and end by it."),
    )  # fmt: skip
    colour = forms.TypedChoiceField(
        label=gettext_lazy("Colour"), choices=COLOURS, coerce=int, initial="0", widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, store: Store | None = None) -> None:
        told = {name: getattr(store, name) for name in self.base_fields if name != "code"} if store else {}
        super().__init__(data, initial=told)
        self.store = store
        if store:
            del self.fields["code"]
            self.fields["time_zone"].help_text = _(
                "Counts the days of what is sold from now on. Orders that are there stay on the days they have."
            )
            if store.has_orders:
                self.fields["currency"].help_text = _("It has orders in this currency, so it stays.")

    def clean_code(self) -> str:
        """Refuse the code of another store."""
        code: str = self.cleaned_data["code"]
        if Store.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a store of this code. Choose another."))
        return code

    def clean_currency(self) -> str:
        """Take a code of ISO 4217."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code not in CURRENCIES:
            raise forms.ValidationError(_("This is no currency. Give its three letters, such as CNY."))
        return code

    def clean_time_zone(self) -> str:
        """Take a zone that there is."""
        name = str(self.cleaned_data["time_zone"]).strip()
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Give one such as Asia/Shanghai."))
        return name

    @property
    def told(self) -> dict[str, Any]:
        """What the form says of the store."""
        return {name: value for name, value in self.cleaned_data.items() if name != "code"}


class CompanyForm(forms.Form):
    """What the shop is called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the shop"), max_length=120, required=False, validators=[printable]
    )


@require_GET
@needs(CHANGE)
def stores(request: StaffRequest) -> HttpResponse:
    """List the stores, and what the shop is called."""
    return _stores(request, None)


@require_POST
@needs(CHANGE)
def company(request: StaffRequest) -> HttpResponse:
    """Call the shop otherwise."""
    found, form = get_object_or_404(Company, pk=1), CompanyForm(request.POST)
    if not form.is_valid():
        return _stores(request, form, status=422)
    changed = found.rename(form.cleaned_data["name"], by=request.user)
    toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
    return redirect("orders:stores")


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def store_new(request: StaffRequest) -> HttpResponse:
    """Open a store."""
    form = StoreForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        opened = Store.add(form.cleaned_data["code"], form.told, by=request.user)
        toasts.say(request, _("“%(store)s” is open.") % {"store": opened.name})
        return redirect("orders:stores")
    return render(request, "orders/store_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def store(request: StaffRequest, store_id: int) -> HttpResponse:
    """Change a store."""
    found = get_object_or_404(Store, pk=store_id)
    form = StoreForm(request.POST if request.method == "POST" else None, store=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = found.change(form.told, by=request.user)
        except Refused as error:
            form.add_error("currency", str(error))
        else:
            toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("orders:stores")
    told = {"form": form, "store": found}
    return render(request, "orders/store_form.html", told, status=422 if form.errors else 200)


def _stores(request: StaffRequest, form: CompanyForm | None, status: int = 200) -> HttpResponse:
    found = Company.current()
    told = {
        "stores": list(Store.objects.order_by("name", "pk")),
        "company": found,
        "form": form or CompanyForm(initial={"name": found.name if found else ""}),
    }
    return render(request, "orders/stores.html", told, status=status)
