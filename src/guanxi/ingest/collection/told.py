"""Words of the audit trail for sources of events and for quarantine, and what to do about each reason."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.accounts import trail
from guanxi.accounts.trail import Named, Words
from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.models import EventSource, Quarantined

ADVICE: dict[str, str | Promise] = {
    Reason.AHEAD: gettext_lazy(
        "The sender’s clock goes fast. Set it right, then try again: it is judged by the clock of now."
    ),
    Reason.TOO_LATE: gettext_lazy("Bring events that are older than 400 days in as a file."),
    Reason.OTHER_CONTENT: gettext_lazy(
        "The sender gave two calls one messageId. Have it leave messageId out, or make a new one each time."
    ),
    Reason.TOO_LARGE: gettext_lazy("Have the sender leave out what is not needed; a call has 32 KB."),
    Reason.TOO_MANY: gettext_lazy("Have the sender part it: the libraries do so by themselves."),
    Reason.NOBODY: gettext_lazy("Have the sender name a userId or an anonymousId; the libraries do so by themselves."),
}  # fmt: skip
USUAL = gettext_lazy("Mend what sends it: what comes from then on is taken. This one stays until you drop it.")


def advice(reason: str) -> str | Promise:
    """Say what can be done about a reason."""
    return ADVICE.get(reason, USUAL)


def _sources(keys: Iterable[str]) -> dict[str, Named]:
    found = EventSource.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("event-source", args=[each.pk])) for each in found}


def _calls(keys: Iterable[str]) -> dict[str, Named]:
    found = Quarantined.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.title, reverse("quarantined", args=[each.pk])) for each in found}


def register() -> None:
    """Bring them to the trail."""
    trail.register("eventsource", Words(
        acts={
            "eventsource.made": gettext_lazy("Made a source of events"),
            "eventsource.changed": gettext_lazy("Changed a source of events"),
            "eventsource.key_shown": gettext_lazy("Looked at the write key of"),
            "eventsource.rotated": gettext_lazy("Put another write key in place of that of"),
            "eventsource.retired": gettext_lazy("Retired a source of events"),
        },
        fields={
            "name": pgettext_lazy("of a thing", "Name"), "store": gettext_lazy("Store"),
            "origins": gettext_lazy("Pages that may write"), "per_second": gettext_lazy("Requests a second, at most"),
        },
        names=_sources,
    ))  # fmt: skip
    trail.register("quarantined", Words(
        acts={"quarantined.revealed": gettext_lazy("Looked at a call in quarantine as it was sent")}, names=_calls,
    ))  # fmt: skip
    trail.register("quarantine", Words(
        acts={
            "quarantine.retried": gettext_lazy("Tried calls in quarantine again"),
            "quarantine.dropped": gettext_lazy("Dropped calls in quarantine"),
        },
        fields={
            "taken": gettext_lazy("Taken now"), "repeated": gettext_lazy("Taken before"),
            "failed": gettext_lazy("Refused again"), "rows": gettext_lazy("Calls"),
        },
        names=lambda keys: {key: Named(gettext_lazy("Quarantine"), reverse("quarantine")) for key in keys},
    ))  # fmt: skip
