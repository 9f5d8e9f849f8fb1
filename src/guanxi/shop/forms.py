"""The forms by which a shop decides about itself."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.errors import GuanxiError
from guanxi.core.money import SCALE
from guanxi.shop import kinds
from guanxi.shop.fields import in_use
from guanxi.shop.models import CustomField, Kind, Subject
from guanxi.shop.models.field import NAME

MOST_CHOICES = 100
NUMBERS = {Kind.WHOLE, Kind.DECIMAL}
CHOSEN = {Kind.CHOICE, Kind.CHOICES}
COLOURS = [
    ("0", gettext_lazy("none")), ("1", gettext_lazy("pine")), ("2", gettext_lazy("ochre")),
    ("3", gettext_lazy("sky")), ("4", gettext_lazy("brick")), ("5", gettext_lazy("plum")),
]  # fmt: skip
NO_NAME = gettext_lazy("Small Latin letters, digits and _, a letter first, such as tea_taste.")


def plain(label: Any, letters: int, **more: Any) -> forms.CharField:
    """Ask for one line of text that pages can show."""
    return forms.CharField(label=label, max_length=letters, validators=[printable], **more)


def printable(text: str) -> None:
    """Refuse what no page can show: control signs, halves of letters."""
    if not all(each.isprintable() or each in "\r\n\t" for each in text):
        raise forms.ValidationError(_("There are signs in it that cannot be shown. Type it anew."))


class FieldForm(forms.Form):
    """One field of the shop's own, new or known: its name and kind are asked for once."""

    label_zh = plain(gettext_lazy("Name in Chinese"), 60)
    label_en = plain(gettext_lazy("Name in English"), 60)
    name = forms.CharField(
        label=gettext_lazy("Name for files and programs"), max_length=40, validators=[RegexValidator(NAME, NO_NAME)],
        help_text=gettext_lazy("Small letters, digits and _. It never changes, for files and programs rely on it."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("What it holds"), choices=Kind.choices)
    choices = forms.CharField(
        label=gettext_lazy("Choices"), required=False, max_length=12_000, validators=[printable],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For choices: one a line, English | Chinese, such as: White tea | 白茶"),
    )  # fmt: skip
    least = forms.CharField(label=gettext_lazy("Least"), required=False, max_length=20)
    most = forms.CharField(label=gettext_lazy("Most"), required=False, max_length=20)
    help_zh = plain(gettext_lazy("Hint in Chinese"), 200, required=False)
    help_en = plain(gettext_lazy("Hint in English"), 200, required=False)
    is_required = forms.BooleanField(label=gettext_lazy("Cannot be emptied once it is edited"), required=False)
    is_personal = forms.BooleanField(
        label=gettext_lazy("Personal: sealed, masked by role, shown only for a reason"), required=False,
        help_text=gettext_lazy("A personal field cannot narrow a list. This never changes."),
    )  # fmt: skip

    def __init__(self, subject: str, data: Any = None, *, field: CustomField | None = None) -> None:
        initial = _told_of(field) if field else {}
        super().__init__(data, initial=initial)
        self.subject, self.field = subject, field
        self.fields["least"].help_text = _("Of numbers the value, of texts the letters.")
        if field:
            for name in ("name", "kind", "is_personal"):
                del self.fields[name]

    @property
    def holds(self) -> Kind | None:
        """What the field holds."""
        word = self.field.kind if self.field else self.cleaned_data.get("kind")
        return Kind(word) if word else None

    def clean_name(self) -> str:
        """Refuse a name that is taken, by a retired field too."""
        name: str = self.cleaned_data["name"]
        if CustomField.objects.filter(subject=self.subject, name=name).exists():
            raise forms.ValidationError(_("There is a field of this name. Choose another, or restore that one."))
        return name

    def clean(self) -> dict[str, Any]:
        """Read the limits and the choices by what the field holds."""
        told, kind = self.cleaned_data, self.holds
        if kind is None:
            return told
        told["choices"] = self._choices(told.get("choices", "")) if kind in CHOSEN else []
        for end in ("least", "most"):
            told[end] = self._end(end, kind)
        if None not in (told["least"], told["most"]) and told["least"] > told["most"]:
            self.add_error("most", _("The most is below the least. Give a larger number."))
        return told

    @property
    def told(self) -> dict[str, Any]:
        """What the form says of the field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "name"}

    def _end(self, end: str, kind: Kind) -> int | None:
        text = str(self.cleaned_data.get(end) or "").strip()
        if not text or kind in {Kind.DATE, Kind.CHILD, Kind.YES_NO, *CHOSEN}:
            return None
        shape = CustomField(kind=Kind.DECIMAL if kind == Kind.DECIMAL else Kind.WHOLE)
        try:
            number = kinds.read(shape, [text])[0].number
        except GuanxiError as error:
            self.add_error(end, str(error))
            return None
        if number is not None and kind not in NUMBERS and not 0 <= number <= kinds.LETTERS[kind]:
            self.add_error(end, _("Give a count of letters from 0 to %(most)s.") % {"most": kinds.LETTERS[kind]})
            return None
        return number

    def _choices(self, text: str) -> list[dict[str, str]]:
        """Read one choice a line; one that is known keeps its key, so that values keep their meaning."""
        known = self.field.choices if self.field else []
        found: list[dict[str, str]] = []
        for line in filter(None, map(str.strip, text.splitlines())):
            en, _bar, zh = (part.strip() for part in line.partition("|"))
            en, zh = en or zh, zh or en
            if len(en) > 60 or len(zh) > 60:
                self.add_error(
                    "choices", _("“%(text)s” is longer than 60 letters. Make it shorter.") % {"text": line[:40]}
                )
                return known
            found.append({"key": _key(en, zh, known, found), "en": en, "zh": zh})
        fault = self._choices_fault(found, known)
        if fault:
            self.add_error("choices", fault)
        return found

    def _choices_fault(self, found: Sequence[dict[str, str]], known: Sequence[dict[str, str]]) -> str:
        if not 2 <= len(found) <= MOST_CHOICES:
            return _("Give 2 to %(most)s choices, one a line.") % {"most": MOST_CHOICES}
        if any(len({each[word].casefold() for each in found}) < len(found) for word in ("en", "zh")):
            return _("Two choices are called the same. Give each its own name.")
        gone = {each["key"] for each in known} - {each["key"] for each in found}
        used = in_use(self.field, sorted(gone)) if self.field else []
        titles = {each["key"]: each["en"] for each in known}
        said = _("“%(choice)s” is in use, so it stays. Rename it by putting the new name in its line instead.")
        return said % {"choice": titles[used[0]]} if used else ""


def lines_of(choices: Sequence[dict[str, str]]) -> str:
    """Write choices one a line, as the form takes them."""
    return "\n".join(f"{each['en']} | {each['zh']}" for each in choices)


def _told_of(field: CustomField) -> dict[str, Any]:
    names = ("label_zh", "label_en", "help_zh", "help_en", "is_required")
    ends = {end: kinds.bound(field, getattr(field, end)) for end in ("least", "most")}
    return {**{name: getattr(field, name) for name in names}, **ends, "choices": lines_of(field.choices)}


def _key(en: str, zh: str, known: Sequence[dict[str, str]], found: Sequence[dict[str, str]]) -> str:
    """Find the key a choice has, by either name or by its line, or make one of its English name."""
    taken = {each["key"] for each in found}
    for each in known:
        if each["key"] not in taken and (each["en"] == en or each["zh"] == zh):
            return str(each["key"])
    base = re.sub(r"[^a-z0-9]+", "_", en.casefold()).strip("_")[:40] or "choice"
    taken |= {each["key"] for each in known}
    return next(key for nth in range(1, len(taken) + 2) if (key := base if nth == 1 else f"{base}_{nth}") not in taken)


class ValueForm(forms.Form):
    """One field of one record: what it says now, and what it is to say."""

    def __init__(self, field: CustomField, told: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        self.field = field
        shown: Any = list(told) if field.kind == Kind.CHOICES else next(iter(told), "")
        self.fields["value"] = forms.Field(
            label=field.label, required=False, widget=widget_of(field), help_text=field.help,
            initial=None if field.is_personal else shown,
        )  # fmt: skip
        if field.is_personal and told:
            said = _("Now %(value)s. Left empty, it stays.") % {"value": kinds.masked(told)}
            self.fields["value"].help_text = said
            if not field.is_required:
                self.fields["clear"] = forms.BooleanField(label=_("Empty it"), required=False)

    @property
    def texts(self) -> list[str]:
        """What was typed."""
        value = self.cleaned_data.get("value")
        return [str(each) for each in value] if isinstance(value, list) else [str(value or "")]

    @property
    def stays(self) -> bool:
        """Whether a masked value was left as it is."""
        return self.field.is_personal and not "".join(self.texts).strip() and not self.cleaned_data.get("clear")


def widget_of(field: CustomField) -> forms.Widget:
    """Give what a value is typed into."""
    titles = list(field.titles.items())
    yes_no = [("", _("Not given")), ("yes", _("Yes")), ("no", _("No"))]
    step = "0.0001" if field.kind == Kind.DECIMAL else "1"
    ends = {name: str(end) for name, end in _ends(field).items() if end is not None}
    widgets: dict[Kind, forms.Widget] = {
        Kind.TEXT: forms.TextInput(attrs={"maxlength": 200}),
        Kind.LONG: forms.Textarea(attrs={"rows": 4, "maxlength": 4000}),
        Kind.WHOLE: forms.NumberInput(attrs={"step": step, **ends}),
        Kind.DECIMAL: forms.NumberInput(attrs={"step": step, **ends}),
        Kind.DATE: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        Kind.CHILD: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        Kind.YES_NO: forms.Select(choices=yes_no),
        Kind.CHOICE: forms.Select(choices=[("", _("Not given")), *titles]),
        Kind.CHOICES: forms.CheckboxSelectMultiple(choices=titles),
        Kind.LINK: forms.URLInput(attrs={"maxlength": 500}),
    }
    return widgets[Kind(field.kind)]


def _ends(field: CustomField) -> dict[str, Any]:
    scale = SCALE if field.kind == Kind.DECIMAL else 1
    return {name: None if end is None else end / scale if scale > 1 else end
            for name, end in (("min", field.least), ("max", field.most))}  # fmt: skip


SUBJECTS = dict(Subject.choices)
