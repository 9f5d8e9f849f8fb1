"""The rejected rows as a table to be corrected and imported again: row, reason, and the cells as they were."""

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from guanxi.guard.fileout import Cell, csv_lines, write_xlsx
from guanxi.guard.uploads import scratch
from guanxi.ingest.models import Import
from guanxi.ingest.rejects import Rejects, sentence


def columns(batch: Import) -> list[str]:
    """Name the columns: row and reason, then every column of the files, in their order."""
    names = dict.fromkeys(name for reject in Rejects.of(batch.folder) for name in reject["cells"])
    return [_("Row"), _("Reason"), *(name or _("The row as it stands") for name in names)]


def rows(batch: Import) -> Iterator[list[Cell]]:
    """Give the rejected rows under these columns."""
    names = list(dict.fromkeys(name for reject in Rejects.of(batch.folder) for name in reject["cells"]))
    for reject in Rejects.of(batch.folder):
        yield [reject["row"], sentence(reject), *(reject["cells"].get(name) for name in names)]


def as_csv(batch: Import) -> Iterator[str]:
    """Write the rows as CSV, line by line."""
    return csv_lines(columns(batch), rows(batch), mark=True)


def as_xlsx(batch: Import) -> Path:
    """Write the rows as a workbook into a file of ours, which the caller deletes."""
    path = scratch(".xlsx")
    write_xlsx(path, columns(batch), rows(batch), sheet=_("Rejected rows"))
    return path
