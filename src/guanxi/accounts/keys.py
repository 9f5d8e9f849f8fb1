"""The page on which an owner makes the keys by which programs call, puts others in their place, and revokes them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.forms import KeyForm
from guanxi.accounts.models import ApiKey
from guanxi.accounts.models.meter import Meter
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.pages import toasts

MOST = 200


@require_GET
@needs("staff.change")
def keys(request: StaffRequest) -> HttpResponse:
    """List the keys, newest first."""
    found = list(ApiKey.objects.visible_to(request.user).select_related("staff").newest_first()[:MOST])
    used = Meter.objects.lately(each.meter for each in found)
    return render(request, "accounts/keys.html", {"keys": [(each, used.get(each.meter)) for each in found]})


@never_cache
@require_http_methods(["GET", "POST"])
@needs("staff.change")
def new(request: StaffRequest) -> HttpResponse:
    """Make a key; the secret is shown once and kept nowhere."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        secret, key = ApiKey.make(**form.cleaned_data, by=request.user)
        return render(request, "accounts/key.html", {"secret": secret, "key": key})
    return render(request, "accounts/key_form.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_POST
@needs("staff.change")
def rotation(request: StaffRequest, key_id: int) -> HttpResponse:
    """Make another key in place of one; the old one opens for a day more."""
    secret, key = _found(request, key_id).rotate(by=request.user)
    return render(request, "accounts/key.html", {"secret": secret, "key": key, "rotated": True})


@require_POST
@needs("staff.change")
def revocation(request: StaffRequest, key_id: int) -> HttpResponse:
    """Let a key open nothing any more."""
    found = _found(request, key_id)
    found.revoke(by=request.user)
    toasts.say(request, _("The key of %(name)s opens nothing any more.") % {"name": found.name})
    return redirect("api-keys")


def _found(request: StaffRequest, key_id: int) -> ApiKey:
    return get_object_or_404(ApiKey.objects.visible_to(request.user), pk=key_id)
