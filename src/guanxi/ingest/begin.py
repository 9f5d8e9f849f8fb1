"""An import begins: files are taken in, the way to read them is suggested and settled; the book is not touched yet."""

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from guanxi.accounts.models import Staff
from guanxi.guard.errors import BadFile
from guanxi.guard.uploads import check_size, check_space
from guanxi.ingest import own
from guanxi.ingest.models import Import, SavedPreset
from guanxi.ingest.presets import BadMapping, Preset, Sheet, detect, load_mapping, named
from guanxi.ingest.staging import MANIFEST, headers_of, sources


def begin(
    files: Sequence[Path],
    *,
    subject: str = "orders",
    preset: str = "",
    mapping: Path | None = None,
    store: str = "",
) -> Import:
    """Take files in and settle how they are read; where that cannot be said nothing is left behind."""
    told: dict[str, Any] | None = None
    if mapping:
        load_mapping(mapping, subject=subject)  # says what is wrong in it, before any file is taken
        told = tomllib.loads(mapping.read_text(encoding="utf-8"))
    batch = take(files, subject=subject)
    try:
        if told is None and preset in {"", "generic"}:
            preset, told = suggestion(batch)
        settle(batch, preset=preset, mapping=told, store=store)
    except Exception:
        discard(batch)
        raise
    return batch


def take(
    files: Sequence[Path], *, names: Sequence[str] = (), subject: str = "orders", by: Staff | None = None
) -> Import:
    """Copy files into a new import's own folder, under names of ours; raises BadFile where one cannot be taken."""
    named_files = list(zip(files, names or [file.name for file in files], strict=True))
    for file, name in named_files:
        if not file.is_file():
            raise BadFile(_("There is no file %(name)s.") % {"name": name})
        check_size(file.stat().st_size, name)
        check_space(file.stat().st_size)
    batch = Import.objects.create(subject=subject, by=by)
    shutil.rmtree(batch.folder, ignore_errors=True)  # a restored book may give out a number again
    try:
        kept = [_keep(file, name, batch.folder, number) for number, (file, name) in enumerate(named_files)]
        for each in kept:
            headers_of(Path(each["path"]), each["name"])
        batch.set(files=kept)
    except Exception:
        discard(batch)
        raise
    return batch


def discard(batch: Import) -> None:
    """Forget an import of which nothing was written, its files too."""
    shutil.rmtree(batch.folder, ignore_errors=True)
    batch.delete()


def _keep(file: Path, name: str, folder: Path, number: int) -> dict[str, Any]:
    home = folder / "files"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = home / f"{number:02}"
    shutil.copyfile(file, kept)
    return {"name": name, "path": str(kept), "size": kept.stat().st_size}


def suggestion(batch: Import) -> tuple[str, dict[str, Any] | None]:
    """Suggest how to read an import: a preset's name, or "generic" with the columns that could be guessed."""
    headers = [headers_of(Path(file["path"]), file["name"]) for file in batch.files]
    found = detect(headers[0], batch.subject)
    return (found[0].name, None) if found else ("generic", guessed(headers[0], batch.subject))


def guessed(headers: Sequence[str], subject: str) -> dict[str, Any]:
    """Map the fields whose usual words stand among the headers: field → column."""
    fields = own.fields_for(subject)
    sheet = Sheet(role="flat", columns={name: (name, *field.words) for name, field in fields.items()})
    return dict(sheet.match(headers).columns)


def settle(batch: Import, *, preset: str = "", mapping: Mapping[str, Any] | None = None, store: str = "") -> None:
    """Fix how the import is read and which store it writes to; raises BadMapping where the files do not fit."""
    saved = SavedPreset.objects.filter(name=preset, subject=batch.subject).first() if mapping is None else None
    batch.mapping = {**saved.mapping, "name": saved.name} if saved else dict(mapping) if mapping is not None else None
    batch.preset = preset or "generic"
    read_as = batch.read_as if batch.mapping else named(batch.preset)
    _check(batch, read_as)
    batch.store_code = slugify(store) or read_as.store.get("code", "shop")
    batch.cursor, batch.counts, batch.report = {}, {}, {}
    for leftover in ("staged", "aside"):
        shutil.rmtree(batch.folder / leftover, ignore_errors=True)
    (batch.folder / MANIFEST).unlink(missing_ok=True)
    batch.save()


def _check(batch: Import, preset: Preset) -> None:
    if preset.subject != batch.subject:
        said = {"preset": preset.name, "reads": preset.subject, "wanted": batch.subject}
        raise BadMapping(_("The preset %(preset)s reads %(reads)s, not %(wanted)s. Choose another.") % said)
    for source in sources([(Path(file["path"]), file["name"]) for file in batch.files], preset):
        source.table.close()
