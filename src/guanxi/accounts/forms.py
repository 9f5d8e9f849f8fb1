"""The forms by which people come in and say how they want to see things."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.models import SignInAttempt, Staff, TooManyAttempts, sign_in_form


def _password(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, widget=widget, **options)


class SignInForm(forms.Form):
    """A sign-in name and its password; `staff` is who they belong to."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = _password(_("Password"), "current-password")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.staff: Staff | None = None

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then look at the password; the answer to a wrong name and a wrong password is the same."""
        name, password = self.cleaned_data.get("sign_in_name"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        try:
            attempt = SignInAttempt.count(name, self.request.META.get("REMOTE_ADDR"))
        except TooManyAttempts as error:
            raise forms.ValidationError(str(error)) from error
        staff = authenticate(self.request, username=name, password=password)
        if not isinstance(staff, Staff):
            raise forms.ValidationError(_("The sign-in name or the password is wrong."))
        attempt.succeed()
        self.staff = staff
        return self.cleaned_data


class OwnerForm(forms.Form):
    """What the first owner says about themselves."""

    display_name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        help_text=_("An e-mail address or a short name; you sign in with it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = _password(_("Password"), "new-password", help_text=_("At least ten characters."))
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-gx-zone": True}))

    def clean_time_zone(self) -> str:
        """Take the browser's zone where it is one; it can be chosen later."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in zoneinfo.available_timezones() else ""

    def clean_sign_in_name(self) -> str:
        """Bring the name into its stored form, and refuse one that is taken."""
        name = sign_in_form(self.cleaned_data["sign_in_name"])
        if Staff.objects.filter(sign_in_name=name).exists():
            raise forms.ValidationError(_("Somebody signs in under this name already. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is easy to guess from the rest."""
        if password := self.cleaned_data.get("password"):
            names = {name: self.cleaned_data.get(name, "") for name in ("sign_in_name", "display_name")}
            try:
                password_validation.validate_password(password, Staff(**names))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class TimeZoneForm(forms.ModelForm[Staff]):
    """The zone in which somebody reads times; language and appearance are chosen in the shell."""

    class Meta:
        model = Staff
        fields = ["time_zone"]

    def clean_time_zone(self) -> str:
        """Accept the names of the IANA database."""
        zone: str = self.cleaned_data["time_zone"]
        if zone and zone not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("There is no time zone of this name; write one such as Asia/Shanghai."))
        return zone
