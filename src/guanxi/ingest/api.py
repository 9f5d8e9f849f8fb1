"""Imports in the API: a file is sent, tried out, and run once somebody or some program has seen what it would do."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import File, Form, Query, Status, UploadedFile
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource, Way
from guanxi.accounts.models import Caller
from guanxi.accounts.wire import Asked, Page, Sent, Told, Word, id_of, key_in, page
from guanxi.core.errors import Refused
from guanxi.guard.uploads import Upload
from guanxi.ingest import preview, wizard
from guanxi.ingest.begin import discard, settle, suggestion, take
from guanxi.ingest.models import Import
from guanxi.pages.paging import ByFields

router = Resource(tags=["imports"])
ImportId = Annotated[str, id_of(Import.PREFIX)]
State = Import.State
COUNTS = ("rows", "documents", "orders_new", "customers_new", "events_new", "rejected")
BEGUN = {State.RUNNING, State.DONE}


class NotReady(Refused):
    """The import is not in a state in which this can be done."""


class ImportTold(Told):
    """One bringing-in of a file: how far it is, and what came of it."""

    id: ImportId
    subject: str
    state: str
    preset: str
    store: str
    files: list[str]
    rows_done: int
    rows_total: int
    counts: dict[str, int]
    error: str
    created_at: str
    finished_at: str | None


class ImportSent(Sent):
    """How a file is to be read. Without a preset the one that fits its columns is taken."""

    subject: Literal["orders", "customers", "events"] = "orders"
    preset: Word = Field("", max_length=60)
    store: Word = Field("", max_length=40, description="The code of the store it is written to.")


@router.offers("GET /imports", gettext_lazy("List imports"), "imports:read", {200: Page[ImportTold]})
def list_imports(request: ApiRequest, asked: Query[Asked]) -> Any:
    """List imports, newest first."""
    mine = Import.objects.visible_to(request.user).defer("sealed_report", "cursor", "mapping")
    return page(ByFields(mine, ("pk",), falls=True), asked, Import.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("POST /imports", gettext_lazy("Send a file"), "imports:write", {202: ImportTold}, way=Way.APART)
def send_import(
    request: ApiRequest, response: HttpResponse, file: File[UploadedFile], settings: Form[ImportSent]
) -> Any:
    """Send a file; it is looked through, and nothing is written before it is run."""
    batch = _taken(file, settings, by=request.user)
    wizard.check(batch)
    response["Location"] = f"/api/v1/imports/{batch.public_id}"
    batch.refresh_from_db()
    return Status(202, _told(batch))


@router.offers("GET /imports/{import_id}", gettext_lazy("Read an import"), "imports:read", {200: ImportTold})
def read_import(request: ApiRequest, import_id: ImportId) -> Any:
    """Read how far an import is."""
    return _told(_found(request, import_id))


@router.offers("POST /imports/{import_id}/run", gettext_lazy("Run an import"), "imports:write", {202: ImportTold})
def run_import(request: ApiRequest, import_id: ImportId) -> Any:
    """Write what was tried out; 409 before that is done. Asked again, it goes on as it was."""
    return _turned(request, import_id, wizard.start, {State.CHECKED} | BEGUN)


@router.offers("POST /imports/{import_id}/stop", gettext_lazy("Stop an import"), "imports:write", {202: ImportTold})
def stop_import(request: ApiRequest, import_id: ImportId) -> Any:
    """Stop an import after the chunk it is at; what was written stays."""
    return _turned(request, import_id, wizard.stop, {State.CHECKING, State.RUNNING, State.STOPPED, State.DRAFT})


@router.offers(
    "POST /imports/{import_id}/resume", gettext_lazy("Go on with an import"), "imports:write", {202: ImportTold}
)
def resume_import(request: ApiRequest, import_id: ImportId) -> Any:
    """Go on with an import that was stopped or broke off; nothing is written twice."""
    return _turned(request, import_id, wizard.resume, {State.STOPPED, State.FAILED, State.CHECKING, State.RUNNING})


@router.offers("POST /imports/{import_id}/undo", gettext_lazy("Undo an import"), "imports:write", {202: ImportTold})
def undo_import(request: ApiRequest, import_id: ImportId) -> Any:
    """Take back what an import wrote, but for what was touched since."""
    known = {State.DONE, State.STOPPED, State.FAILED, State.UNDOING, State.UNDONE}
    return _turned(request, import_id, wizard.take_back, known)


def _taken(file: UploadedFile, settings: ImportSent, *, by: Caller) -> Import:
    """Keep what arrived, look into it and settle how it is read; where that cannot be done nothing is left behind."""
    with ExitStack() as arrived:
        upload = Upload.keep(file.chunks(), name=file.name or "", size_bytes=file.size)
        arrived.callback(upload.discard)
        batch = take([upload.path], names=[upload.name], subject=settings.subject, by=by)
    try:
        preview.look_into(batch)
        preset, mapping = (settings.preset, None) if settings.preset else suggestion(batch)
        settle(batch, preset=preset, mapping=mapping, store=settings.store)
    except Exception:
        discard(batch)
        raise
    return batch


def _found(request: ApiRequest, word: str) -> Import:
    found = Import.objects.visible_to(request.user).filter(pk=key_in(Import.PREFIX, word)).first()
    if found is None:
        raise Http404
    return found


def _turned(request: ApiRequest, word: str, verb: Callable[[Import], object], states: set[State]) -> Any:
    """Ask something of an import whose state allows it."""
    batch = _found(request, word)
    if batch.state not in states:
        said = _("The import is “%(state)s”; this can be done when it is %(states)s.")
        raise NotReady(said % {"state": batch.state, "states": ", ".join(sorted(states))})
    verb(batch)
    batch.refresh_from_db()
    return Status(202, _told(batch))


def _told(batch: Import) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        **{name: getattr(batch, name) for name in ("subject", "state", "preset", "rows_done", "rows_total", "error")},
        "store": batch.store_code,
        "files": batch.file_names,
        "counts": {name: int(batch.counts[name]) for name in COUNTS if name in batch.counts},
        "created_at": batch.created_at.isoformat(),
        "finished_at": batch.finished_at and batch.finished_at.isoformat(),
    }
