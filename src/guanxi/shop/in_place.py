"""The shop's own fields on the page of a record: shown, and edited in place, with the way back."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.accounts.permission import StaffRequest
from guanxi.guard.sealing import seal, unseal
from guanxi.pages import toasts
from guanxi.shop.fields import SEE, FieldMoved, Shelf, fields_of, fingerprint, said
from guanxi.shop.forms import ValueForm
from guanxi.shop.kinds import BadValue
from guanxi.shop.models import CustomField, Kind

UNDO = "own_field_undo"
PARTS = "\x1f"


@dataclass(frozen=True)
class Line:
    """One field as a page draws it; `link` where it leads somewhere."""

    field: CustomField
    value: str
    href: str
    link: str = ""


@dataclass(frozen=True)
class Desk:
    """Where the fields of one subject are edited: their shelf, its routes, and the page of a record."""

    shelf: Shelf
    field_url: str
    undo_url: str
    page_url: str
    may: str

    def lines(self, request: StaffRequest, record: Any) -> list[Line]:
        """Draw the fields of a record that the reader may see; two questions, however many there are."""
        fields = [each for each in fields_of(self.shelf.subject) if not each.is_personal or request.user.may(SEE)]
        texts = self.shelf.texts([record.pk], fields).get(record.pk, {})
        return [self._line(request, record, each, texts.get(each.pk, [])) for each in fields]

    def answer(self, request: StaffRequest, record: Any, name: str) -> HttpResponse:
        """Show one field, ask for it (`?edit`), or write it."""
        field = self._field(request, name)
        if request.method == "POST":
            return self._write(request, record, field)
        told = self.shelf.text(record, field)
        if "edit" in request.GET:
            return self._ask(request, record, field, ValueForm(field, told))
        return render(
            request, "shop/own_field.html", self._context(request, record, field, just_written="done" in request.GET)
        )

    def put_back(self, request: StaffRequest, record: Any) -> HttpResponse:
        """Give the field that was written last its former value, unless somebody changed it since."""
        kept = request.session.pop(UNDO, None)
        field = CustomField.objects.filter(pk=kept["field"]).first() if kept else None
        mine = field is not None and (kept["record"], field.subject) == (record.pk, self.shelf.subject)
        if mine and field and fingerprint(record, field, self.shelf.text(record, field)) == kept["after"]:
            was = unseal(bytes.fromhex(kept["was"]), self._place(record, field))
            self._rewrite(record, field, was.split(PARTS) if was else [], request)
        return redirect(toasts.way_back(request) or reverse(self.page_url, args=[record.pk]))

    def _rewrite(self, record: Any, field: CustomField, texts: list[str], request: StaffRequest) -> None:
        field.is_required = False  # what was empty may be so again
        self.shelf.write(record, field, texts, by=request.user)
        toasts.say(request, _("As it was before."))

    def _write(self, request: StaffRequest, record: Any, field: CustomField) -> HttpResponse:
        was = self.shelf.text(record, field)
        form = ValueForm(field, was, request.POST)
        form.is_valid()
        try:
            seen = request.POST.get("seen")
            changed = not form.stays and self.shelf.write(record, field, form.texts, by=request.user, seen=seen)
        except (BadValue, FieldMoved) as error:
            form.add_error("value", str(error))
            return self._ask(request, record, field, form, status=409 if isinstance(error, FieldMoved) else 422)
        if changed:
            self._keep(request, record, field, was)
            undo = reverse(self.undo_url, args=[record.pk])
            toasts.say(request, _("%(field)s: saved.") % {"field": field.label}, undo_url=undo)
        if not request.htmx:
            return redirect(self.page_url, record.pk)
        return render(request, "shop/own_field.html", self._context(request, record, field, written=True))

    def _keep(self, request: StaffRequest, record: Any, field: CustomField, was: list[str]) -> None:
        request.session[UNDO] = {
            "record": record.pk,
            "field": field.pk,
            "was": seal(PARTS.join(was), self._place(record, field)).hex(),
            "after": fingerprint(record, field, self.shelf.text(record, field)),
        }

    def _place(self, record: Any, field: CustomField) -> str:
        return f"undo:{self.shelf.place(record.pk, field.pk)}"

    def _ask(
        self, request: StaffRequest, record: Any, field: CustomField, form: ValueForm, status: int = 200
    ) -> HttpResponse:
        seen = fingerprint(record, field, self.shelf.text(record, field))
        told = {**self._context(request, record, field), "form": form, "seen": seen}
        return render(request, "shop/own_field_form.html", told, status=status)

    def _context(self, request: StaffRequest, record: Any, field: CustomField, **more: bool) -> dict[str, Any]:
        line = self._line(request, record, field, self.shelf.text(record, field))
        back = reverse(self.page_url, args=[record.pk])
        return {"line": line, "back": back, "may_fill": request.user.may(self.may), **more}

    def _line(self, request: StaffRequest, record: Any, field: CustomField, texts: list[str]) -> Line:
        link = texts[0] if texts and field.kind == Kind.LINK and not field.is_personal else ""
        href = reverse(self.field_url, args=[record.pk, field.name])
        return Line(field, said(field, texts, reader=request.user), href, link)

    def _field(self, request: StaffRequest, name: str) -> CustomField:
        """Find a field in force that the reader may see."""
        found = next((each for each in fields_of(self.shelf.subject) if each.name == name), None)
        if found is None or (found.is_personal and not request.user.may(SEE)):
            raise Http404
        return found
