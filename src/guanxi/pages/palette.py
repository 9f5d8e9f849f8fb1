"""What the command palette answers: recent first while nothing is typed, then what fits the text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin

from guanxi.pages import commands, navigation
from guanxi.pages.commands import Finder, Hit, Subject, Text

PAGES_SHOWN = 6
RECENT_SHOWN = 8
LONGEST = 100
MISSED = 3


@dataclass(frozen=True)
class Group:
    """Lines of one kind under their heading."""

    name: str
    title: Text
    hits: Sequence[Hit]


def answer(request: HttpRequest, text: str, subject: Subject | None, recent: Sequence[str]) -> list[Group]:
    """Find what fits; without a text, what the reader opened lately, what can be done here, and the pages."""
    text = text.strip()[:LONGEST].replace("\0", "")
    groups = _found(request, text, subject) if text else _at_rest(request, subject, recent)
    return [group for group in groups if group.hits]


def _at_rest(request: HttpRequest, subject: Subject | None, recent: Sequence[str]) -> Iterable[Group]:
    yield Group("recent", _("Recent"), _recalled(request, recent))
    yield from _verbs(request, "", subject)
    yield Group("pages", _("Pages"), _pages(request))


def _found(request: HttpRequest, text: str, subject: Subject | None) -> Iterable[Group]:
    for finder in commands.finders(request.user):
        yield Group(finder.name, finder.title, finder.find(request, text))
    yield from _verbs(request, text, subject)
    yield Group("pages", _("Pages"), _fitting(_pages(request), text)[:PAGES_SHOWN])


def _verbs(request: HttpRequest, text: str, subject: Subject | None) -> Iterable[Group]:
    """Offer what can be done to what the page is about, then what can be done from anywhere."""
    if subject:
        yield Group("here", _("On this page"), _fitting(commands.verbs(request.user, subject), text))
    yield Group("verbs", _("Do"), _fitting(commands.verbs(request.user, None), text))


def _recalled(request: HttpRequest, recent: Sequence[str]) -> list[Hit]:
    """Give back the records of the ids a browser remembers, as far as the reader may see them, the newest first."""
    ids = list(dict.fromkeys(each for each in recent if len(each) < LONGEST))[:RECENT_SHOWN]
    found = {each: hit for finder in commands.finders(request.user) for each, hit in _of(finder, request, ids)}
    return [found[each] for each in ids if each in found]


def _of(finder: Finder, request: HttpRequest, ids: Sequence[str]) -> Iterable[tuple[str, Hit]]:
    mine = [each for each in ids if each.startswith(f"{finder.prefix}_")]
    return finder.recall(request, mine).items() if finder.recall and mine else ()


def _pages(request: HttpRequest) -> list[Hit]:
    """List the pages of the navigation the reader may open."""
    return [Hit(link.title, link.url, link.icon, words=link.name) for link in navigation.pages(request)]


def _fitting(hits: Sequence[Hit], text: str) -> list[Hit]:
    """Keep those in whose title or words the text is, those that begin with it first."""
    wanted = text.casefold()
    ranked = [(_place(hit, wanted), hit) for hit in hits]
    return [hit for place, hit in sorted(ranked, key=lambda pair: pair[0]) if place < MISSED]


def _place(hit: Hit, wanted: str) -> int:
    """Say how well a line fits: its title begins with the text, a word of it does, it is in there, or not at all."""
    title = str(hit.title).casefold()
    words = " ".join((title, hit.words, *_spelled(str(hit.title))))
    if title.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in words.split()):
        return 1
    return 2 if wanted in words else MISSED


def _spelled(title: str) -> tuple[str, str]:
    """Spell a title in pinyin, whole and by its initials, as people type it without changing their keyboard."""
    initials: list[Any] = lazy_pinyin(title, style=Style.FIRST_LETTER)
    return "".join(lazy_pinyin(title)).casefold(), "".join(initials).casefold()
