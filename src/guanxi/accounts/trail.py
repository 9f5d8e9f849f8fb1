"""The audit trail in words: what acts and fields are called, and how what they were done to is named.

Contexts bring the words of their own acts in `AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.accounts.forms import RevealForm
from guanxi.accounts.models import ApiKey, AuditEntry, Invitation, Staff
from guanxi.accounts.models.audit import kind_of
from guanxi.accounts.roles import FIELDS, PERMISSIONS, Role
from guanxi.pages.filters import Days, Filter, lazily, on_days
from guanxi.pages.listing import Column, Table

Text = str | Promise
NAMES = {each.name.rpartition(".")[2]: each.title for each in FIELDS}  # as a reveal names fields
LATELY = {"1": gettext_lazy("today"), "7": gettext_lazy("last 7 days"), "30": gettext_lazy("last 30 days")}


@dataclass(frozen=True)
class Named:
    """What something was done to, as the trail names it: masked where it is a person."""

    text: Text
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words for what is done to one kind of subject.

    `names` answers a set of keys with how each is named; `masks` hide what is personal in a field.
    """

    acts: Mapping[str, Text]
    fields: Mapping[str, Text] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    masks: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    names: Callable[[Iterable[str]], Mapping[str, Named]] = lambda _keys: {}


_words: dict[str, Words] = {}


def register(kind: str, words: Words) -> None:
    """Bring the words for a kind of subject, such as `customer`; called in `AppConfig.ready()`."""
    _words[kind] = words


def selection(kind: str, act: Text, title: Text, url_name: str, *, more: Mapping[str, Text] | None = None) -> Words:
    """Give the words for a list of which selections leave as files."""
    fields = {"filters": gettext_lazy("Narrowed by"), "search": gettext_lazy("Search"), "form": gettext_lazy("File")}
    rows = {"rows": gettext_lazy("Rows"), "fields": gettext_lazy("In the clear")}
    return Words(
        acts={f"{kind}.exported": act, **(more or {})},
        fields={**fields, **rows},
        values={"search": {"q": gettext_lazy("yes")}, "fields": NAMES},
        names=lambda keys: {key: Named(title, reverse(url_name)) for key in keys},
    )


def acts() -> dict[str, Text]:
    """Every act there is a word for."""
    return {act: title for words in _words.values() for act, title in words.acts.items()}


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    subject: Text
    was: str
    now: str


@dataclass(frozen=True)
class Line:
    """An entry as the pages draw it."""

    entry: AuditEntry
    act: Text
    on: Named
    why: str
    changes: list[Change]


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Draw entries; what they are about is named with one question for each kind of subject."""
    opened = AuditEntry.objects.opened(entries)
    names, titles = _names(opened), acts()
    return [
        Line(
            entry,
            titles.get(entry.act, entry.act),
            names.get(entry.subject, Named(entry.subject)),
            reason(entry.told["why"]),
            [_change(entry.subject, name, *pair) for name, pair in entry.told["changes"].items()],
        )
        for entry in opened
    ]


def reason(why: str) -> str:
    """Say a reason in the reader's language where it is one of the usual ones."""
    word, colon, rest = why.partition(": ")
    usual = dict(RevealForm.REASONS).get(word)
    return why if usual is None else f"{usual} · {rest}" if colon else str(usual)


def _names(entries: Iterable[AuditEntry]) -> dict[str, Named]:
    keys: dict[str, set[str]] = {}
    for entry in entries:
        kind, _colon, key = entry.subject.partition(":")
        keys.setdefault(kind, set()).add(key)
    found = {kind: _words[kind].names(some) for kind, some in keys.items() if kind in _words}
    return {f"{kind}:{key}": named for kind, some in found.items() for key, named in some.items()}


def _change(subject: str, name: str, was: Any, now: Any) -> Change:
    words = _words.get(subject.partition(":")[0], Words(acts={}))
    return Change(words.fields.get(name, name), _value(words, name, was), _value(words, name, now))


