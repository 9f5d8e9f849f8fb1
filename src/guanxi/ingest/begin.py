"""An import begins: the files are taken in, the preset is chosen, and nothing is read into the book yet."""

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

from guanxi.accounts.models import Staff
from guanxi.guard.errors import BadFile
from guanxi.guard.uploads import check_size, check_space
from guanxi.ingest.fields import CUSTOMER_FIELDS, ORDER_FIELDS
from guanxi.ingest.models import Import, SavedPreset
from guanxi.ingest.presets import BadMapping, Sheet, detect, from_mapping, load_mapping, named
from guanxi.ingest.staging import headers_of


def begin(
    files: Sequence[Path],
    *,
    subject: str = "orders",
    preset: str = "",
    mapping: Path | None = None,
    store: str = "",
    by: Staff | None = None,
) -> Import:
    """Take the files into the import's folder and settle how they are read; what does not fit is said at once."""
    for file in files:
        if not file.is_file():
            raise BadFile(f"There is no file {file.name}.")
        check_size(file.stat().st_size, file.name)
        check_space(file.stat().st_size)
    told = (
        tomllib.loads(mapping.read_text(encoding="utf-8"))
        if mapping and load_mapping(mapping, subject=subject)
        else None
    )
    batch = Import.objects.create(subject=subject, mapping=told, by=by)
    try:
        batch.files = [_take(file, batch.folder, number) for number, file in enumerate(files)]
        if told is None:
            _choose(batch, preset)
        batch.store_code = store or batch.read_as.store.get("code", "shop")
        batch.save()
    except Exception:
        shutil.rmtree(batch.folder, ignore_errors=True)
        batch.delete()
        raise
    return batch


def _take(file: Path, folder: Path, number: int) -> dict[str, object]:
    """Link or copy a file into the import's folder under a name of ours."""
    home = folder / "files"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = home / f"{number:02}{''.join(file.suffixes[-2:]).lower()}"
    shutil.copyfile(file, kept)
    return {"name": file.name, "path": str(kept), "size": kept.stat().st_size}


def _choose(batch: Import, name: str) -> None:
    """Settle the preset: the one named, else the one whose headers are there."""
    saved = SavedPreset.objects.filter(name=name, subject=batch.subject).first() if name else None
    if saved:
        batch.mapping, batch.preset = {**saved.mapping, "name": saved.name}, saved.name
    elif name and name != "generic":
        batch.preset = named(name).name
    else:
        _detect(batch)


def _detect(batch: Import) -> None:
    headers = headers_of(Path(str(batch.files[0]["path"])))
    found = detect(headers, batch.subject)
    if found and not found[1].missing:
        batch.preset = found[0].name
    else:
        batch.mapping, batch.preset = guessed(headers, batch.subject), "generic"


def guessed(headers: Sequence[str], subject: str) -> dict[str, object]:
    """Map what the fields' usual words find; raises BadMapping where the needed ones are not found."""
    fields = ORDER_FIELDS if subject == "orders" else CUSTOMER_FIELDS
    sheet = Sheet(role="flat", columns={name: (name, *field.words) for name, field in fields.items()})
    pairs: dict[str, object] = dict(sheet.match(headers).columns)
    try:
        from_mapping(pairs, subject=subject)
    except BadMapping as error:
        raise BadMapping(
            f"No preset fits the columns {', '.join(headers)}. Give --preset or --mapping. {error}"
        ) from None
    return pairs
