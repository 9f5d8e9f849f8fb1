"""What a person chooses on the step of the columns: the way to read, how the text is written, the store."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property

from guanxi.accounts.models import Staff
from guanxi.core.errors import BadInput
from guanxi.ingest.begin import settle
from guanxi.ingest.columns import OWN, Pair, Way, as_it_is, masked_rows, pairs, suggested, ways
from guanxi.ingest.forms import ColumnsForm, LayoutForm, StoreForm
from guanxi.ingest.models import Import, SavedPreset
from guanxi.ingest.presets import Match
from guanxi.ingest.preview import Preview, look_into

LAYOUT = ("header", "delimiter", "encoding")


class Choice:
    """One request's choice; every value of the address and the form is looked up among what there is."""

    def __init__(self, request: HttpRequest, batch: Import) -> None:
        self.batch = batch
        self.said = request.POST if request.method == "POST" else request.GET
        self.problem = ""
        self.layout_form = LayoutForm(self._layout_said())
        self.files = self._files()
        self.form = self._form(request)

    def _layout_said(self) -> Mapping[str, Any]:
        former = (self.batch.mapping or {}).get("file", {})
        if any(name in self.said for name in LAYOUT):
            return self.said
        return {name: "0" if value is False else value for name, value in former.items() if name in LAYOUT}

    def _files(self) -> list[Preview]:
        try:
            return look_into(self.batch, layout=self.layout_form.layout)
        except BadInput as error:
            self.problem = str(error)
            self.layout_form = LayoutForm({})
            return look_into(self.batch)

    @cached_property
    def ways(self) -> list[Way]:
        """The ways to read the files, those that fit first."""
        return ways(self.batch.subject, self.files)

    @cached_property
    def way(self) -> Way:
        """The way chosen: now, before, or the one that fits best."""
        wanted = self.said.get("preset", self.batch.preset)
        return next((way for way in self.ways if way.name == wanted), self.ways[0])

    @cached_property
    def is_own(self) -> bool:
        """Whether the columns are chosen one by one."""
        return self.way.name == OWN or ("adjust" in self.said and self.way.adjustable)

    def _form(self, request: HttpRequest) -> StoreForm:
        data = request.POST if request.method == "POST" else None
        if not self.is_own:
            return StoreForm(data, batch=self.batch, told=self.way.store)
        return ColumnsForm(data, batch=self.batch, way=self.way, file=self.files[0], layout=self.layout_form.layout)

    def settle(self, *, by: Staff) -> bool:
        """Settle the import as chosen; where that cannot be done the form says why, and False comes back."""
        if not self.form.is_valid():
            return False
        opening = self.form.opening
        name = self.form.cleaned_data.get("save_as") or (OWN if self.is_own else self.way.name)
        mapping = self.form.mapping if isinstance(self.form, ColumnsForm) else as_it_is(self.way)
        mapping = {**mapping, "store": opening or self.way.store}
        try:
            settle(self.batch, preset=name, mapping=mapping, store=opening.get("code", ""))
        except BadInput as error:
            self.form.add_error(None, str(error))
            return False
        if self.form.cleaned_data.get("save_as"):
            told = {"subject": self.batch.subject, "mapping": mapping, "by": by}
            SavedPreset.objects.update_or_create(name=name, defaults=told)
        return True

    def looks(self) -> list[tuple[Preview, list[Pair], list[list[str]]]]:
        """Each file with the columns the way finds in it and its first rows, personal cells masked."""
        subject = self.batch.subject
        matches: Sequence[Match | None] = self.way.matches or [None] * len(self.files)
        return [
            (file, pairs(match, file, subject) if match else [], masked_rows(file, self._columns(match, file), subject))
            for match, file in zip(matches, self.files, strict=True)
        ]

    def _columns(self, match: Match | None, file: Preview) -> Mapping[str, str]:
        told = match.columns if match else suggested(self.way, self.batch, file)
        return {name: column for name, column in told.items() if isinstance(column, str)}
