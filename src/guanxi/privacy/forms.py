"""The forms by which a shop decides what it asks for, keeps and forgets."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Channel, Purpose
from guanxi.shop.forms import printable


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
