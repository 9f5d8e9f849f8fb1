"""Notes about a customer in the API."""

from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Status
from pydantic import Field

from guanxi.accounts.gate import ApiRequest, Resource
from guanxi.accounts.wire import Asked, Page, Sent, Text, Told, id_of, key_in, page
from guanxi.customers.api import valid, visible
from guanxi.customers.forms import NoteForm
from guanxi.customers.models import Note
from guanxi.customers.shown import CustomerId
from guanxi.pages.paging import ByFields

router = Resource(tags=["notes"])
NoteId = Annotated[str, id_of(Note.PREFIX)]


class NoteTold(Told):
    """One remark about a customer, and who wrote it."""

    id: NoteId
    text: str
    by: str
    written_at: str


class NoteSent(Sent):
    """A remark."""

    text: Text = Field(min_length=1, max_length=4000)


@router.offers(
    "GET /customers/{customer_id}/notes", _("List the notes about a customer"), "notes:read", {200: Page[NoteTold]}
)
def list_notes(request: ApiRequest, customer_id: CustomerId, asked: Query[Asked]) -> Any:
    """List the notes about a customer, newest first."""
    notes = visible(request.user, customer_id).notes.select_related("by")
    return page(ByFields(notes, ("pk",), falls=True), asked, Note.PREFIX, lambda rows: [*map(_told, rows)])


@router.offers("POST /customers/{customer_id}/notes", _("Write a note"), "notes:write", {201: NoteTold})
def write_note(request: ApiRequest, customer_id: CustomerId, note: NoteSent) -> Any:
    """Write a note about a customer."""
    found, form = visible(request.user, customer_id), valid(NoteForm(note.model_dump()))
    return Status(201, _told(found.annotate_with(form.cleaned_data["text"], by=request.user)))


@router.offers("DELETE /customers/{customer_id}/notes/{note_id}", _("Take a note back"), "notes:write", {204: None})
def take_note_back(request: ApiRequest, customer_id: CustomerId, note_id: NoteId) -> Any:
    """Take back a note within ten minutes of its writing; 409 after that, for then it is history."""
    found = visible(request.user, customer_id).notes.filter(pk=key_in(Note.PREFIX, note_id)).first()
    if found is None:
        raise Http404
    found.take_back(by=request.user)
    return Status(204, None)


def _told(note: Note) -> dict[str, Any]:
    return {
        "id": note.public_id,
        "text": note.text,
        "by": note.by.display_name,
        "written_at": note.written_at.isoformat(),
    }
