"""The shop's own fields as programs read, write and ask for them: typed, by their names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field, WithJsonSchema

from guanxi.accounts.models import Caller
from guanxi.accounts.problems import NotValid
from guanxi.accounts.wire import Text
from guanxi.pages.filters import Filter, Range
from guanxi.shop import kinds
from guanxi.shop.columns import filters, meant, seen_by
from guanxi.shop.fields import REVEAL, Shelf, fields_of
from guanxi.shop.models import CustomField, Kind
from guanxi.shop.models.field import MOST_FIELDS

Texts = Mapping[CustomField, list[str]]
Known = Mapping[str, CustomField]
MOST_ASKED = 8
VALUE = {"anyOf": [{"type": kind} for kind in ("string", "integer", "boolean", "null")]
         + [{"type": "array", "items": {"type": "string"}}]}  # fmt: skip
OwnSent = Annotated[
    dict[str, Any],
    Field(
        max_length=MOST_FIELDS,
        description="Fields of the shop's own by their names, as GET /fields tells them; null empties one.",
    ),
    WithJsonSchema({"type": "object", "additionalProperties": VALUE, "maxProperties": MOST_FIELDS}),
]
OwnTold = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "additionalProperties": VALUE})]
OwnAsked = Annotated[
    list[Text],
    Field(
        max_length=MOST_ASKED,
        description=(
            "A field of the shop's own and what it says, such as taste:floral; numbers and days also as a range, such "
            "as cups:2..5 or met:2024-01-01.. Given several times, all of them hold."
        ),
    ),
]
_NO_FIELD = gettext_lazy("There is no such field. Look for its name in the list of fields.")
_NOT_SO = gettext_lazy("This does not fit the field. Look in the list of fields for what it takes.")


def told(shelf: Shelf, owners: Collection[int], caller: Caller, *, clear: bool) -> dict[int, dict[str, Any]]:
    """Write what records say in the fields that a caller sees; what is personal is masked unless `clear`."""
    fields = seen_by(shelf, caller)
    texts = shelf.texts(owners, fields)
    return {
        owner: {each.name: _written(each, texts.get(owner, {}).get(each.pk, []), clear=clear) for each in fields}
        for owner in owners
    }


def opened(shelf: Shelf, told: Mapping[int, Mapping[str, Any]], caller: Caller) -> set[str]:
    """Name the personal fields that were seen in the clear of some records, as the access log does."""
    sealed = [each.name for each in seen_by(shelf, caller) if each.is_personal]
    return {f"own.{name}" for name in sealed if any(said.get(name) for said in told.values())}


def sees_clearly(caller: Caller) -> bool:
    """Tell whether a caller sees personal fields in the clear."""
    return caller.may(REVEAL)


def known(shelf: Shelf, caller: Caller, *sent: Mapping[str, Any]) -> Known:
    """Give the fields that a caller may fill in by their names; none where nothing of the kind was sent."""
    return {each.name: each for each in seen_by(shelf, caller)} if any(sent) else {}


def texts_of(known: Known, sent: Mapping[str, Any]) -> Texts:
    """Read what a program sends; raises NotValid, which names every field that does not fit."""
    found, wrong = dict[CustomField, list[str]](), dict[str, str | Promise]()
    for name, value in sent.items():
        try:
            found[known[name]] = _read(known[name], value)
        except KeyError:
            wrong[f"fields.{name[:40]}" if name.isprintable() else "fields"] = _NO_FIELD
        except kinds.BadValue as error:
            wrong[f"fields.{name}"] = _NOT_SO if known[name].is_personal else str(error)
    if wrong:
        raise NotValid(wrong)
    return found


def each_of(shelf: Shelf, caller: Caller, place: str, sent: Sequence[Mapping[str, Any]]) -> list[Texts]:
    """Read what a program sends of several records; raises NotValid, which names every field of each that is wrong."""
    fields, found, wrong = known(shelf, caller, *sent), list[Texts](), dict[str, str | Promise]()
    for nth, each in enumerate(sent):
        try:
            found.append(texts_of(fields, each))
        except NotValid as error:
            wrong.update((f"{place}.{nth}.{name}", said) for name, said in error.fields.items())
    if wrong:
        raise NotValid(wrong)
    return found


def write(shelf: Shelf, record: Any, texts: Texts, *, by: Caller) -> None:
    """Write what a record says in some fields."""
    for field, each in texts.items():
        shelf.write(record, field, each, by=by)


def meant_by(shelf: Shelf, words: Sequence[str]) -> list[tuple[CustomField, Mapping[str, Any]]]:
    """Say which field a list is asked for, and how its values have to stand; raises NotValid where none can."""
    return [_meant(shelf, word) for word in words]


def _meant(shelf: Shelf, word: str) -> tuple[CustomField, Mapping[str, Any]]:
    name, _colon, text = word.partition(":")
    sought = {each.name: each for each in filters(shelf)}.get(f"own-{name}")
    field = next((each for each in fields_of(shelf.subject) if each.name == name), None)
    if sought is None or field is None:
        raise NotValid({"field": _("No list is narrowed by this. Send a field's name, a colon, and what it says.")})
    value = sought.read(_spelled(sought, text))
    if not value:
        raise NotValid({"field": _NOT_SO})
    return field, meant(field, sought.meaning(value))


def _spelled(sought: Filter, text: str) -> str:
    """Spell what is asked for as the filters of pages do: one number is a range; half a wrong one is nothing."""
    if not isinstance(sought, Range):
        return text
    ends = text.split("..") if ".." in text else [text, text]
    return "" if any(end and sought.end(end) is None for end in ends) else "..".join(ends)


def _written(field: CustomField, texts: Sequence[str], *, clear: bool) -> Any:
    """Write a value by the type of its kind; a masked one is a text."""
    if not texts:
        return None
    if field.is_personal and not clear:
        return kinds.masked(texts)
    return WRITTEN.get(Kind(field.kind), _first)(texts)


def _read(field: CustomField, value: Any) -> list[str]:
    """Bring a value into the texts by which values travel; BadValue where it is of another type or does not fit."""
    kind, said = TYPES.get(Kind(field.kind), (str, gettext_lazy("This has to be a text.")))
    many = value if type(value) is list else [value]
    if value is not None and (
        type(value) is not kind or (kind is list and any(type(each) is not str for each in many))
    ):
        raise kinds.BadValue(str(said))
    texts = [] if value is None else [_travelling(each) for each in many]
    return [each.text for each in kinds.read(field, texts)]


def _travelling(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _first(texts: Sequence[str]) -> str:
    return texts[0]


WRITTEN: Mapping[Kind, Callable[[Sequence[str]], Any]] = {
    Kind.WHOLE: lambda texts: int(texts[0]),
    Kind.YES_NO: lambda texts: texts[0] == "yes",
    Kind.CHOICES: list,
}
TYPES: Mapping[Kind, tuple[type, str | Promise]] = {
    Kind.WHOLE: (int, gettext_lazy("This has to be a whole number.")),
    Kind.DECIMAL: (str, gettext_lazy("This has to be a number written as text, such as 12.5.")),
    Kind.YES_NO: (bool, gettext_lazy("This has to be true or false.")),
    Kind.CHOICES: (list, gettext_lazy("This has to be a list of texts.")),
}
