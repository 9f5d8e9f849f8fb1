"""The form of the rules of who is who, every fault under its own field."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers.models import Identifier
from guanxi.identity.normal import email, read_phone
from guanxi.identity.rules import (
    ATTRIBUTES,
    BLOCKABLE,
    KINDS,
    MOST,
    MOST_BLOCKED,
    MOST_SHARED,
    USUAL,
    Rules,
    Survivorship,
)

NAMED = {
    "name": gettext_lazy("Name"),
    "gender": gettext_lazy("Gender"),
    "birthday": gettext_lazy("Birthday"),
    "place": gettext_lazy("Province, city, country"),
}
WHOLE = {
    "invalid": gettext_lazy("This is not a whole number. Write it in digits, such as 20."),
    "min_value": gettext_lazy("Too small. Give %(limit_value)s or more."),
    "max_value": gettext_lazy("Too large. Give %(limit_value)s or less."),
}
LEAST_PERCENT = 80  # likelihood below which no pair is merged without a question
SCARCE = 5  # a device is a household's at most


class RulesForm(forms.Form):
    """Rules as they are typed; `proposed` are the rules once the form is valid."""

    base = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**9)
    blocked = forms.CharField(
        label=gettext_lazy("Values that stand for nobody"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: a phone, an e-mail, or “member_card: 0001”. The shop's own and made-up ones belong here."
        ),
    )
    trusted = forms.CharField(
        label=gettext_lazy("Sources, the most trusted first"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, as they are named on a customer's page, such as “wechat”."),
    )
    threshold = forms.IntegerField(
        label=gettext_lazy("Merge probable duplicates by themselves from"),
        required=False,
        min_value=LEAST_PERCENT,
        max_value=100,
        error_messages=WHOLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("Percent of likelihood, from 80. Empty: nobody is merged without being asked about."),
    )
    shared = forms.IntegerField(
        label=gettext_lazy("Most people who may share an address, a phone or a device and still be related"),
        min_value=2,
        max_value=MOST_SHARED,
        error_messages=WHOLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("What more people share is a dormitory, a pick-up point or a company, not a family."),
    )
    provider_rules = forms.BooleanField(
        label=gettext_lazy("Take li.na+tea@gmail.com and lina@gmail.com for one letter box"),
        required=False,
        help_text=gettext_lazy("By the rules of a few providers; counts for what comes in from now on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed: Rules | None = None
        for kind in KINDS:
            label = Identifier.Kind(kind).label
            self.fields[f"joins_{kind}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"limit_{kind}"] = forms.IntegerField(
                label=_("%(kind)s: most profiles") % {"kind": label}, min_value=2, max_value=MOST, required=False,
                error_messages=WHOLE, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )  # fmt: skip
        for name in ATTRIBUTES:
            self.fields[f"shown_{name}"] = forms.ChoiceField(label=NAMED[name], choices=Survivorship.choices)

    @classmethod
    def of(cls, rules: Rules, *, base: int) -> "RulesForm":
        """Fill it with rules; `base` is the version in force by now."""
        return cls(initial={"base": base, **dict(_spelled(rules))})

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """The kinds as the template draws them."""
        return [{"joins": self[f"joins_{kind}"], "limit": self[f"limit_{kind}"]} for kind in KINDS]

    @property
    def attributes(self) -> list[Any]:
        """What is shown of several sayings, attribute by attribute."""
        return [self[f"shown_{name}"] for name in ATTRIBUTES]

    def clean_blocked(self) -> tuple[tuple[str, str], ...]:
        """Read each line in normal form; one that is no identifier is said with what stands there."""
        lines = [line.strip() for line in self.cleaned_data["blocked"].splitlines() if line.strip()]
        if len(lines) > MOST_BLOCKED:
            raise forms.ValidationError(_("These are too many. Block at most %(most)s.") % {"most": MOST_BLOCKED})
        read = [(line, _blocked(line)) for line in lines]
        wrong = [line for line, found in read if found is None]
        if wrong:
            raise forms.ValidationError(
                _("“%(line)s” is no phone, e-mail or card. Write one a line.") % {"line": wrong[0]}
            )
        return tuple(dict.fromkeys(found for _line, found in read if found))

    def clean(self) -> None:
        """Read the rules as a whole."""
        given = self.cleaned_data
        for kind in KINDS:
            name = f"limit_{kind}"
            if given.get(f"joins_{kind}") and given.get(name) is None and name not in self.errors:
                self.add_error(name, _("Nothing stands here. Say how many profiles may share one."))
        if self.errors:
            return
        rules = Rules(
            limits={kind: given[f"limit_{kind}"] for kind in KINDS if given[f"joins_{kind}"]},
            blocked=given["blocked"],
            survivorship={name: given[f"shown_{name}"] for name in ATTRIBUTES},
            trusted=tuple(dict.fromkeys(line.strip() for line in given["trusted"].splitlines() if line.strip())),
            threshold=given["threshold"],
            provider_rules=given["provider_rules"],
            shared=given["shared"],
        )
        for fault in rules.faults():
            self.add_error(None, fault)
        self.proposed = None if self.errors else rules


def _blocked(line: str) -> tuple[str, str] | None:
    kind, colon, value = line.partition(":")
    if colon and kind.strip() in BLOCKABLE:
        found = {"phone": _phone, "email": email}.get(kind.strip(), str.strip)(value.strip())
        return (kind.strip(), found) if found else None
    if "@" in line:
        address = email(line)
        return ("email", address) if address else None
    number = _phone(line)
    return ("phone", number) if number else None


def _phone(text: str) -> str | None:
    found = read_phone(text, "CN")
    return found[0] if found else None


def _spelled(rules: Rules) -> Iterator[tuple[str, Any]]:
    for kind in KINDS:
        yield f"joins_{kind}", kind in rules.limits
        yield f"limit_{kind}", rules.limits.get(kind, USUAL.get(kind, SCARCE))
    for name in ATTRIBUTES:
        yield f"shown_{name}", rules.survivorship[name]
    told = (value if kind in {"phone", "email"} else f"{kind}: {value}" for kind, value in rules.blocked)
    yield "blocked", "\n".join(told)
    yield "trusted", "\n".join(rules.trusted)
    yield "threshold", rules.threshold
    yield "provider_rules", rules.provider_rules
    yield "shared", rules.shared
