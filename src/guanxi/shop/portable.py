"""What of this context is in the settings file: fields of the shop's own, the calendar, the look."""

import datetime as dt
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound
from pydantic import StringConstraints

from guanxi.core.errors import BadInput, Refused
from guanxi.guard import pictures
from guanxi.pages.portable import Name, Part, Record
from guanxi.shop import colours, deeds, look
from guanxi.shop.fields import in_use
from guanxi.shop.forms import CHOSEN, MOST_CHOICES
from guanxi.shop.given import FIRST_YEAR, LAST_YEAR, NAMES
from guanxi.shop.models import CalendarEntry, CustomField

Hint = Annotated[str, StringConstraints(max_length=200)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
Whole = Annotated[int, Bound(ge=-(2**62), le=2**62)]
LONGEST = dt.timedelta(days=120)
TOLD = ("label_en", "label_zh", "help_en", "help_zh", "is_required", "least", "most", "place")


class NotAsHere(Refused):
    """What came cannot stand beside what is here."""


class BadRecord(BadInput):
    """What came contradicts itself."""


class Choice(Record):
    """One of several."""

    key: Key
    en: Name
    zh: Name


class Field(Record):
    """A field of the shop's own."""

    subject: Literal["customer", "order"]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    label_en: Name
    label_zh: Name
    help_en: Hint
    help_zh: Hint
    kind: Literal["text", "long", "whole", "decimal", "date", "child", "yes_no", "choice", "choices", "link"]
    is_required: bool
    is_personal: bool
    least: Whole | None
    most: Whole | None
    choices: list[Choice]
    place: Annotated[int, Bound(ge=0, le=10_000)]
    is_retired: bool


def fields() -> Iterator[Field]:
    """Give every field, the retired ones too: their values may come back."""
    for each in CustomField.objects.in_order():
        told = {name: getattr(each, name) for name in Field.model_fields if name not in {"choices", "is_retired"}}
        choices = [Choice(**choice) for choice in each.choices]
        yield Field(**told, choices=choices, is_retired=each.retired_at is not None)


def check_field(told: Field) -> None:
    """Refuse choices where there are none, or too few, and limits that leave nothing."""
    keys = {each.key for each in told.choices}
    fitting = 2 <= len(told.choices) <= MOST_CHOICES if told.kind in CHOSEN else not told.choices
    if not fitting or len(keys) < len(told.choices):
        raise BadRecord(_("Give 2 to %(most)s choices, one a line.") % {"most": MOST_CHOICES})
    if told.least is not None and told.most is not None and told.least > told.most:
        raise BadRecord(_("The most is below the least. Give a larger number."))


def take_field(told: Field, by: Any) -> None:
    """Declare a field, or change the one of its name."""
    choices = [each.model_dump() for each in told.choices]
    wanted = {**{name: getattr(told, name) for name in TOLD}, "choices": choices}
    found = CustomField.objects.filter(subject=told.subject, name=told.name).first()
    if found is None:
        found = CustomField.declare(
            told.subject, told.name, {**wanted, "kind": told.kind, "is_personal": told.is_personal}, by=by
        )
    if (found.kind, found.is_personal) != (told.kind, told.is_personal):
        raise NotAsHere(_("A field of this name holds something else here, and what it holds never changes."))
    gone = {each["key"] for each in found.choices} - {each["key"] for each in choices}
    if in_use(found, sorted(gone)):
        raise NotAsHere(_("A choice that is in use here is not in the file."))
    found.change(wanted, by=by)
    if told.is_retired:
        found.retire(by=by)
    else:
        found.restore(by=by)


class Entry(Record):
    """Days of the shop's own; or, by `given` alone, whether known ones are hidden."""

    given: Annotated[str, StringConstraints(max_length=40)]
    is_hidden: bool
    name_en: Annotated[str, StringConstraints(max_length=60)]
    name_zh: Annotated[str, StringConstraints(max_length=60)]
    kind: Literal["", "holiday", "campaign"]
    starts_on: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
    ends_on: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
    repeats: bool

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day."""
        return dt.date.fromisoformat(self.starts_on), dt.date.fromisoformat(self.ends_on)


NOTHING: dict[str, Any] = {"name_en": "", "name_zh": "", "kind": "", "starts_on": "", "ends_on": "", "repeats": False}


def entries() -> Iterator[Entry]:
    """Give which known days are hidden, then the shop's own."""
    kept = list(CalendarEntry.objects.in_force().order_by("starts_on", "pk"))
    hidden = {each.given for each in kept if each.given}
    yield from (Entry(given=key, is_hidden=key in hidden, **NOTHING) for key in NAMES)
    for each in kept:
        if not each.given:
            told: dict[str, Any] = {name: getattr(each, name) for name in ("name_en", "name_zh", "kind", "repeats")}
            days = {"starts_on": f"{each.starts_on}", "ends_on": f"{each.ends_on}"}
            yield Entry.model_validate({"given": "", "is_hidden": False, **told, **days})


def key_of_entry(told: Entry) -> str:
    """Tell days apart."""
    return told.given or f"{told.starts_on} {told.ends_on} {told.name_en}"


def check_entry(told: Entry) -> None:
    """Refuse known days that nobody knows, and days that are none."""
    if told.given:
        if told.given not in NAMES or told.model_dump(exclude={"given", "is_hidden"}) != NOTHING:
            raise BadRecord(_("Nobody knows these days."))
        return
    start, end = told.days
    sound = start <= end < start + LONGEST and FIRST_YEAR <= start.year <= LAST_YEAR
    if not (sound and told.name_en and told.name_zh and told.kind) or told.is_hidden:
        raise BadRecord(_("Days need two names, what they are, a first day and a last that is not before it."))


def take_entry(told: Entry, by: Any) -> None:
    """Add days or change those of their name, hide known ones or show them."""
    if told.given:
        return (CalendarEntry.hide if told.is_hidden else CalendarEntry.show)(told.given, by=by)
    start, end = told.days
    wanted = {
        "name_en": told.name_en, "name_zh": told.name_zh, "kind": told.kind, "starts_on": start, "ends_on": end,
        "repeats": told.repeats,
    }  # fmt: skip
    same = Q(starts_on=start, ends_on=end, name_en=told.name_en)
    found = CalendarEntry.objects.own().in_force().filter(same).first()
    if found:
        found.change(wanted, by=by)
    else:
        CalendarEntry.add(wanted, by=by)
    return None


class Looks(Record):
    """How the shop looks; `logo` is the picture itself, in Base64."""

    accent: Annotated[str, StringConstraints(max_length=7)]
    accent_dark: Annotated[str, StringConstraints(max_length=7)]
    language: Literal["", "zh-hans", "en"]
    logo: str


def looks() -> Iterator[Looks]:
    """Give the one look there is."""
    now = look.current()
    logo = b64encode(now.picture.read_bytes()).decode() if now.picture else ""
    language: Any = now.language
    yield Looks(accent=now.accent, accent_dark=now.accent_dark, language=language, logo=logo)


def check_looks(told: Looks) -> None:
    """Refuse colours that cannot be read, and a logo that is no picture."""
    sound = ((told.accent, colours.LIGHT), (told.accent_dark, colours.DARK))
    for colour, papers in sound:
        if colour and not (colours.HEX.match(colour) and colours.least(colour, papers) >= colours.ENOUGH):
            raise BadRecord(_("%(colour)s cannot be read.") % {"colour": colour})
    if told.accent_dark and not told.accent:
        raise BadRecord(_("Give the colour of the light theme too."))
    if told.logo:
        picture = pictures.read(b64decode(told.logo, validate=True))
        if b64encode(picture.data).decode() != told.logo:
            raise BadRecord(_("The picture is broken. Save it anew as PNG, JPEG or WebP."))


def take_looks(told: Looks, by: Any) -> None:
    """Have the shop look like that."""
    wanted = told.model_dump(exclude={"logo"}) | ({} if told.logo else {"logo": ""})
    look.change(wanted, picture=pictures.read(b64decode(told.logo)) if told.logo else None, by=by)


PARTS = (
    Part(
        name="fields", title=gettext_lazy("Fields of your own"), order=20, record=Field, give=fields, take=take_field,
        key=lambda each: f"{each.subject}.{each.name}", check=check_field, fields=deeds.FIELD.fields,
    ),
    Part(
        name="calendar", title=gettext_lazy("Calendar"), order=50, record=Entry, give=entries, take=take_entry,
        key=key_of_entry, check=check_entry, fields={**deeds.CALENDAR.fields, "is_hidden": gettext_lazy("Hidden")},
        label=lambda each: NAMES.get(each.given, each.name_en),
    ),
    Part(
        name="look", title=gettext_lazy("Look"), order=90, record=Looks, give=looks, take=take_looks,
        key=lambda _each: "look", label=lambda _each: gettext_lazy("Look"), check=check_looks,
        is_beside_the_book=True, fields=deeds.LOOK.fields,
    ),
)  # fmt: skip
