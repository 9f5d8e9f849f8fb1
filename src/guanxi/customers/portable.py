"""What of this context is in the settings file: groups of tags, and the tags in them; never who carries one."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.customers import deeds
from guanxi.customers.models import Tag, TagGroup
from guanxi.pages.portable import Colour, Name, Part, Record


class Group(Record):
    """A group of tags."""

    name: Name
    colour: Colour
    is_exclusive: bool
    is_retired: bool


class Word(Record):
    """A tag in its group."""

    group: Name
    name: Name
    is_retired: bool


def groups() -> Iterator[Group]:
    """Give every group."""
    for each in TagGroup.objects.order_by("name"):
        told: dict[str, Any] = {name: getattr(each, name) for name in ("name", "colour", "is_exclusive")}
        yield Group(**told, is_retired=each.retired_at is not None)


def take_group(told: Group, by: Any) -> None:
    """Form a group, or change the one of its name."""
    wanted = {"name": told.name, "colour": told.colour, "is_exclusive": told.is_exclusive}
    group = TagGroup.objects.filter(name=told.name).first()
    if group:
        group.change(wanted, by=by)
    else:
        group = TagGroup.form(wanted, by=by)
    (group.retire if told.is_retired else group.restore)(by=by)


def words() -> Iterator[Word]:
    """Give every tag."""
    kept = Tag.objects.order_by("group__name", "name").values_list("group__name", "name", "retired_at")
    for group, name, retired_at in kept:
        yield Word(group=group, name=name, is_retired=retired_at is not None)


def take_word(told: Word, by: Any) -> None:
    """Coin a tag in its group, which came before it or is there."""
    group = TagGroup.objects.filter(name=told.group).first()
    tag = Tag.coin(told.name, group or TagGroup.form({"name": told.group}, by=by), by=by)
    (tag.retire if told.is_retired else tag.restore)(by=by)


RETIRED = {"is_retired": _("Retired")}
PARTS = (
    Part(
        name="tag_groups", title=_("Groups of tags"), order=30, record=Group, give=groups, take=take_group,
        key=lambda each: each.name, fields={**deeds.TAG_GROUP.fields, **RETIRED},
    ),
    Part(
        name="tags", title=_("Tags"), order=35, record=Word, give=words, take=take_word,
        key=lambda each: f"{each.group} › {each.name}", fields={**deeds.TAG.fields, **RETIRED},
    ),
)  # fmt: skip
