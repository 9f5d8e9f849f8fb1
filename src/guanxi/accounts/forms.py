"""The forms by which people come in and say how they want to see things."""

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, password_validation
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from guanxi.accounts import factors, passkeys
from guanxi.accounts.models import RoleRules, SignInAttempt, Staff, TooManyAttempts, sign_in_form
from guanxi.accounts.roles import EVERYONE, FIELDS, PERMISSIONS, Field, Level, Permission, Role
from guanxi.accounts.scopes import SCOPES
from guanxi.accounts.zones import ZoneInput


def _password(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, widget=widget, **options)


def _code(label: Any, **options: Any) -> forms.CharField:
    told = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=told), **options)


def _counted(name: str, request: HttpRequest) -> SignInAttempt:
    try:
        return SignInAttempt.count(name, request.META.get("REMOTE_ADDR"))
    except TooManyAttempts as error:
        raise forms.ValidationError(str(error)) from error


def _right(request: Any, password: str) -> str:
    attempt = _counted(request.user.sign_in_name, request)
    if not request.user.check_password(password):
        request.user.note("refused", request)
        raise forms.ValidationError(_("The password is wrong."))
    attempt.succeed()
    return password


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
        attempt = _counted(name, self.request)
        staff = authenticate(self.request, username=name, password=password)
        if not isinstance(staff, Staff):
            for known in Staff.objects.filter(sign_in_name=sign_in_form(name)):
                known.note("refused", self.request)
            raise forms.ValidationError(_("The sign-in name or the password is wrong."))
        attempt.succeed()
        self.staff = staff
        return self.cleaned_data