def _value(words: Words, name: str, value: Any) -> str:
    """Write a value as people read it, masked where it is personal."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(words, name, each) for each in value)
    text = str(words.values.get(name, {}).get(str(value), value))
    return words.masks[name](text) if name in words.masks else text


class About(Filter):
    """What concerns one record; its name is found when it is shown."""

    def read(self, asked: str) -> str:
        """Read a subject such as `customer:7`."""
        kind, _colon, key = asked.partition(":")
        return asked if kind in _words and key.isalnum() else ""

    def meaning(self, value: str) -> str:
        """Give the subject as it stands."""
        return value

    def told(self, value: str) -> Text:
        """Name it."""
        kind, _colon, key = value.partition(":")
        named = _words[kind].names([key]).get(key)
        return named.text if named else value


def table(*, of: AuditEntry.Kind | None = None) -> Table:
    """Declare the list of the whole trail, or of one kind of entries."""
    return Table(
        f"audit-{of}" if of else "audit",
        (
            Column("at", gettext_lazy("When"), order_by="at", falls=True),
            Column("by", gettext_lazy("Who")),
            Column("act", gettext_lazy("What")),
            Column("on", gettext_lazy("To what")),
            Column("changes", gettext_lazy("Before and after")),
            Column("why", gettext_lazy("Reason")),
            Column("address", gettext_lazy("From where")),
        ),
        sort="-at",
        search=_searched,
        filters=(
            Filter("by", gettext_lazy("Who"), lazily(_staff), lambda rows, key: rows.filter(by=key)),
            Filter("act", gettext_lazy("What"), _acts(of), lambda rows, act: rows.filter(act=act)),
            Days("at", gettext_lazy("When"), LATELY, on_days("at")),
            About("about", gettext_lazy("To what"), {}, lambda rows, subject: rows.about(subject)),
        ),
    )


def _searched(rows: "QuerySet[AuditEntry]", text: str) -> "QuerySet[AuditEntry]":
    """Keep what somebody of a name did, or what came from an address."""
    people = Staff.objects.filter(Q(display_name__icontains=text) | Q(sign_in_name__icontains=text))
    return (
        rows.filter(Q(by__in=people.values("pk")) | Q(address=text))
        if _is_address(text)
        else rows.filter(by__in=people.values("pk"))
    )


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _staff() -> list[tuple[int, str]]:
    return list(Staff.objects.order_by("display_name").values_list("pk", "display_name"))


def _acts(of: AuditEntry.Kind | None) -> dict[str, Text]:
    return {act: title for act, title in acts().items() if of in {None, kind_of(act)}}


def of_staff(keys: Iterable[str]) -> dict[str, Named]:
    """Name members of staff."""
    found = Staff.objects.filter(pk__in=list(keys))
    return {str(each.pk): Named(each.display_name, reverse("staff-member", args=[each.pk])) for each in found}


def of_invitations(keys: Iterable[str]) -> dict[str, Named]:
    """Name those who were invited."""
    return {str(each.pk): Named(each.display_name) for each in Invitation.objects.filter(pk__in=list(keys))}


def of_roles(keys: Iterable[str]) -> dict[str, Named]:
    """Name roles."""
    return {key: Named(Role(key).label, reverse("roles")) for key in keys if key in Role.values}


def of_keys(keys: Iterable[str]) -> dict[str, Named]:
    """Name keys of the API."""
    found = ApiKey.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(each.pk): Named(each.name, reverse("api-keys")) for each in found}


DONE_TO_STAFF = {
    "staff.joined": gettext_lazy("Joined by an invitation"),
    "staff.role_changed": gettext_lazy("Changed the role of"),
    "staff.deactivated": gettext_lazy("Deactivated"),
    "staff.reactivated": gettext_lazy("Let in again"),
    "staff.password_link": gettext_lazy("Made a link for a new password"),
    "staff.password_chosen": gettext_lazy("Chose a new password"),
    "staff.signed_in": gettext_lazy("Signed in"),
    "staff.signed_out": gettext_lazy("Signed out"),
    "staff.password_changed": gettext_lazy("Changed the password"),
    "staff.second_factor_added": gettext_lazy("Set up a second factor"),
    "staff.second_factor_removed": gettext_lazy("Removed the second factor"),
    "staff.second_factor_reset": gettext_lazy("Second factor reset on the machine"),
    "staff.recovery_codes_made": gettext_lazy("Made recovery codes"),
    "staff.recovery_code_used": gettext_lazy("Used a recovery code"),
    "staff.code_refused": gettext_lazy("Gave a wrong code"),
    "staff.refused": gettext_lazy("Gave a wrong password"),
    "staff.session_ended": gettext_lazy("Signed out a browser of"),
    "staff.sessions_ended": gettext_lazy("Signed out several browsers of"),
    "staff.passkey_added": gettext_lazy("Added a passkey"),
    "staff.passkey_renamed": gettext_lazy("Renamed a passkey"),
    "staff.passkey_removed": gettext_lazy("Removed a passkey"),
    "staff.passkey_refused": gettext_lazy("Showed a passkey that did not open"),
}


def own_words() -> None:
    """Bring the words for what is done to staff, roles and invitations."""
    titles = {**{each.name: each.title for each in PERMISSIONS}, **_field_titles()}
    role = {
        "role": gettext_lazy("Role"),
        "display_name": gettext_lazy("Name"),
        "is_active": gettext_lazy("May sign in"),
    }
    own = {"factor": gettext_lazy("Proof"), "passkey": gettext_lazy("Passkey")}
    own |= {"device": gettext_lazy("Browser"), "sessions": gettext_lazy("Signed in at")}
    roles = {"role": dict(Role.choices)}
    proofs = {"factor": {"passkey": gettext_lazy("Passkey"), "code": gettext_lazy("Code")}}
    register(
        "audit", selection("audit", gettext_lazy("Exported the audit trail"), gettext_lazy("Audit trail"), "audit")
    )
    register("chart", Words(
        acts={"chart.exported": gettext_lazy("Exported the figures of a chart")},
        fields={"form": gettext_lazy("File")}, names=lambda keys: {key: Named(key) for key in keys},
    ))  # fmt: skip
    register("role", Words(acts={
        "role.changed": gettext_lazy("Changed a role"),
        "staff.second_factor_rule": gettext_lazy("Said whether a second factor is needed"),
    }, fields={**titles, "second_factor": gettext_lazy("Needs a second factor")}, names=of_roles))  # fmt: skip
    register("invitation", Words(acts={
        "staff.invited": gettext_lazy("Invited somebody"),
        "staff.invitation_withdrawn": gettext_lazy("Withdrew an invitation"),
    }, fields=role, values=roles, names=of_invitations))  # fmt: skip
    register("apikey", Words(acts={
        "apikey.made": gettext_lazy("Made a key of the API"),
        "apikey.rotated": gettext_lazy("Put another key in place of"),
        "apikey.revoked": gettext_lazy("Revoked a key of the API"),
    }, fields={
        "name": pgettext_lazy("of a thing", "Name"), "scopes": gettext_lazy("What it is for"),
        "expires_at": gettext_lazy("Opens until"), "key": gettext_lazy("Key"),
    }, names=of_keys))  # fmt: skip
    register("staff", Words(acts=DONE_TO_STAFF, fields=role | own, values=roles | proofs, names=of_staff))


def _field_titles() -> dict[str, Text]:
    titles: dict[str, Text] = {}
    for each in FIELDS:
        titles[f"{each.name}.see"] = format_lazy(gettext_lazy("See: {field}"), field=each.title)
        titles[f"{each.name}.reveal"] = format_lazy(gettext_lazy("Reveal: {field}"), field=each.title)
    return titles
