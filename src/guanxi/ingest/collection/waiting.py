"""What waits in quarantine, as a list: its columns, what it can be narrowed by, and the reasons in a word or two."""

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy

from guanxi.ingest.collection.calls import Reason
from guanxi.ingest.models import EventSource, Quarantined
from guanxi.ingest.models.quarantine import QuarantinedQuerySet
from guanxi.pages.filters import Days, Filter, lazily, on_days
from guanxi.pages.listing import Column, Table

SHORT = {
    Reason.NOT_JSON: gettext_lazy("No JSON"), Reason.NO_OBJECT: gettext_lazy("No object"),
    Reason.TOO_LARGE: gettext_lazy("Too large"), Reason.TOO_MANY: gettext_lazy("Too many calls"),
    Reason.TOO_DEEP: gettext_lazy("Too deep"), Reason.TOO_MANY_KEYS: gettext_lazy("Too many keys"),
    Reason.BAD_TEXT: gettext_lazy("Broken text"), Reason.BAD_KIND: gettext_lazy("Unknown type"),
    Reason.NOBODY: gettext_lazy("Names nobody"), Reason.BAD_ID: gettext_lazy("Id unfit"),
    Reason.BAD_MESSAGE: gettext_lazy("messageId unfit"), Reason.NO_NAME: gettext_lazy("Event without a name"),
    Reason.BAD_NAME: gettext_lazy("Name unfit"), Reason.NO_GROUP: gettext_lazy("No groupId"),
    Reason.NO_PREVIOUS: gettext_lazy("No previousId"), Reason.BAD_OBJECT: gettext_lazy("No properties but text"),
    Reason.BAD_TIME: gettext_lazy("Time unreadable"), Reason.TOO_LATE: gettext_lazy("Too long ago"),
    Reason.AHEAD: gettext_lazy("Ahead of its time"), Reason.OTHER_CONTENT: gettext_lazy("messageId used twice"),
}  # fmt: skip
LATELY = {"1": gettext_lazy("today"), "7": gettext_lazy("last 7 days"), "30": gettext_lazy("last 30 days")}
COLUMNS = (
    Column("what", gettext_lazy("What was sent")),
    Column("reason", gettext_lazy("Why it was not taken")),
    Column("source", gettext_lazy("From where")),
    Column("tried", gettext_lazy("Tried again")),
    Column("at", gettext_lazy("When"), order_by="received_at", falls=True, indexed=True),
)


def table() -> Table:
    """Declare the list."""
    names = lazily(lambda: ((each.pk, each.title) for each in EventSource.objects.order_by("name")))
    return Table(
        "quarantine", COLUMNS, sort="-at", search=_searched,
        filters=(
            Filter("reason", gettext_lazy("Reason"), dict(Reason.choices), lambda rows, word: rows.filter(reason=word)),
            Filter("source", gettext_lazy("From where"), names, lambda rows, key: rows.filter(source=int(key))),
            Days("at", gettext_lazy("When"), LATELY, on_days("received_at")),
        ),
    )  # fmt: skip


def _searched(rows: QuarantinedQuerySet, text: str) -> QuarantinedQuerySet:
    """Keep what bears such a name, came of a source that does, or was refused for a reason that says so."""
    reasons = [word for word, title in Reason.choices if text.casefold() in str(title).casefold()]
    return rows.filter(
        Q(event__icontains=text) | Q(source__name__icontains=text) | Q(reason__in=reasons) | Q(kind=text)
    )


def asked_for(query: str, *, newest: int) -> QuarantinedQuerySet:
    """Keep what an address asks for, up to a key: what came later was not agreed to."""
    request = HttpRequest()
    request.GET = QueryDict(query)
    found: QuarantinedQuerySet = table().narrowed(request, Quarantined.objects.filter(pk__lte=newest))
    return found
