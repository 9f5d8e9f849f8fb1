"""The forms by which a shop decides what it asks for, keeps and forgets."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.accounts.forms import ConfirmForm, RevealForm
from guanxi.customers.models import Channel, Customer, Purpose
from guanxi.privacy.models import Reason
from guanxi.shop.forms import printable

FEWEST_DAYS = 30


class WordingForm(forms.Form):
    """The words that ask for one channel and purpose in one language."""

    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = forms.CharField(
        label=_("Wording"), max_length=2000, validators=[printable], widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("As people read it before they agree. It never changes; other words become the next version."),
    )  # fmt: skip

    @property
    def told(self) -> dict[str, Any]:
        """What was said, as the verb takes it."""
        told = self.cleaned_data
        return {"text": told["text"], "about": (told["channel"], told["purpose"]), "language": told["language"]}


class WhyForm(RevealForm):
    """Why somebody needs the copy of a person."""

    fields_asked = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        forms.Form.__init__(self, *args, **kwargs)


class RetentionForm(forms.Form):
    """For how long something is kept, and whether the rule runs."""

    days = forms.IntegerField(
        label=_("Days kept"), min_value=FEWEST_DAYS, max_value=36_500,
        help_text=_("At least 30. A rule that never ran deletes nothing before the first night."),
    )  # fmt: skip
    is_on = forms.BooleanField(label=_("Run every night"), required=False)


class EraseForm(ConfirmForm):
    """Why somebody is erased for good, their number typed once more, and the password of whoever does it."""

    field_order = ("reason", "typed", "password")

    reason = forms.ChoiceField(
        label=_("Why"), choices=[each for each in Reason.choices if each[0] != Reason.RETENTION],
        widget=forms.RadioSelect,
    )  # fmt: skip
    typed = forms.CharField(label=_("Their number, typed once more"), max_length=40)

    def __init__(self, *args: Any, request: Any, customer: Customer) -> None:
        super().__init__(*args, request=request)
        self.customer = customer
        del self.fields["password"].widget.attrs["autofocus"]
        self.fields["typed"].help_text = customer.public_id
        self.fields["typed"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_typed(self) -> str:
        """Compare."""
        typed = str(self.cleaned_data["typed"]).strip()
        if typed.casefold() != self.customer.public_id.casefold():
            raise forms.ValidationError(_("This is another number. Type the one of this customer."))
        return typed
