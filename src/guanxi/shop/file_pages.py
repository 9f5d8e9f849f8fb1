"""The pages of the settings file: take it along, look at the difference, take it."""

import base64
import binascii
import zlib
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.accounts.own import confirmed
from guanxi.accounts.permission import StaffRequest, needs
from guanxi.pages import toasts
from guanxi.pages.formats import count
from guanxi.shop import settings_file
from guanxi.shop.settings_file import MOST_BYTES, BadSettings, Difference, Records

OWNERS = "roles.change"  # what roles may do is in the file
FILE = "guanxi-settings.json"


class FileForm(forms.Form):
    """The file that came."""

    file = forms.FileField(
        label=gettext_lazy("Settings file"), widget=forms.FileInput(attrs={"accept": ".json"}),
        help_text=gettext_lazy("The file that another Guanxi exported. Nothing changes before you saw the difference."),
    )  # fmt: skip


@require_GET
@needs(OWNERS)
@confirmed
def page(request: StaffRequest) -> HttpResponse:
    """Offer the file, and ask for one."""
    return render(request, "shop/file.html", {"form": FileForm()})


@require_GET
@needs(OWNERS)
@confirmed
def export(request: StaffRequest) -> HttpResponse:
    """Send the settings as a file."""
    settings_file.note_export(request.user)
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"', "Cache-Control": "private, no-store"}
    return HttpResponse(settings_file.written(), content_type="application/json", headers=headers)


@require_POST
@needs(OWNERS)
@confirmed
def difference(request: StaffRequest) -> HttpResponse:
    """Show what a file says otherwise than it is here, proven to be possible; nothing is changed."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "shop/file.html", {"form": form}, status=422)
    data = form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        found = settings_file.tried(settings_file.read(data), by=request.user)
    except BadSettings as error:
        form.add_error("file", str(error))
        return render(request, "shop/file.html", {"form": form}, status=422)
    return render(request, "shop/file_difference.html", _told(found, packed(data)))


@require_POST
@needs(OWNERS)
@confirmed
def taking(request: StaffRequest) -> HttpResponse:
    """Take the file whose difference was seen; where the settings moved since, show the difference anew."""
    text = request.POST.get("file", "")
    try:
        wanted = settings_file.read(unpacked(text))
        if request.POST.get("seen") != settings_file.stand():
            return _again(request, wanted, text)
        found = settings_file.take(wanted, by=request.user)
    except BadSettings as error:
        form = FileForm({})
        form.errors["file"] = form.error_class([str(error)])
        return render(request, "shop/file.html", {"form": form}, status=422)
    said = ngettext("%(count)s setting was taken.", "%(count)s settings were taken.", len(found))
    toasts.say(request, said % {"count": count(len(found))} if found else _("Nothing was different."))
    return redirect("shop:file")


def _again(request: StaffRequest, wanted: Records, text: str) -> HttpResponse:
    found = settings_file.tried(wanted, by=request.user)
    return render(request, "shop/file_difference.html", {**_told(found, text), "moved": True}, status=409)


def _told(found: list[Difference], text: str) -> dict[str, Any]:
    parts: dict[str, list[Difference]] = {}
    for each in found:
        parts.setdefault(str(each.part.title), []).append(each)
    return {"parts": parts, "count": len(found), "file": text, "seen": settings_file.stand()}


def packed(data: bytes) -> str:
    """Write a file so that a form carries it."""
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode()


def unpacked(text: str) -> bytes:
    """Read it back; BadSettings where it is something else, or unpacks to more than a file may have."""
    try:
        return zlib.decompressobj().decompress(base64.urlsafe_b64decode(text.encode()), MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise BadSettings(_("This is no whole JSON file. Choose the file as it was exported.")) from None
