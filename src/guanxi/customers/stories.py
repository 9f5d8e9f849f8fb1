"""How the events that staff make on a customer's page are told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.customers.models import Channel, Event, Note, Purpose
from guanxi.customers.timeline import Chapter, actors, here
from guanxi.pages.components import Occurrence, Tone
from guanxi.pages.formats import chinese
from guanxi.shop.deeds import Titles

Names = Mapping[Any, str]
FIELDS = {
    "name": gettext_lazy("Name"),
    "gender": gettext_lazy("Gender"),
    "birthday": gettext_lazy("Birthday"),
    "province": gettext_lazy("Province"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
}


def tell(events: Sequence[Event]) -> dict[int, Occurrence]:
    """Tell notes, tags, consents and changes, in two queries for all of them."""
    names = actors(events)
    notes = dict(
        Note.objects.filter(pk__in=[event.properties.get("note") for event in events if "note" in event.properties])
        .values_list("pk", "text")
    )  # fmt: skip
    return {event.pk: _told(event, names, notes) for event in events}


def _told(event: Event, names: Names, notes: Names) -> Occurrence:
    sentence, icon, tone = TELLERS[event.name](event)
    who = names.get(event.properties.get("by"))
    said = notes.get(event.properties.get("note"), "")
    return Occurrence(here(event.occurred_at), sentence, icon, tone, _cause(said, who))


def _cause(said: str, who: str | None) -> str:
    """Say what was written and by whom."""
    quoted = f"“{said[:200]}”" if said else ""
    return " · ".join(part for part in (quoted, who) if part)


Told = tuple[str | SafeString, str, str]


def _note(_event: Event) -> Told:
    return _("A note was written"), "note", ""


def _note_removed(_event: Event) -> Told:
    return _("A note was taken back"), "note", ""


def _added(_event: Event) -> Told:
    return _("Added as a customer"), "user-plus", ""


def _updated(event: Event) -> Told:
    titles = Titles(FIELDS, "customer")
    fields = [str(titles.get(name, name.removeprefix("own."))) for name in event.properties.get("fields", ())]
    said = ("、" if chinese() else ", ").join(fields)
    return format_html(_("Corrected: {fields}"), fields=said), "pencil", ""


def _preferred(event: Event) -> Told:
    titles = Titles(FIELDS, "customer")
    fields = [str(titles.get(name, name)) for name in event.properties.get("fields", ())]
    said = ("、" if chinese() else ", ").join(fields)
    return format_html(_("Chosen at a merge: {fields}"), fields=said), "git-merge", ""


def _tagged(event: Event) -> Told:
    return format_html(_("Tagged <b>{tag}</b>"), tag=event.properties.get("tag_name", "")), "tag", ""


def _untagged(event: Event) -> Told:
    return format_html(_("Tag <b>{tag}</b> was taken off"), tag=event.properties.get("tag_name", "")), "tag", ""


def _consent(pattern: Callable[[], str], tone: str, icon: str) -> Callable[[Event], Told]:
    def told(event: Event) -> Told:
        channel, purpose = event.properties.get("channel", ""), event.properties.get("purpose", "")
        words = {
            "channel": Channel(channel).label if channel in Channel.values else channel,
            "purpose": str(Purpose(purpose).label).lower() if purpose in Purpose.values else purpose,
        }
        return format_html(pattern(), **words), icon, tone

    return told


TELLERS: dict[str, Callable[[Event], Told]] = {
    "Note Added": _note,
    "Note Removed": _note_removed,
    "Customer Added": _added,
    "Customer Updated": _updated,
    "Values Preferred": _preferred,
    "Tag Added": _tagged,
    "Tag Removed": _untagged,
    "Consent Given": _consent(lambda: _("Agreed to {purpose} by <b>{channel}</b>"), Tone.GOOD, "check"),
    "Consent Withdrawn": _consent(
        lambda: _("Withdrew the consent to {purpose} by <b>{channel}</b>"), Tone.DANGER, "ban"
    ),
    "Consent Restored": _consent(
        lambda: _("Consent to {purpose} by <b>{channel}</b> stands again: its withdrawal was a mistake"), "", "check"
    ),
    "Consent Retracted": _consent(
        lambda: _("Consent to {purpose} by <b>{channel}</b> was a mistake and was taken back"), "", "arrow-back-up"
    ),
}  # fmt: skip

THEIRS = ("Consent Given", "Consent Withdrawn")
CHAPTER = Chapter("care", gettext_lazy("Notes and consents"), tuple(TELLERS), tell, theirs=THEIRS)
