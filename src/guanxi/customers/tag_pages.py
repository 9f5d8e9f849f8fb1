"""The page on which a shop keeps its tags in order: groups, names, what is retired, two that mean the same."""

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.accounts.permission import StaffRequest, needs
from guanxi.core.errors import Refused
from guanxi.customers.models import Tag, Tagging, TagGroup
from guanxi.pages import formats, toasts
from guanxi.shop.forms import COLOURS, printable

CHANGE = "rules.change"


class GroupForm(forms.Form):
    """A group of tags: its name, its colour, and whether people carry one of its tags at most."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60, validators=[printable])
    colour = forms.TypedChoiceField(
        label=gettext_lazy("Colour"), choices=COLOURS, coerce=int, initial="0", widget=forms.RadioSelect
    )
    is_exclusive = forms.BooleanField(
        label=gettext_lazy("One tag at most: another takes its place"), required=False,
        help_text=gettext_lazy("For answers of which only one can be true, such as how somebody came to the shop."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, group: TagGroup | None = None) -> None:
        told = {name: getattr(group, name) for name in ("name", "colour", "is_exclusive")} if group else {}
        super().__init__(data, initial=told)
        self.group = group
        if group and group.name == TagGroup.OWN:
            del self.fields["name"]  # staff add their own words there, whatever it is called

    def clean_name(self) -> str:
        """Refuse the name of another group."""
        name: str = self.cleaned_data["name"]
        others = TagGroup.objects.filter(name__iexact=name).exclude(pk=self.group.pk if self.group else 0)
        if others.exists():
            raise forms.ValidationError(_("There is a group of this name. Choose another."))
        return name


class TagOfGroupForm(forms.Form):
    """A tag: its name, and the group it stands in."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60, validators=[printable])
    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        queryset=TagGroup.objects.filter(retired_at=None).order_by("name"),
        empty_label=None,
    )

    def __init__(self, data: Any = None, *, tag: Tag | None = None, group: TagGroup | None = None) -> None:
        told = {"name": tag.name, "group": tag.group_id} if tag else {"group": group and group.pk}
        super().__init__(data, initial=told)
        self.tag = tag
        self.fields["group"].label_from_instance = lambda each: each.title  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a name that another tag of the group has."""
        name, group = self.cleaned_data.get("name"), self.cleaned_data.get("group")
        others = Tag.objects.filter(group=group, name__iexact=name or "").exclude(pk=self.tag.pk if self.tag else 0)
        if name and group and others.exists():
            self.add_error("name", _("The group has a tag of this name. Choose another, or merge the two."))
        return self.cleaned_data


class MergeForm(forms.Form):
    """Another tag that means the same."""

    into = forms.ModelChoiceField(label=gettext_lazy("Becomes"), queryset=Tag.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, tag: Tag) -> None:
        super().__init__(data)
        others = Tag.objects.in_use().exclude(pk=tag.pk).select_related("group").order_by("group__name", "name")
        self.fields["into"].queryset = others  # type: ignore[attr-defined]
        self.fields["into"].label_from_instance = lambda each: f"{each.group.title} · {each.name}"  # type: ignore[attr-defined]


@require_GET
@needs(CHANGE)
def tags(request: StaffRequest) -> HttpResponse:
    """Show the groups with their tags, and how many people carry each."""
    carried = dict(Tagging.objects.order_by().values("tag").annotate(people=Count("pk")).values_list("tag", "people"))
    found: dict[int, list[tuple[Tag, int]]] = {}
    for tag in Tag.objects.order_by("name"):
        found.setdefault(tag.group_id, []).append((tag, carried.get(tag.pk, 0)))
    groups = [(group, found.get(group.pk, [])) for group in TagGroup.objects.order_by("retired_at", "name")]
    return render(request, "customers/tags.html", {"groups": groups})


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def group_new(request: StaffRequest) -> HttpResponse:
    """Set a group up."""
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        group = TagGroup.form(form.cleaned_data, by=request.user)
        toasts.say(request, _("The group “%(group)s” is there.") % {"group": group.title})
        return redirect("customers:tag-groups")
    return _asked(request, form, _("A new group of tags"))


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def group(request: StaffRequest, group_id: int) -> HttpResponse:
    """Change a group."""
    found = get_object_or_404(TagGroup, pk=group_id)
    form = GroupForm(request.POST if request.method == "POST" else None, group=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = found.change(form.cleaned_data, by=request.user)
        except Refused as error:
            form.add_error("is_exclusive", str(error))
        else:
            toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("customers:tag-groups")
    return _asked(request, form, found.title)


@require_POST
@needs(CHANGE)
def group_retirement(request: StaffRequest, group_id: int) -> HttpResponse:
    """Have nobody get the tags of a group any more."""
    found = get_object_or_404(TagGroup, pk=group_id)
    found.retire(by=request.user)
    undo = reverse("customers:tag-group-return", args=[found.pk])
    toasts.say(
        request, _("“%(group)s” is retired; who carries its tags keeps them.") % {"group": found.title}, undo_url=undo
    )
    return redirect("customers:tag-groups")


@require_POST
@needs(CHANGE)
def group_return(request: StaffRequest, group_id: int) -> HttpResponse:
    """Have the tags of a group given again."""
    found = get_object_or_404(TagGroup, pk=group_id)
    found.restore(by=request.user)
    toasts.say(request, _("“%(group)s” is in use again.") % {"group": found.title})
    return redirect("customers:tag-groups")


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def tag_new(request: StaffRequest) -> HttpResponse:
    """Set a tag up."""
    asked = request.GET.get("group", "")
    home = (
        TagGroup.objects.filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 18
        else None
    )
    form = TagOfGroupForm(request.POST if request.method == "POST" else None, group=home)
    if request.method == "POST" and form.is_valid():
        coined = Tag.coin(form.cleaned_data["name"], form.cleaned_data["group"], by=request.user)
        toasts.say(request, _("The tag “%(tag)s” is there.") % {"tag": coined.name})
        return redirect("customers:tag-groups")
    return _asked(request, form, _("A new tag"))


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def tag(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Change a tag."""
    found = get_object_or_404(Tag.objects.select_related("group"), pk=tag_id)
    form = TagOfGroupForm(request.POST if request.method == "POST" else None, tag=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = found.change(form.cleaned_data["name"], form.cleaned_data["group"], by=request.user)
        except Refused as error:
            form.add_error("group", str(error))
        else:
            toasts.say(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("customers:tag-groups")
    return _asked(request, form, found.name, found)


@require_POST
@needs(CHANGE)
def tag_retirement(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Have nobody get a tag any more."""
    found = get_object_or_404(Tag, pk=tag_id)
    found.retire(by=request.user)
    undo = reverse("customers:tag-restoration", args=[found.pk])
    toasts.say(request, _("“%(tag)s” is retired; who carries it keeps it.") % {"tag": found.name}, undo_url=undo)
    return redirect("customers:tag-groups")


@require_POST
@needs(CHANGE)
def tag_restoration(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Have a tag given again."""
    found = get_object_or_404(Tag, pk=tag_id)
    found.restore(by=request.user)
    toasts.say(request, _("“%(group)s” is in use again.") % {"group": found.name})
    return redirect("customers:tag-groups")


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
def tag_merge(request: StaffRequest, tag_id: int) -> HttpResponse:
    """Ask which tag means the same, say how many people it is about, and make the two one: for good."""
    found = get_object_or_404(Tag.objects.select_related("group"), pk=tag_id)
    form = MergeForm(request.POST if request.method == "POST" else None, tag=found)
    people = Tagging.objects.filter(tag=found).count()
    if request.method == "POST" and form.is_valid():
        try:
            found.merge_into(form.cleaned_data["into"], by=request.user)
        except Refused as error:
            form.add_error("into", str(error))
        else:
            told = {"tag": found.name, "into": form.cleaned_data["into"].name}
            toasts.say(request, _("“%(tag)s” is “%(into)s” now.") % told)
            return redirect("customers:tag-groups")
    verb = ngettext("Merge, for %(count)s person", "Merge, for %(count)s people", people) % {
        "count": formats.count(people)
    }
    told = {"form": form, "tag": found, "people": people, "verb": verb}
    return render(request, "customers/tag_merge.html", told, status=422 if form.errors else 200)


def _asked(request: StaffRequest, form: forms.Form, title: str, tag: Tag | None = None) -> HttpResponse:
    told = {"form": form, "title": title, "tag": tag}
    return render(request, "customers/tag_form.html", told, status=422 if form.errors else 200)
