"""Routes of people."""

from django.urls import path, register_converter

from guanxi.core import converters
from guanxi.customers import attributes, chosen, own, panels, reveal, tag_pages, views, withheld
from guanxi.customers.by_hand import ATTRIBUTES
from guanxi.customers.dynamics.panel import panel as habits_panel
from guanxi.customers.models import Channel, Purpose

converters.register("cus")


class ChannelWord:
    """Reads a message channel; another word is no route."""

    regex = "|".join(Channel.values)

    def to_python(self, value: str) -> Channel:
        """Read it."""
        return Channel(value)

    def to_url(self, value: str) -> str:
        """Spell it."""
        return str(value)


class AttributeWord:
    """Reads an attribute of a person; another word is no route."""

    regex = "|".join(ATTRIBUTES)

    def to_python(self, value: str) -> str:
        """Read it."""
        return value

    def to_url(self, value: str) -> str:
        """Spell it."""
        return value


class PurposeWord(ChannelWord):
    """Reads a purpose of speaking to people."""

    regex = "|".join(Purpose.values)

    def to_python(self, value: str) -> Purpose:  # type: ignore[override]  # the same for another kind of word
        """Read it."""
        return Purpose(value)


register_converter(AttributeWord, "attribute")
register_converter(ChannelWord, "channel")
register_converter(PurposeWord, "purpose")

app_name = "customers"

ONE = "<cus:customer_id>/"
CONSENT = f"{ONE}consents/<channel:channel>/<purpose:purpose>/"

urlpatterns = [
    path("", views.customers, name="list"),
    path("total/", views.total, name="total"),
    path("export.csv", views.export_csv, name="export-csv"),
    path("export.xlsx", views.export_xlsx, name="export-xlsx"),
    path("export/plainly/", reveal.export_plainly, name="export-plainly"),
    path("export/plainly/asked/", withheld.withheld, name="withheld"),
    path("export/plainly/asked/<int:export_id>/agreement/", withheld.agreement, name="withheld-agreement"),
    path("export/plainly/asked/<int:export_id>/refusal/", withheld.refusal, name="withheld-refusal"),
    path("export/plainly/asked/<int:export_id>/file/", withheld.file, name="withheld-file"),
    path("chosen/", chosen.chosen, name="chosen"),
    path("chosen/<int:act_id>/undo/", chosen.undo, name="chosen-undo"),
    path("new/", views.new, name="new"),
    path("glance/now/", views.home_now, name="home-now"),
    path("tags/", tag_pages.tags, name="tag-groups"),
    path("tags/groups/new/", tag_pages.group_new, name="tag-group-new"),
    path("tags/groups/<int:group_id>/", tag_pages.group, name="tag-group"),
    path("tags/groups/<int:group_id>/retirement/", tag_pages.group_retirement, name="tag-group-retirement"),
    path("tags/groups/<int:group_id>/return/", tag_pages.group_return, name="tag-group-return"),
    path("tags/new/", tag_pages.tag_new, name="tag-new"),
    path("tags/<int:tag_id>/", tag_pages.tag, name="tag"),
    path("tags/<int:tag_id>/retirement/", tag_pages.tag_retirement, name="tag-retirement"),
    path("tags/<int:tag_id>/return/", tag_pages.tag_restoration, name="tag-restoration"),
    path("tags/<int:tag_id>/merge/", tag_pages.tag_merge, name="tag-merge"),
    path(ONE, views.customer, name="customer"),
    path(f"{ONE}edit/", views.edit, name="edit"),
    path(f"{ONE}attributes/", attributes.attributes, name="attributes"),
    path(f"{ONE}attributes/undo/", attributes.attribute_undo, name="attribute-undo"),
    path(f"{ONE}attributes/<attribute:name>/", attributes.attribute, name="attribute"),
    path(f"{ONE}fields/undo/", own.own_field_undo, name="own-field-undo"),
    path(f"{ONE}fields/<slug:own>/", own.own_field, name="own-field"),
    path(f"{ONE}identity/", panels.identity, name="identity"),
    path(f"{ONE}reveal/", reveal.reveal, name="reveal"),
    path(f"{ONE}consents/", panels.consents, name="consents"),
    path(f"{CONSENT}agreement/", panels.consent_agreement, name="consent-agreement"),
    path(f"{CONSENT}withdrawal/", panels.consent_withdrawal, name="consent-withdrawal"),
    path(f"{ONE}consents/<int:consent_id>/restoration/", panels.consent_restoration, name="consent-restoration"),
    path(f"{ONE}consents/<int:consent_id>/retraction/", panels.consent_retraction, name="consent-retraction"),
    path(f"{ONE}tags/", panels.tags, name="tags"),
    path(f"{ONE}tags/addition/", panels.tag_addition, name="tag-addition"),
    path(f"{ONE}tags/<int:tag_id>/removal/", panels.tag_removal, name="tag-removal"),
    path(f"{ONE}tags/<int:tag_id>/return/", panels.tag_return, name="tag-return"),
    path(f"{ONE}notes/", panels.notes, name="notes"),
    path(f"{ONE}notes/addition/", panels.note_addition, name="note-addition"),
    path(f"{ONE}notes/<int:note_id>/removal/", panels.note_removal, name="note-removal"),
    path(f"{ONE}habits/", habits_panel, name="habits"),
    path(f"{ONE}timeline/", panels.story, name="timeline"),
]
