"""An experiment's file is read once: kept under a random name until its columns are chosen, then gone."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.experiments import figures, filed, telling
from guanxi.experiments.assignment import BadExperiment
from guanxi.experiments.findings import Findings
from guanxi.guard import tokens
from guanxi.guard.errors import BadFile, BadToken
from guanxi.guard.filein import open_table
from guanxi.guard.uploads import Upload, incoming
from guanxi.insight.models import ExperimentReading

PURPOSE, LIFETIME = "experiment-file", dt.timedelta(hours=2)
MOST_BYTES = 100 * 1024**2
MOST_COLUMNS = 200
LANGUAGES = {"en": "en", "zh": "zh-hans"}


@dataclass(frozen=True)
class Waiting:
    """A file whose columns are to be chosen; `place` is its random name, `by` whoever sent it."""

    place: str
    name: str
    columns: tuple[str, ...]
    by: int

    @classmethod
    def take(cls, file: "UploadedFile[bytes]", *, by: Staff) -> "Waiting":
        """Keep a file and read its header; raises BadFile where it cannot be read, or is too large for a page."""
        if (file.size or 0) > MOST_BYTES:
            raise BadFile(
                _("At most %(most)s MB are read here; `guanxi insight experiment` reads larger files.")
                % {"most": MOST_BYTES // 1024**2}
            )
        kept = Upload.keep(file.chunks(), name=file.name or "", size_bytes=file.size)
        try:
            return cls(kept.path.name, kept.name, _columns(kept), by.pk)
        except BaseException:
            kept.discard()
            raise

    @property
    def title(self) -> str:
        """What the reading is called unless somebody says otherwise."""
        return Path(self.name).stem[:100]

    @property
    def token(self) -> str:
        """Sign it, for the form that chooses columns."""
        return tokens.issue(list(asdict(self).values()), purpose=PURPOSE, lifetime=LIFETIME)

    @classmethod
    def of(cls, token: str, *, by: Staff) -> "Waiting":
        """Find the file again; raises BadToken where it was somebody else's, or is gone."""
        place, name, columns, whose = tokens.read(token, purpose=PURPOSE)
        found = cls(place, name, tuple(columns), whose)
        if whose != by.pk or not found.path.is_file():
            raise BadToken(_("This file is gone. Send it once more."))
        return found

    @property
    def path(self) -> Path:
        """Where it lies."""
        return incoming() / Path(self.place).name

    def read(self, name: str, asked: filed.Asked, *, by: Staff) -> ExperimentReading:
        """Compare the arms, keep what was found, and forget the file; raises BadFile or BadExperiment."""
        found = filed.read(self.path, asked)
        made = _keep(found, name or self.title, self.name, asked, by)
        self.path.unlink(missing_ok=True)
        return made


def _columns(kept: Upload) -> tuple[str, ...]:
    with open_table(kept.path, name=kept.name) as table:
        columns = table.columns
    if len(columns) < 2:
        raise BadFile(_("This file has one column alone. An experiment takes one for the arm and one to measure."))
    return tuple(columns[:MOST_COLUMNS])


@transaction.atomic
def _keep(found: Findings, name: str, file: str, asked: filed.Asked, by: Staff) -> ExperimentReading:
    quiet = _without_cells(found)
    made = ExperimentReading.objects.create(
        name=name[:100], file=file[:150], asked=asdict(asked), figures=figures.figures(found), by=by,
        sentences={language: list(_told(quiet, code)) for language, code in LANGUAGES.items()},
    )  # fmt: skip
    AuditEntry.write("experiment.read", by=by, on=f"experiment:{made.pk}", changes={"name": (None, made.name)})
    return made


def _told(found: Findings, language: str) -> Iterable[str]:
    with translation.override(language):
        return telling.told(found)


def _without_cells(found: Findings) -> Findings:
    """Leave out examples of cells: a file may hold names or numbers of people, and a reading is kept for long."""
    metrics = [replace(each, column=replace(each.column, example="…")) for each in found.metrics]
    return replace(found, metrics=metrics)


__all__ = ["BadExperiment", "Waiting"]
