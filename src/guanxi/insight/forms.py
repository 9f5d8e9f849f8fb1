"""The form of the rules: three dimensions and two to six classes, every fault under its own field."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.core.money import exponent
from guanxi.insight.scheme import (
    ALL_TIME_DAYS,
    BANDS,
    DIMENSIONS,
    HIGHEST_POINTS,
    LARGEST,
    MOST_CLASSES,
    NAME_LETTERS,
    Dimension,
    RfmClass,
    Scheme,
    titles,
)

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
QUINTILES, FIXED = "quintiles", "fixed"
METHODS = [(QUINTILES, gettext_lazy("fifths of the buyers")), (FIXED, gettext_lazy("fixed limits"))]
HUNDRED = Decimal(100)
WHOLE = {
    "required": gettext_lazy("Nothing stands here. Give a whole number."),
    "invalid": gettext_lazy("This is not a whole number. Write it in digits, such as 30."),
    "min_value": gettext_lazy("Too small. Give %(limit_value)s or more."),
    "max_value": gettext_lazy("Too large. Give %(limit_value)s or less."),
}
BROKEN = {
    **WHOLE,
    "required": gettext_lazy("Nothing stands here. Give a number."),
    "invalid": gettext_lazy("This is not a number. Write it in digits, such as 3.5."),
    "max_digits": gettext_lazy("Too many digits. Give a shorter number."),
    "max_whole_digits": gettext_lazy("Too large. Give a smaller number."),
    "max_decimal_places": gettext_lazy("Too many decimals. Give at most %(max)s."),
}


class SchemeForm(forms.Form):
    """Rules as they are typed; `proposed` are the rules once the form is valid."""

    base = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**9)

    def __init__(self, data: Any = None, *, currency: str, count: int, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        self.currency, self.count = currency, count
        self.proposed: Scheme | None = None
        for name in DIMENSIONS:
            self.fields.update(self._dimension_fields(name))
        for nth in range(1, count + 1):
            self.fields.update(_class_fields(nth, is_last=nth == count))

    @classmethod
    def of(cls, scheme: Scheme, *, base: int, currency: str) -> "SchemeForm":
        """Fill it with rules; `base` is the version in force by now."""
        return cls(
            currency=currency, count=len(scheme.classes), initial={"base": base, **dict(_spelled(scheme, currency))}
        )

    @classmethod
    def typed(cls, data: Mapping[str, str], *, currency: str) -> "SchemeForm":
        """Take what was typed."""
        return cls(data, currency=currency, count=_count(data), initial={})

    @classmethod
    def rearranged(cls, data: Mapping[str, str], act: str, *, currency: str) -> "SchemeForm":
        """Keep what was typed, with one class more (`add`) or without one (`remove-2`); nothing is judged yet."""
        rows = [{part: data.get(f"class_{nth}_{part}", "") for part in PARTS} for nth in range(1, _count(data) + 1)]
        verb, _dash, place = act.partition("-")
        if verb == "add" and len(rows) < MOST_CLASSES:
            rows.insert(len(rows) - 1, dict.fromkeys(PARTS, ""))
        elif verb == "remove" and len(rows) > 2 and place.isdecimal() and 0 < int(place[:3]) <= len(rows):
            del rows[int(place[:3]) - 1]
        kept = {name: value for name, value in data.items() if not name.startswith("class_")}
        initial = kept | {f"class_{nth}_{part}": row[part] for nth, row in enumerate(rows, 1) for part in PARTS}
        return cls(currency=currency, count=len(rows), initial=initial)

    @property
    def dimensions(self) -> list[dict[str, Any]]:
        """The dimensions as the template draws them."""
        return [
            {
                "title": titles()[name],
                "name": name,
                **{part: self[f"{name}_{part}"] for part in ("weight", "window", "method")},
                "limits": [self[f"{name}_limit_{nth}"] for nth in range(1, BANDS)],
            }
            for name in DIMENSIONS
        ]

    @property
    def classes(self) -> list[dict[str, Any]]:
        """The classes as the template draws them; the last begins nowhere."""
        return [
            {
                "nth": nth,
                "key": self[f"class_{nth}_key"],
                "zh": self[f"class_{nth}_zh"],
                "en": self[f"class_{nth}_en"],
                "from": self[f"class_{nth}_from"] if nth < self.count else None,
            }
            for nth in range(1, self.count + 1)
        ]

    @property
    def may_grow(self) -> bool:
        """Whether there is room for one class more."""
        return self.count < MOST_CLASSES

    @property
    def may_shrink(self) -> bool:
        """Whether a class may go."""
        return self.count > 2

    def clean(self) -> None:
        """Read the rules as a whole, and put each of their faults under the field it is about."""
        given = self.cleaned_data
        for name in DIMENSIONS:
            if given.get(f"{name}_method") == FIXED:
                self._need_limits(name)
        if self.errors:
            return
        scheme = Scheme(**{name: self._dimension(name) for name in DIMENSIONS}, classes=tuple(self._classes()))
        for fault in scheme.faults():
            self.add_error(_field_of(fault.place), str(fault))
        self.proposed = None if self.errors else scheme

    def _need_limits(self, name: str) -> None:
        for field in (f"{name}_limit_{nth}" for nth in range(1, BANDS)):
            if self.cleaned_data.get(field) is None and field not in self.errors:
                self.add_error(field, _("Nothing stands here. Give all four limits, or let the buyers set them."))

    def _dimension(self, name: str) -> Dimension:
        given = self.cleaned_data
        limits = [self._whole(name, given[f"{name}_limit_{nth}"]) for nth in range(1, BANDS)]
        return Dimension(
            weight_percent=given[f"{name}_weight"],
            window_days=given[f"{name}_window"],
            limits=tuple(limits) if given[f"{name}_method"] == FIXED else None,  # type: ignore[arg-type]
        )

    def _whole(self, name: str, value: Any) -> int:
        return int(value.scaleb(exponent(self.currency))) if name == "monetary" and value is not None else value or 0

    def _classes(self) -> Iterator[RfmClass]:
        keys = [self.cleaned_data[f"class_{nth}_key"] for nth in range(1, self.count + 1)]
        free = (key for nth in range(1, 1_000) if (key := f"class_{nth}") not in keys)
        for nth, key in enumerate(keys, 1):
            given = {part: self.cleaned_data[f"class_{nth}_{part}"] for part in ("zh", "en")}
            score = self.cleaned_data[f"class_{nth}_from"] if nth < self.count else Decimal(0)
            yield RfmClass(
                key=key if KEY.fullmatch(key) else next(free),
                from_points=int(score * HUNDRED),
                name_zh=given["zh"],
                name_en=given["en"],
            )

    def _dimension_fields(self, name: str) -> dict[str, forms.Field]:
        places = exponent(self.currency) if name == "monetary" else 0
        return {
            f"{name}_weight": _whole_field(_("Weight of %(name)s") % {"name": titles()[name]}, most=100, least=0),
            f"{name}_window": _whole_field(
                _("Window of %(name)s") % {"name": titles()[name]}, most=ALL_TIME_DAYS, required=False
            ),
            f"{name}_method": forms.ChoiceField(
                choices=METHODS, label=_("Bands of %(name)s") % {"name": titles()[name]}
            ),
            **{f"{name}_limit_{nth}": _limit_field(name, nth, places) for nth in range(1, BANDS)},
        }


PARTS = ("key", "zh", "en", "from")


def _limit_field(name: str, nth: int, places: int) -> forms.Field:
    label = _("%(name)s: limit %(nth)s") % {"name": titles()[name], "nth": nth}
    if name != "monetary":
        return _whole_field(label, most=LARGEST[name], least=0, required=False)
    most = Decimal(LARGEST[name]).scaleb(-places)
    return _broken_field(label, most=most, least=Decimal(0), places=places, required=False)


def _class_fields(nth: int, *, is_last: bool) -> dict[str, forms.Field]:
    said = {"nth": nth}
    fields: dict[str, forms.Field] = {
        f"class_{nth}_key": forms.CharField(widget=forms.HiddenInput, required=False, max_length=40),
        f"class_{nth}_zh": _name_field(_("Class %(nth)s in Chinese") % said),
        f"class_{nth}_en": _name_field(_("Class %(nth)s in English") % said),
    }
    if not is_last:
        most = Decimal(HIGHEST_POINTS) / HUNDRED
        fields[f"class_{nth}_from"] = _broken_field(
            _("Class %(nth)s: score from") % said, most=most, least=Decimal(1), places=2
        )
    return fields


def _name_field(label: str) -> forms.CharField:
    wrong = {"required": _("The class has no name. Name it in both languages.")}
    return forms.CharField(
        label=label,
        error_messages=wrong,
        widget=forms.TextInput(attrs={"maxlength": NAME_LETTERS, "autocomplete": "off"}),
    )


def _whole_field(label: str, *, most: int, least: int = 1, required: bool = True) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, widget=widget, error_messages=WHOLE
    )


def _broken_field(
    label: str, *, most: Decimal, least: Decimal, places: int, required: bool = True
) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, min_value=least, max_value=most, max_digits=18, decimal_places=places, required=required,
        widget=widget, error_messages=BROKEN,
    )  # fmt: skip


def _field_of(place: str) -> str | None:
    """Name the field under which a fault of the rules is said."""
    if place == "weights":
        return "monetary_weight"
    if place.endswith("_limits"):
        return place.removesuffix("s") + "_1"
    if place.endswith("_name"):
        return place.removesuffix("name") + "zh"
    return None if place == "classes" else place


def _spelled(scheme: Scheme, currency: str) -> Iterator[tuple[str, Any]]:
    for name, each in scheme.dimensions.items():
        yield f"{name}_weight", each.weight_percent
        yield f"{name}_window", each.window_days
        yield f"{name}_method", QUINTILES if each.by_quintile else FIXED
        places = exponent(currency) if name == "monetary" else 0
        for nth, limit in enumerate(each.limits or (), 1):
            yield f"{name}_limit_{nth}", _plain(Decimal(limit).scaleb(-places))
    for nth, found in enumerate(scheme.classes, 1):
        yield f"class_{nth}_key", found.key
        yield f"class_{nth}_zh", found.name_zh
        yield f"class_{nth}_en", found.name_en
        yield f"class_{nth}_from", _plain(Decimal(found.from_points) / HUNDRED)


def _plain(value: Decimal) -> str:
    """Write a number as it would be typed."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _count(data: Mapping[str, str]) -> int:
    """Count the classes that were sent: numbers without a gap, never more than there may be."""
    return next((nth - 1 for nth in range(1, MOST_CLASSES + 2) if f"class_{nth}_zh" not in data), MOST_CLASSES) or 2
