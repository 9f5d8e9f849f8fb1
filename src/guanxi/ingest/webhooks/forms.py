"""The forms of webhooks: where events go and which, and from when on what failed is sent once more."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers.models import Event
from guanxi.guard import http
from guanxi.guard.errors import BadAddress, Unreachable
from guanxi.ingest.collection.names import canonical
from guanxi.ingest.models import Webhook
from guanxi.ingest.webhooks.names import Group, groups, known
from guanxi.ingest.webhooks.sending import check_scheme

ALL, SOME = "all", "some"
MOST_NAMES = 200
LETTERS = Event._meta.get_field("name").max_length or 0  # noqa: SLF001 - Django's documented name


@dataclass(frozen=True)
class Choice:
    """A group of events as the form shows it: each name with whether it is chosen."""

    group: Group
    boxes: list[tuple[str, bool]]

    @property
    def chosen(self) -> int:
        """How many of them are."""
        return sum(is_chosen for _name, is_chosen in self.boxes)


class WebhookForm(forms.Form):
    """Where to, what for, and which events; those that sources make up are written down, one a line."""

    url = forms.URLField(
        label=gettext_lazy("Address"), max_length=2000, assume_scheme="https",
        help_text=gettext_lazy("Where the events are sent by POST, such as https://erp.example/guanxi."),
    )  # fmt: skip
    description = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=200, required=False,
        help_text=gettext_lazy("By this you find it again: the stock of the ERP, the team's chat."),
    )  # fmt: skip
    which = forms.ChoiceField(
        label=gettext_lazy("Which events"), widget=forms.RadioSelect, initial=SOME,
        choices=((SOME, gettext_lazy("The ones chosen below")), (ALL, gettext_lazy("All of them, page views as well"))),
    )  # fmt: skip
    names = forms.MultipleChoiceField(label=gettext_lazy("Events"), widget=forms.CheckboxSelectMultiple, required=False)
    whole = forms.MultipleChoiceField(required=False)  # groups of which every event is wanted
    others = forms.CharField(
        label=gettext_lazy("Events of your own"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Names that your sources send and that are not in the list, one a line."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, webhook: Webhook | None = None) -> None:
        super().__init__(data, initial=_initial(webhook))
        self.groups = list(groups())
        choices = itertools.chain.from_iterable(group.names for group in self.groups)
        self.fields["names"].choices = [(name, name) for name in choices]  # type: ignore[attr-defined]
        self.fields["whole"].choices = [(group.key, group.title) for group in self.groups]  # type: ignore[attr-defined]

    @property
    def grouped(self) -> list[Choice]:
        """The events by group, each with whether it is chosen, by itself or with its whole group."""
        now = {*(self["names"].value() or ()), *self._of_whole(self["whole"].value() or ())}
        return [Choice(group, [(name, name in now) for name in group.names]) for group in self.groups]

    def _of_whole(self, keys: Iterable[str]) -> set[str]:
        return {name for group in self.groups if group.key in keys for name in group.names}

    def clean_url(self) -> str:
        """Refuse what may not be called, with the reason; a host that is not known yet is found out by the test."""
        url: str = self.cleaned_data["url"]
        try:
            check_scheme(url)
            http.check(url)
        except BadAddress as error:
            raise forms.ValidationError(str(error)) from error
        except Unreachable:
            pass
        return url

    def clean_others(self) -> list[str]:
        """Read one name a line."""
        found = [canonical(line.strip()) for line in self.cleaned_data["others"].splitlines() if line.strip()]
        if any(len(name) > LETTERS for name in found):
            raise forms.ValidationError(_("A name has %(most)s letters at most.") % {"most": LETTERS})
        return found

    def clean(self) -> dict[str, Any]:
        """Put both kinds of names together; none at all would mean all."""
        told = super().clean() or {}
        whole = self._of_whole(told.get("whole", ()))
        wanted = sorted({*told.get("names", ()), *whole, *told.get("others", ())})
        if told.get("which") == ALL:
            wanted = []
        elif not wanted and not self.errors:
            self.add_error("names", _("Choose at least one event, or all of them."))
        elif len(wanted) > MOST_NAMES:
            self.add_error("others", _("That is more than %(most)s names. Choose all events.") % {"most": MOST_NAMES})
        self.wanted = wanted
        return told

    @property
    def told(self) -> dict[str, Any]:
        """What a webhook is made or changed by."""
        return {"url": self.cleaned_data["url"], "description": self.cleaned_data["description"], "names": self.wanted}


class ReplayForm(forms.Form):
    """From which day on what was given up is sent once more."""

    since = forms.DateField(
        label=gettext_lazy("Given up since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    @property
    def moment(self) -> dt.datetime:
        """The first moment of the day, on the reader's clock."""
        return timezone.make_aware(dt.datetime.combine(self.cleaned_data["since"], dt.time.min))


def _initial(webhook: Webhook | None) -> dict[str, Any]:
    if webhook is None:
        return {}
    every = known()
    return {
        "url": webhook.url,
        "description": webhook.description,
        "which": SOME if webhook.names else ALL,
        "names": [name for name in webhook.names if name in every],
        "others": "\n".join(name for name in webhook.names if name not in every),
    }
