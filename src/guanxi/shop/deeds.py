"""What is done to the settings, in the words of the audit trail, and how they stand in a line."""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guanxi.accounts.trail import Named, Words
from guanxi.pages.formats import count
from guanxi.shop.fields import in_force
from guanxi.shop.models import CalendarEntry, CustomField, Kind

Text = str | Promise


def fields_told() -> str:
    """Say how many fields there are."""
    many = len(in_force())
    return ngettext("%(count)s field", "%(count)s fields", many) % {"count": count(many)} if many else ""


def names_of_fields(keys: Iterable[str]) -> dict[str, Named]:
    """Name fields."""
    found = CustomField.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.label, reverse("shop:field", args=[each.pk])) for each in found}


class Titles(Mapping[str, Text]):
    """The words for fields of ours, and of the shop's own, of one subject: `own.taste`."""

    def __init__(self, ours: Mapping[str, Text], subject: str) -> None:
        self.ours, self.subject = ours, subject

    def __getitem__(self, name: str) -> Text:
        """Find the word for a field; one that was never declared has none."""
        if name in self.ours:
            return self.ours[name]
        own = name.removeprefix("own.")
        found = next((each for each in in_force() if (each.subject, each.name) == (self.subject, own)), None)
        if found is None or own == name:
            raise KeyError(name)
        return found.label

    def __iter__(self) -> Iterator[str]:
        """Give the names of ours."""
        return iter(self.ours)

    def __len__(self) -> int:
        """Count ours."""
        return len(self.ours)


FIELD = Words(
    acts={
        "field.declared": _("Added a field of the shop's own"),
        "field.changed": _("Changed a field of the shop's own"),
        "field.retired": _("Retired a field of the shop's own"),
        "field.restored": _("Brought a field of the shop's own back"),
    },
    fields={
        "label_en": _("Name in English"), "label_zh": _("Name in Chinese"), "help_en": _("Hint in English"),
        "help_zh": _("Hint in Chinese"), "kind": _("What it holds"), "is_required": _("Needed"),
        "is_personal": _("Personal"), "least": _("Least"), "most": _("Most"),
        "choices": _("Choices"), "place": _("Place"),
    },
    values={"kind": dict(Kind.choices)},
    names=names_of_fields,
)  # fmt: skip


def names_of_entries(keys: Iterable[str]) -> dict[str, Named]:
    """Name days of the calendar."""
    found = CalendarEntry.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("shop:calendar")) for each in found}


CALENDAR = Words(
    acts={
        "calendar.added": _("Added days to the calendar"),
        "calendar.changed": _("Changed days of the calendar"),
        "calendar.removed": _("Took days out of the calendar"),
        "calendar.restored": _("Put days back into the calendar"),
        "calendar.hidden": _("Hid known days of the calendar"),
        "calendar.shown": _("Showed known days of the calendar again"),
    },
    fields={
        "name_en": _("Name in English"), "name_zh": _("Name in Chinese"), "kind": _("What it is"),
        "starts_on": _("First day"), "ends_on": _("Last day"), "repeats": _("Every year"),
    },
    values={"kind": dict(CalendarEntry.Kind.choices)},
    names=names_of_entries,
)  # fmt: skip


def names_of_look(keys: Iterable[str]) -> dict[str, Named]:
    """Name the one look there is."""
    return {key: Named(_("Look"), reverse("shop:look")) for key in keys}


LOOK = Words(
    acts={"look.changed": _("Changed how the shop looks")},
    fields={
        "accent": _("Colour"), "accent_dark": _("Colour in the dark theme"), "logo": _("Logo"),
        "language": _("Language of who has chosen none"),
    },
    values={"language": dict(settings.LANGUAGES)},
    names=names_of_look,
)  # fmt: skip


def names_of_file(keys: Iterable[str]) -> dict[str, Named]:
    """Name the settings file."""
    return {key: Named(_("Settings file"), reverse("shop:file")) for key in keys}


SETTINGS = Words(
    acts={
        "settings.exported": _("Took all settings as a file"), "settings.imported": _("Took settings from a file"),
    },
    names=names_of_file,
)  # fmt: skip
