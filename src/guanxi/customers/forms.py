"""The forms by which staff write about people."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers import doubts
from guanxi.customers.by_hand import Told, carrier_of
from guanxi.customers.faces import Face, hidden_from
from guanxi.customers.finding import emails, phones
from guanxi.customers.models import Customer, Gender, Identifier, Proof, Wording
from guanxi.customers.models.wording import WordingQuerySet
from guanxi.pages.panels import Viewer

GENDERS = [("", gettext_lazy("Not given")), *Gender.choices]
OLDEST = 125  # years: nobody is known to have been older


class CustomerForm(forms.Form):
    """A person, new or known. What is masked is never filled in: left empty, it stays as it is.

    Whose a phone or an e-mail is already, the form tells a `reader` whose role sees those, and nobody else. One that
    `asks` has a doubtful e-mail confirmed: what was typed is kept where it is sent again.
    """

    reader: Viewer | None = None
    asks = False

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"type": "email"})
    )
    gender = forms.ChoiceField(label=gettext_lazy("Gender"), choices=GENDERS, required=False)
    birthday = forms.DateField(
        label=gettext_lazy("Birthday"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    province = forms.CharField(label=gettext_lazy("Province"), max_length=100, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    country = forms.CharField(label=gettext_lazy("Country"), max_length=100, required=False)

    def __init__(
        self,
        *args: Any,
        customer: Customer | None = None,
        face: Face | None = None,
        claims: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.claims = customer, claims
        told = (
            {"name": face.name if customer and customer.name else "", "phone": face.phone, "email": face.email}
            if (face)
            else {}
        )
        for name, now in told.items():
            if now:
                self.fields[name].help_text = _("Now %(value)s. Left empty, it stays.") % {"value": now}
        if not told.get("phone"):
            self.fields["phone"].help_text = _("A number from abroad starts with its country's code, such as +44.")

    @classmethod
    def of(cls, customer: Customer, face: Face, data: Any = None) -> "CustomerForm":
        """Fill the form with what may be seen of a customer."""
        seen = {name: getattr(customer, name) for name in ("gender", "birthday", "province", "city", "country")}
        return cls(data, customer=customer, face=face, initial=seen)

    @classmethod
    def one(cls, customer: Customer, face: Face, attribute: str, data: Any = None) -> "CustomerForm":
        """Ask for one attribute alone."""
        form = cls.of(customer, face, data)
        form.fields = {attribute: form.fields[attribute]}
        form.fields[attribute].help_text = form.fields[attribute].help_text if attribute == "name" else ""
        return form

    @property
    def told(self) -> Told:
        """What the form says of the person."""
        return Told(**self.cleaned_data)

    def clean_phone(self) -> str:
        """Bring a phone into E.164; refuse one that is none, or somebody else's."""
        text = self.cleaned_data["phone"].strip()
        return self._unclaimed(Identifier.Kind.PHONE, phones(text)[:1], text)

    def clean_email(self) -> str:
        """Bring an e-mail address into its normal form; refuse one that is none, or somebody else's."""
        text = self.cleaned_data["email"].strip()
        read = emails(text)
        meant = doubts.meant(Identifier.Kind.EMAIL, read[0]) if self.asks and read else ""
        if meant and self.data.get("email_instead") == meant:
            return self._unclaimed(Identifier.Kind.EMAIL, [meant], text)
        if meant and self.data.get("email_kept") != read[0]:
            raise forms.ValidationError(_doubted(read[0], meant))
        return self._unclaimed(Identifier.Kind.EMAIL, read, text)

    def clean_birthday(self) -> Any:
        """Refuse a birthday that is still to come, or of nobody alive."""
        day, today = self.cleaned_data["birthday"], timezone.localdate()
        if day and day > today:
            raise forms.ValidationError(_("This day is still to come. Give the day of birth."))
        if day and today.year - day.year > OLDEST:
            raise forms.ValidationError(_("Nobody is this old. Look at the year once more."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for something by which a new customer can be recognised."""
        given = self.cleaned_data
        if not self.customer and not self.errors and not any(given.get(name) for name in ("name", "phone", "email")):
            raise forms.ValidationError(
                _("Give a name, a phone or an e-mail, so that the customer can be found again.")
            )
        return given

    def _unclaimed(self, kind: str, read: list[str], text: str) -> str:
        if not text:
            return ""
        if not read:
            raise forms.ValidationError(_NO_NUMBER if kind == Identifier.Kind.PHONE else _NO_ADDRESS)
        carrier = carrier_of(kind, read[0]) if self.claims else None
        if carrier and (not self.customer or carrier.pk != self.customer.pk):
            raise forms.ValidationError(_HAD if kind in hidden_from(self.reader) else _taken(carrier))
        return read[0]


class NoteForm(forms.Form):
    """One remark."""

    text = forms.CharField(
        label=gettext_lazy("New note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )


WAYS = {
    "counter": gettext_lazy("said so in the shop"),
    "call": gettext_lazy("said so on the phone"),
    "message": gettext_lazy("wrote it in a message"),
    "paper": gettext_lazy("signed on paper"),
    "checkout": gettext_lazy("ticked it at checkout"),
    "staff": gettext_lazy("written down by staff"),
}


class ConsentForm(forms.Form):
    """How a person said that they agree, and what proves it."""

    source = forms.ChoiceField(choices=list(WAYS.items()))
    proof = forms.CharField(max_length=500, required=False, strip=True)
    wording = forms.CharField(max_length=40, required=False)

    def __init__(self, data: Any = None, *, asks: WordingQuerySet) -> None:
        super().__init__(data)
        self.asks = asks

    def clean_wording(self) -> Wording | None:
        """Find the words that were agreed to; none where nobody said."""
        key = self.cleaned_data["wording"]
        found = self.asks.keyed(key) if key else None
        if key and found is None:
            raise forms.ValidationError(_("No such words ask for this. Choose one that is kept here."))
        return found

    @property
    def proven(self) -> Proof:
        """What proves it."""
        return Proof(self.cleaned_data["proof"], self.cleaned_data["wording"])


class TagForm(forms.Form):
    """One word."""

    name = forms.CharField(label=gettext_lazy("Tag"), max_length=60, strip=True)


_HAD = gettext_lazy("Another customer has this already.")
_NO_NUMBER = gettext_lazy("This is no phone number. Write it whole, with the country's code where it is from abroad.")
_NO_ADDRESS = gettext_lazy("This is no e-mail address. Write it whole, such as lin@example.com.")


def _doubted(typed: str, meant: str) -> str:
    """Offer what was probably meant; the form keeps what was typed, and saving once more takes it."""
    return format_html(
        '{} <button type="submit" class="gx-btn gx-btn-small" name="email_instead" value="{}">{}</button> {}'
        '<input type="hidden" name="email_kept" value="{}">',
        _("Did you mean %(address)s?") % {"address": meant},
        meant,
        _("Use %(address)s") % {"address": meant},
        _("Saving once more keeps what you typed."),
        typed,
    )


def _taken(carrier: Customer) -> str:
    return format_html(
        '{} <a href="{}">{}</a>',
        _HAD,
        reverse("customers:customer", kwargs={"customer_id": carrier.pk}),
        _("Open that customer"),
    )