class CodeForm(forms.Form):
    """The second step of signing in: a code of the app, or a recovery code."""

    code = _code(_("Code"), help_text=_("Six digits from your app, or one of your recovery codes."))

    def __init__(self, *args: Any, request: HttpRequest | None = None, staff: Staff | None = None) -> None:
        super().__init__(*args)
        self.request, self.staff = request, staff

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then spend the code."""
        code = self.cleaned_data.get("code")
        if code and self.request and self.staff:
            attempt = _counted(f"second factor of {self.staff.pk}", self.request)
            if not factors.spend(self.staff, code):
                self.staff.note("code_refused", self.request)
                raise forms.ValidationError(_("This code is not right, or was used already."))
            attempt.succeed()
        return self.cleaned_data


class Answer(forms.HiddenInput):
    """What a browser answers for a passkey; it holds once, so a form that comes back is without it."""

    def format_value(self, value: Any) -> str | None:
        """Draw nothing."""
        return None


class PasskeyForm(forms.Form):
    """What a browser answers for a passkey; `staff` is whose it has to be, and is afterwards whose it is."""

    credential = forms.CharField(widget=Answer, max_length=50_000)

    def __init__(self, *args: Any, request: HttpRequest | None = None, staff: Staff | None = None) -> None:
        super().__init__(*args)
        self.request, self.staff = request, staff

    def clean_credential(self) -> str:
        """Look whose passkey it is; the attempt is counted."""
        answer: str = self.cleaned_data["credential"]
        if self.request:
            try:
                self.staff = passkeys.proven(self.request, answer, self.staff)
            except (passkeys.NotProven, TooManyAttempts) as error:
                raise forms.ValidationError(str(error)) from error
        return answer


class PasskeyNameForm(forms.Form):
    """What somebody calls a passkey, to know it again."""

    name = forms.CharField(label=_("What you call it"), max_length=passkeys.LONGEST_NAME)


class NewPasskeyForm(PasskeyNameForm):
    """A new passkey: its name, and what the browser answers."""

    credential = forms.CharField(widget=Answer, max_length=50_000)


class SetUpForm(forms.Form):
    """The code by which an app proves that it has the secret."""

    # Focused at once, it would scroll past the passkeys that stand above.
    code = _code(_("Code the app shows now"))


class ConfirmForm(forms.Form):
    """The password of whoever is signed in, once more."""

    password = _password(_("Password"), "current-password")

    def __init__(self, *args: Any, request: Any) -> None:
        super().__init__(*args)
        self.request = request
        self.fields["password"].widget.attrs["autofocus"] = True

    def clean_password(self) -> str:
        """Count the attempt, then look at the password."""
        return _right(self.request, self.cleaned_data["password"])


class PasswordForm(forms.Form):
    """A new password; `staff` is who chooses it, where they are known already."""

    password = _password(_("Password"), "new-password", help_text=_("At least ten characters."))

    def __init__(self, *args: Any, staff: Staff | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is easy to guess from the rest."""
        if password := self.cleaned_data.get("password"):
            names = {name: self.cleaned_data.get(name, "") for name in ("sign_in_name", "display_name")}
            try:
                password_validation.validate_password(password, self.staff or Staff(**names))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class JoinForm(PasswordForm):
    """What somebody new says about themselves: the first owner, or whoever was invited."""

    field_order = ("display_name", "sign_in_name", "password", "time_zone")

    display_name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        help_text=_("An e-mail address or a short name; you sign in with it."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
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


class RevealForm(forms.Form):
    """What of a record somebody needs to see, and why; `why` is what the access log keeps."""

    REASONS = (
        ("call", _("They asked to be called or written to")),
        ("delivery", _("The parcel: address, courier, recipient")),
        ("service", _("A complaint, a return or a refund")),
        ("same", _("Whether it is the same person")),
        ("rights", _("They asked for their own data")),
        ("other", _("Something else")),
    )

    fields_asked = forms.MultipleChoiceField(label=_("Which fields"), widget=forms.CheckboxSelectMultiple)
    reason = forms.ChoiceField(label=_("Why"), choices=REASONS, widget=forms.RadioSelect)
    words = forms.CharField(label=_("In a few words"), max_length=200, required=False)

    def __init__(self, choices: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields["fields_asked"]
        asked.choices, asked.initial = list(choices.items()), list(choices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason is none of the usual ones."""
        if self.cleaned_data.get("reason") == "other" and len(self.cleaned_data.get("words", "").strip()) < 4:
            self.add_error("words", _("Say in a few words what it is for; it is kept in the access log."))
        return self.cleaned_data

    @property
    def why(self) -> str:
        """The reason as it is kept: the usual one by its word, with what was added to it."""
        reason, words = self.cleaned_data["reason"], self.cleaned_data["words"].strip()
        return words if reason == "other" else f"{reason}: {words}" if words else reason


class RoleForm(forms.Form):
    """The role of a member of staff."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class InviteForm(RoleForm):
    """Who is invited, and under which role."""

    field_order = ("display_name", "role")

    display_name = forms.CharField(label=_("Name"), max_length=100, widget=forms.TextInput(attrs={"autofocus": True}))


class SecondFactorRuleForm(forms.Form):
    """Whether owners need a second factor."""

    required = forms.TypedChoiceField(
        label=_("Owners sign in with"),
        choices=((1, _("a password and a second factor")), (0, _("a password; a second factor is up to them"))),
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )


class RolesForm(forms.Form):
    """Every permission and every field, by role; the owner's column stands as it is."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.allowed = {role: RoleRules.allowed_to(role, RoleRules.departures_of(role)) for role in EVERYONE}
        for role in EVERYONE:
            for each in PERMISSIONS:
                may = each.name in self.allowed[role]
                self.fields[f"{role}:{each.name}"] = forms.BooleanField(required=False, initial=may)
            for field in FIELDS:
                levels = [(level.value, level.label) for level in field.levels]
                level = field.level_of(self.allowed[role])
                self.fields[f"{role}:{field.name}"] = forms.ChoiceField(choices=levels, initial=level)

    @property
    def roles(self) -> list[Role]:
        """The roles whose columns can be changed."""
        return list(EVERYONE)

    @property
    def groups(self) -> list[tuple[Any, list[tuple[Permission, list[Any]]]]]:
        """The permissions by group, each with a box a role."""
        groups: dict[str, list[tuple[Permission, list[Any]]]] = {}
        for each in PERMISSIONS:
            groups.setdefault(str(each.group), []).append((each, self._row(each.name, each.title)))
        return list(groups.items())

    @property
    def personal(self) -> list[tuple[Field, list[Any]]]:
        """The fields, each with a choice a role."""
        return [(each, self._row(each.name, each.title)) for each in FIELDS]

    def save(self, *, by: Staff) -> int:
        """Write what differs, role by role, and say how many permissions that were."""
        return sum(len(RoleRules.change(role, self._wanted(role), by=by)) for role in EVERYONE)

    def _row(self, name: str, title: Any) -> list[Any]:
        bound = [self[f"{role}:{name}"] for role in EVERYONE]
        for role, box in zip(EVERYONE, bound, strict=True):
            box.field.widget.attrs["aria-label"] = f"{role.label}: {title}"
        return bound

    def _wanted(self, role: Role) -> dict[str, bool]:
        told = {each.name: bool(self.cleaned_data[f"{role}:{each.name}"]) for each in PERMISSIONS}
        for field in FIELDS:
            told |= field.allows(Level(self.cleaned_data[f"{role}:{field.name}"]))
        return told


class OwnPasswordForm(PasswordForm):
    """A new password, for which the old one is asked."""

    field_order = ("old", "password")

    old = _password(_("Password until now"), "current-password")

    def __init__(self, *args: Any, request: Any) -> None:
        super().__init__(*args, staff=request.user)
        self.request = request
        self.fields["password"].label = _("New password")

    def clean_old(self) -> str:
        """Count the attempt, then look at the password."""
        return _right(self.request, self.cleaned_data["old"])


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


class ProfileForm(TimeZoneForm):
    """How somebody is called, and how they want to read."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the browser asks")), *settings.LANGUAGES]
    )

    class Meta:
        model = Staff
        fields = ["display_name", "language", "time_zone", "letter_keys"]
        widgets = {"time_zone": ZoneInput}
        help_texts = {"time_zone": _("Type a city, and take what is offered. Empty is UTC.")}


class KeyForm(forms.Form):
    """A key of the API: what it is called, what it is for, how long and how often it opens."""

    DAYS = ((30, _("30 days")), (90, _("90 days")), (365, _("a year")))
    RATES = ((60, "60"), (600, "600"), (6_000, "6,000"), (60_000, "60,000"))

    name = forms.CharField(label=_("Name of the key"), max_length=100, help_text=_("The program that will use it."))
    scopes = forms.MultipleChoiceField(
        label=_("What it is for"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(each.name, each.title) for each in SCOPES.values()],
    )
    days = forms.TypedChoiceField(label=_("Opens for"), choices=DAYS, coerce=int, initial=90)
    per_minute = forms.TypedChoiceField(label=_("Calls a minute, at most"), choices=RATES, coerce=int, initial=600)
