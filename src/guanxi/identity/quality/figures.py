"""The figures of data quality, and which of them a person counts under: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Channel, Identifier
from guanxi.customers.models.consent import ADDRESSES
from guanxi.identity.cleaning import emails, phones
from guanxi.identity.cleaning.names import read_name
from guanxi.identity.cleaning.reading import Reason, Verdict

Kind = Identifier.Kind
REACHED = "reached_"
EVERYBODY = "everybody"
REACHABLE = "reachable"
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.WECHAT, Channel.PUSH)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure: what it is called, how it is computed, and where it stands; `is_good` where more is better."""

    code: str
    title: str | Promise
    how: str | Promise
    group: str
    is_good: bool = False


_REACH = _("Their consent to marketing by this channel is in force, and they have an address for it that works.")
FIGURES: Mapping[str, Figure] = {
    each.code: each
    for each in (
        Figure(
            code=REACHABLE,
            title=_("Reachable by any channel"),
            how=_("At least one of the channels below reaches them."),
            group="reach",
            is_good=True,
        ),
        *(
            Figure(code=f"{REACHED}{channel.value}", title=title, how=_REACH, group="reach", is_good=True)
            for channel, title in zip(
                CHANNELS,
                (_("Reachable by e-mail"), _("Reachable by SMS"), _("Reachable by WeChat"), _("Reachable by push")),
                strict=True,
            )
        ),
        Figure(
            code="broken",
            title=_("Address does not work"),
            how=_("What was given is no address, or nobody's, and they have no other of its kind."),
            group="wrong",
        ),
        Figure(
            code="bad_phone",
            title=_("Phone does not work"),
            how=_("What was given is no number anywhere or looks invented, and they have no other."),
            group="wrong",
        ),
        Figure(
            code="bad_email",
            title=_("E-mail does not work"),
            how=_("What was given is no e-mail address, and they have no other."),
            group="wrong",
        ),
        Figure(
            code="mistyped",
            title=_("E-mail mistyped"),
            how=_("Its provider is one letter away from a known one. Nothing is changed until somebody accepts it."),
            group="wrong",
        ),
        Figure(
            code="throw_away",
            title=_("Throw-away e-mail"),
            how=_("Its provider gives addresses to be thrown away, by the list of disposable-email-domains."),
            group="wrong",
        ),
        Figure(
            code="virtual",
            title=_("Virtual phone"),
            how=_("It is of a virtual operator of China (162, 165, 167, 170, 171), whose numbers change hands often."),
            group="wrong",
        ),
        Figure(
            code="bad_name",
            title=_("Name that is none"),
            how=_("It has no letter in it, or stands for nobody."),
            group="wrong",
        ),
        Figure(
            code="shared",
            title=_("Shared by too many"),
            how=_("More profiles share it than the rules allow, so that it joins nobody."),
            group="wrong",
        ),
        Figure(
            code="twice",
            title=_("Probably known twice"),
            how=_("The last search for duplicates found somebody so like them that both may be one person."),
            group="wrong",
        ),
        Figure(code="no_name", title=_("No name"), how=_("Nobody said it."), group="missing"),
        Figure(code="no_phone", title=_("No phone"), how=_("No number in force is known."), group="missing"),
        Figure(code="no_email", title=_("No e-mail"), how=_("No address in force is known."), group="missing"),
        Figure(code="no_birthday", title=_("No birthday"), how=_("Nobody said it."), group="missing"),
        Figure(code="no_province", title=_("No province"), how=_("Nobody said it."), group="missing"),
    )
}
WRITTEN: Mapping[str, Mapping[str, Any]] = {  # those the book itself can be asked for: nothing is kept of them
    "no_name": {"name": ""},
    "no_birthday": {"birthday": None},
    "no_province": {"province": ""},
}
DOUBTS = {Reason.MISTYPED: "mistyped", Reason.THROW_AWAY: "throw_away", Reason.VIRTUAL: "virtual"}


@dataclass
class Person:
    """What the book knows of a person, as far as a figure asks for it.

    `phones` and `emails` are those in force with their strength; `kinds` are the kinds of identifiers in force,
    `consents` the channels of marketing agreed to, `unread` the kinds of which something was given that could not be
    read.
    """

    name: str = ""
    has_birthday: bool = False
    province: str = ""
    phones: list[tuple[str, str]] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    is_shared: bool = False
    is_twice: bool = False


def figures_of(person: Person) -> set[str]:
    """Say which figures a person counts under.

    >>> ada = Person(name="Ada", emails=["ada@gmial.com"], kinds={"email"}, consents={"email", "sms"})
    >>> sorted(figures_of(ada))
    ['mistyped', 'no_birthday', 'no_phone', 'no_province', 'reachable', 'reached_email']
    """
    said = [phones.judge_known(*each).reason for each in person.phones]
    written = [emails.judge_known(each).reason for each in person.emails]
    working = set(person.kinds)
    if said and all(reason == Reason.INVENTED for reason in said):
        working.discard(Kind.PHONE)
    if written and all(reason == Reason.THROW_AWAY for reason in written):
        working.discard(Kind.EMAIL)
    found = {DOUBTS[reason] for reason in (*said, *written) if reason in DOUBTS}
    found |= set(_wrong(person, working)) | set(_missing(person)) | set(_reached(person, working))
    return found | {"broken"} if found & {"bad_phone", "bad_email"} else found


def _wrong(person: Person, working: set[str]) -> Iterator[str]:
    if (Kind.PHONE in person.kinds or Kind.PHONE in person.unread) and Kind.PHONE not in working:
        yield "bad_phone"
    if Kind.EMAIL in person.unread and Kind.EMAIL not in person.kinds:
        yield "bad_email"
    if person.name and read_name(person.name).verdict == Verdict.UNUSABLE:
        yield "bad_name"
    if person.is_shared:
        yield "shared"
    if person.is_twice:
        yield "twice"


def _missing(person: Person) -> Iterator[str]:
    if not person.name:
        yield "no_name"
    if Kind.PHONE not in person.kinds:
        yield "no_phone"
    if Kind.EMAIL not in person.kinds:
        yield "no_email"
    if not person.has_birthday:
        yield "no_birthday"
    if not person.province:
        yield "no_province"


def _reached(person: Person, working: set[str]) -> Iterator[str]:
    for channel in CHANNELS:
        if channel in person.consents and working.intersection(ADDRESSES[channel]):
            yield REACHABLE
            yield f"{REACHED}{channel.value}"
