"""The pages on which somebody gets the copy of everything about one person."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.own import confirmed
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.customers.faces import called
from guanxi.customers.models import Customer
from guanxi.pages import toasts
from guanxi.privacy.copying import make
from guanxi.privacy.forms import WhyForm
from guanxi.privacy.models import Copy

MAY = "personal.export"


@never_cache
@require_http_methods(["GET", "POST"])
@needs(MAY)
@confirmed
def copy(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Ask why; then make the file, which stands for a day."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=customer_id)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        make(customer, by=request.user, why=form.why)
        toasts.say(request, _("The copy is made. It goes by itself in a day."))
        return redirect("privacy:copy", customer.pk)
    mine = Copy.objects.visible_to(request.user).ready().filter(customer=customer).order_by("-pk")
    told: dict[str, Any] = {"customer": customer, "name": called(customer), "form": form, "copies": mine}
    return render(request, "privacy/copy.html", told, status=422 if form.errors else 200)


@never_cache
@require_GET
@needs(MAY)
@confirmed
def copy_file(request: StaffRequest, customer_id: int, copy_id: int) -> HttpResponseBase:
    """Send the file to whoever had it made."""
    mine = Copy.objects.visible_to(request.user).ready().filter(customer=customer_id)
    found = get_object_or_404(mine, pk=copy_id)
    if not found.path.exists():
        raise Http404
    name = f"{found.customer.public_id}.zip"
    return FileResponse(found.path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
