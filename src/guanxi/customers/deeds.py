"""What is done to people, in the words of the audit trail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.accounts.trail import NAMES, Named, Words, selection
from guanxi.customers.faces import called
from guanxi.customers.models import Channel, Customer, Gender, Purpose, Tag, TagGroup
from guanxi.customers.stories import FIELDS
from guanxi.guard.masking import mask_email, mask_name, mask_phone
from guanxi.shop.deeds import Titles


def names(keys: Iterable[str]) -> dict[str, Named]:
    """Name customers, masked."""
    found = Customer.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {str(each.pk): Named(called(each), reverse("customers:customer", args=[each.pk])) for each in found}


def many(keys: Iterable[str]) -> dict[str, Named]:
    """Name acts upon many."""
    return {key: Named(_("Many customers")) for key in keys}


ERASED = {
    "asked": _("They asked for it"),
    "law": _("An authority or a court ordered it"),
    "mistake": _("They should never have been in the book"),
    "retention": _("A rule of retention"),
}
CUSTOMER = Words(
    acts={
        "customer.added": _("Added a customer"),
        "customer.corrected": _("Corrected a customer"),
        "customer.put_back": _("Took a correction back"),
        "customer.note_added": _("Wrote a note"),
        "customer.note_removed": _("Took a note back"),
        "customer.tagged": _("Tagged a customer"),
        "customer.untagged": _("Took a tag off"),
        "customer.consent_given": _("Wrote down a consent"),
        "customer.consent_withdrawn": _("Withdrew a consent"),
        "customer.consent_restored": _("Put a consent back in force"),
        "customer.consent_retracted": _("Took a consent back"),
        "customer.field_written": _("Filled in a field of the shop's own"),
        "customer.revealed": _("Looked at masked fields"),
        "customer.merged": _("Merged with another customer"),
        "customer.unmerged": _("Took a merge back"),
        "customer.split": _("Split into two customers"),
        "customer.exported": _("Made a copy of everything about a customer"),
        "erasure.begun": _("Began to erase a customer"),
        "erasure.done": _("Erased a customer, for good"),
        "erasure.lifted": _("Let files bring an erased customer in again"),
    },
    fields=Titles(
        {
            **FIELDS,
            **NAMES,
            "note": _("Note"),
            "rows": _("Rows"),
            "reason": _("Why"),
            "merged": _("Merged customers"),
            "tag": _("Tag"),
            "fields": pgettext_lazy("revealed", "Seen"),
            **{
                f"{channel}.{purpose}": format_lazy(
                    "{channel} · {purpose}", channel=channel.label, purpose=purpose.label
                )
                for channel in Channel
                for purpose in Purpose
            },
        },
        "customer",
    ),
    values={"gender": dict(Gender.choices), "fields": {**NAMES, "proof": _("Proof")}, "reason": ERASED},
    masks={"name": mask_name, "phone": mask_phone, "email": mask_email},
    names=names,
)
SELECTION = selection(
    "customers", _("Exported customers, masked"), _("Customers"), "customers:list",
    more={
        "customers.plainly.exported": _("Exported customers with personal fields"),
        "customers.revealed": _("Read customers in the clear by the API"),
    },
)  # fmt: skip
WITHHELD = Words(
    acts={
        "plainexport.asked": _("Asked for a file with personal fields"),
        "plainexport.agreed": _("Agreed to a file with personal fields"),
        "plainexport.declined": _("Kept a file with personal fields from leaving"),
    },
    fields=SELECTION.fields,
    values=SELECTION.values,
    names=lambda keys: {key: Named(_("Customers"), reverse("customers:withheld")) for key in keys},
)
MANY = Words(
    acts={"bulkact.done": _("Did the same to many customers"), "bulkact.undone": _("Took back what was done to many")},
    fields={"kind": _("What"), "word": _("Word"), "reached": _("Customers reached")},
    values={"kind": {"tag": _("Tag"), "note": _("Note"), "consent": _("Consent withdrawn")}},
    names=many,
)


def tags(keys: Iterable[str]) -> dict[str, Named]:
    """Name tags."""
    found = Tag.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("customers:tag", args=[each.pk])) for each in found}


def groups(keys: Iterable[str]) -> dict[str, Named]:
    """Name groups of tags."""
    found = TagGroup.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.title, reverse("customers:tag-group", args=[each.pk])) for each in found}


TAG = Words(
    acts={
        "tag.coined": _("Added a tag"),
        "tag.changed": _("Changed a tag"),
        "tag.retired": _("Retired a tag"),
        "tag.restored": _("Brought a tag back"),
        "tag.merged": _("Merged a tag into another"),
    },
    fields={"name": pgettext_lazy("of a thing", "Name"), "group": _("Group"), "into": _("Into"), "people": _("People")},
    names=tags,
)
TAG_GROUP = Words(
    acts={
        "taggroup.formed": _("Added a group of tags"),
        "taggroup.changed": _("Changed a group of tags"),
        "taggroup.retired": _("Retired a group of tags"),
        "taggroup.restored": _("Brought a group of tags back"),
    },
    fields={"name": pgettext_lazy("of a thing", "Name"), "colour": _("Colour"), "is_exclusive": _("One at most")},
    names=groups,
)
