"""What of this context is in the settings file: the rules of value."""

import json
from collections.abc import Iterator
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field, StringConstraints

from guanxi.insight.models import BadScheme, RfmScheme
from guanxi.insight.scheme import Scheme
from guanxi.pages.portable import Part, Record

Whole = Annotated[int, Field(ge=-(10**15), le=10**15)]
Word = Annotated[str, StringConstraints(max_length=60)]


class Measure(Record):
    """How one of R, F and M is measured."""

    weight_percent: Whole
    window_days: Whole | None
    limits: list[Whole] | None


class Class(Record):
    """A named class."""

    key: Word
    from_points: Whole
    name_zh: Word
    name_en: Word


class Rules(Record):
    """The rules in force."""

    recency: Measure
    frequency: Measure
    monetary: Measure
    classes: Annotated[list[Class], Field(min_length=1, max_length=6)]

    @property
    def scheme(self) -> Scheme:
        """The rules as a value."""
        return Scheme.of(self.model_dump())


def rules() -> Iterator[Rules]:
    """Give the rules in force."""
    yield Rules.model_validate_json(json.dumps(RfmScheme.current().rules))


def check(told: Rules) -> None:
    """Refuse rules that contradict themselves."""
    faults = list(told.scheme.faults())
    if faults:
        raise BadScheme(" ".join(faults))


PART = Part(
    name="rfm", title=_("Rules of value"), order=40, record=Rules, give=rules, check=check,
    take=lambda told, by: RfmScheme.objects.adopt(told.scheme, by=by), key=lambda _each: "rfm",
    label=lambda _each: _("Rules of value"),
    fields={
        "recency": _("Recency"), "frequency": _("Frequency"), "monetary": _("Monetary"), "classes": _("Classes"),
    },
)  # fmt: skip
