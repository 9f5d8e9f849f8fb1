"""What imports leave for a person: files that stopped on the way, and rows that could not be taken."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Avg
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.accounts.models import Staff
from guanxi.core.time import now
from guanxi.ingest.models import Import
from guanxi.ingest.picture import Figures
from guanxi.orders.models import OrderLine
from guanxi.pages import formats, home
from guanxi.pages.components import Tone

RECENT = dt.timedelta(days=14)  # older rejections were left on purpose
LATEST = 50
SAMPLE = 100


def stopped(request: HttpRequest) -> home.Waiting | None:
    """Say which imports did not get to their end."""
    found = _recent(request, [Import.State.FAILED, Import.State.STOPPED])
    if not found:
        return None
    left = sum(max(batch.rows_total - batch.rows_done, 0) for batch in found)
    return home.Waiting(
        title=ngettext("%(count)s import stopped on the way", "%(count)s imports stopped on the way", len(found))
        % {"count": formats.count(len(found))},
        reason=ngettext("%(count)s row not read · %(file)s", "%(count)s rows not read · %(file)s", left)
        % {"count": formats.count(left), "file": _files(found)},
        verb=_("Go on"),
        href=_address(found),
        icon="file-import",
        tone=Tone.DANGER,
        loss_minor=left * _line_worth(),
    )


def rejected(request: HttpRequest) -> home.Waiting | None:
    """Say how many rows wait to be corrected."""
    found = [batch for batch in _recent(request, [Import.State.DONE]) if Figures(batch).rejected]
    if not found:
        return None
    rows = sum(Figures(batch).rejected for batch in found)
    return home.Waiting(
        title=ngettext("%(count)s rejected row to correct", "%(count)s rejected rows to correct", rows)
        % {"count": formats.count(rows)},
        reason=_files(found),
        verb=_("Correct"),
        href=_address(found),
        icon="file-spreadsheet",
        tone=Tone.WARN,
        loss_minor=rows * _line_worth(),
    )


QUEUES = (
    home.Queue(name="imports-stopped", look=stopped, permission="imports.run"),
    home.Queue(name="imports-rejected", look=rejected, permission="imports.run"),
)


def _recent(request: HttpRequest, states: Iterable[str]) -> list[Import]:
    if not isinstance(request.user, Staff):
        return []
    mine = Import.objects.visible_to(request.user).filter(created_at__gt=now() - RECENT)
    latest = list(mine.newest_first().defer("sealed_report", "cursor", "mapping")[:LATEST])
    return [batch for batch in latest if batch.state in set(states)]


def _files(batches: list[Import]) -> str:
    names = [name for batch in batches for name in batch.file_names]
    more = len(names) - 1
    if more < 1:
        return names[0] if names else _("a file")
    return ngettext("%(file)s and %(count)s more", "%(file)s and %(count)s more", more) % {
        "file": names[0],
        "count": formats.count(more),
    }


def _address(batches: list[Import]) -> str:
    return reverse("import", args=[batches[0].pk]) if len(batches) == 1 else reverse("imports")


def _line_worth() -> int:
    """Guess what a row is worth that is not in the book: the mean of the latest lines that are."""
    latest = OrderLine.objects.order_by("-pk").values("amount_minor")[:SAMPLE]
    return round(latest.aggregate(mean=Avg("amount_minor"))["mean"] or 0)
