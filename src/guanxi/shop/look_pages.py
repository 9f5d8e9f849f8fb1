"""The page of the look, and the style and the logo as browsers fetch them."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.guard import pictures
from guanxi.guard.errors import BadFile
from guanxi.pages import toasts
from guanxi.shop import colours
from guanxi.shop import look as kept
from guanxi.shop.views import CHANGE

FOR_EVER = "public, max-age=31536000, immutable"
SPELLED = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")


class LookForm(forms.Form):
    """What the pages look like."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"), required=False,
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 512 KB and 2,000 pixels a side. It stands 34 pixels high."),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}),
    )  # fmt: skip
    no_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)
    accent = forms.CharField(
        label=gettext_lazy("Colour"), required=False, max_length=7,
        help_text=gettext_lazy("Of links and buttons, such as #1f5c48. Left empty, it is our pine green."),
    )  # fmt: skip
    accent_dark = forms.CharField(
        label=gettext_lazy("Colour in the dark theme"), required=False, max_length=7,
        help_text=gettext_lazy("Left empty, it is the same colour, as much lighter as it must be."),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=gettext_lazy("Language of who has chosen none"), required=False,
        choices=[("", gettext_lazy("what their browser asks for")), *settings.LANGUAGES],
    )  # fmt: skip

    picture: pictures.Picture | None = None

    def clean_logo(self) -> Any:
        """Read the picture by what it is, not by its name."""
        file = self.cleaned_data["logo"]
        if file:
            self.picture = picture_of(file.read(pictures.MOST_BYTES + 1))
        return file

    def clean_accent(self) -> str:
        """Refuse a colour that cannot be read on light paper."""
        return colour_of(self.cleaned_data["accent"], colours.LIGHT, towards="#000000")

    def clean_accent_dark(self) -> str:
        """Refuse a colour that cannot be read on dark paper."""
        return colour_of(self.cleaned_data["accent_dark"], colours.DARK, towards="#ffffff")

    def clean(self) -> dict[str, Any]:
        """Ask for the colour of the light theme first."""
        told = self.cleaned_data
        if told.get("accent_dark") and "accent" in told and not told["accent"]:
            self.add_error("accent", _("Give the colour of the light theme too."))
        return told

    @property
    def told(self) -> dict[str, Any]:
        """What the form says of the look."""
        said = {name: self.cleaned_data[name] for name in ("accent", "accent_dark", "language")}
        return {**said, **({"logo": ""} if self.cleaned_data["no_logo"] and not self.picture else {})}


def picture_of(data: bytes) -> pictures.Picture:
    """Read a picture, or say in the form what is wrong with it."""
    try:
        return pictures.read(data)
    except BadFile as error:
        raise forms.ValidationError(str(error)) from error


def colour_of(text: str, papers: tuple[str, ...], *, towards: str) -> str:
    """Read a colour that is text on all papers, or say which one like it would be."""
    found = SPELLED.match(text.strip())
    if not text.strip():
        return ""
    if not found:
        raise forms.ValidationError(_("This is no colour. Give its six digits, such as #1f5c48."))
    digits = found[1].lower()
    colour = "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))
    reached = colours.least(colour, papers)
    if reached < colours.ENOUGH:
        told = {
            "colour": colour, "reached": f"{reached:.1f}", "enough": colours.ENOUGH,
            "instead": colours.readable(colour, papers, towards=towards),
        }  # fmt: skip
        lighter = _("%(colour)s is too dark to read on dark paper: %(reached)s of %(enough)s. %(instead)s would do.")
        darker = _("%(colour)s is too light to read on light paper: %(reached)s of %(enough)s. %(instead)s would do.")
        raise forms.ValidationError((darker if papers is colours.LIGHT else lighter) % told)
    return colour


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def look(request: StaffRequest) -> HttpResponse:
    """Show and change how the pages look."""
    now = kept.current()
    initial = {"accent": now.accent, "accent_dark": now.accent_dark, "language": now.language}
    posted = request.method == "POST"
    form = LookForm(request.POST if posted else None, request.FILES if posted else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = kept.change(form.told, picture=form.picture, by=request.user)
        toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
        return redirect(reverse("shop:look"))
    told = {"form": form, "look": now, "logo_url": kept.shown().logo}
    return render(request, "shop/look.html", told, status=422 if form.errors else 200)


@require_GET
@login_not_required
def style(request: HttpRequest) -> HttpResponse:
    """Send what differs from the style as it comes."""
    now = kept.current()
    lasting = request.META.get("QUERY_STRING") == now.mark
    response = HttpResponse(now.stylesheet, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = FOR_EVER if lasting else "no-cache"
    return response


@require_GET
@login_not_required
def logo(_request: HttpRequest, digest: str) -> HttpResponseBase:
    """Send the logo, as the one type it was found to be."""
    now = kept.current()
    path = now.picture
    if path is None or path.stem != digest:
        raise Http404
    return FileResponse(
        path.open("rb"), content_type=now.content_type,
        headers={"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"},
    )  # fmt: skip
