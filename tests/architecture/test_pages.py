"""What every template and route keeps to."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guanxi.pages import navigation, panels
from tests.architecture.source import PACKAGE, ROOT

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style sheet in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"""\sstyle\s*=\s*["'{]""", re.IGNORECASE),
    "an event handler": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "code in an attribute": re.compile(r"""\bhx-on\b|["']\s*js(?:on)?:\s*\{|javascript:""", re.IGNORECASE),
    "a file of another host": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
}
URL = re.compile(r"""\{%\s*url\s+["']([\w:-]+)["']""")


def named(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield prefix + (entry.name or "")
        else:
            yield from named(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""))


def inside(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_template_has_scripts_or_styles_in_it() -> None:
    found = [
        f"{inside(path)}: {what}"
        for path in TEMPLATES
        for what, pattern in INLINE.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_template_compiles() -> None:
    for path in TEMPLATES:
        get_template(path.relative_to(next(p for p in path.parents if p.name == "templates")).as_posix())


def test_every_route_a_template_names_is_there() -> None:
    known = set(named(get_resolver()))
    missing = [
        f"{inside(path)}: {name}"
        for path in TEMPLATES
        for name in URL.findall(path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert missing == []


def test_every_route_has_a_name_of_its_own() -> None:
    names = list(named(get_resolver()))
    assert all(name and not name.endswith(":") for name in names)
    assert sorted(names) == sorted(set(names))


def test_every_panel_has_its_route() -> None:
    for panel in panels._panels.values():
        assert reverse(panel.url_name, kwargs={f"{panel.subject}_id": 1})


def test_every_entry_of_the_navigation_has_its_route() -> None:
    for entry in navigation._entries.values():
        assert reverse(entry.url_name)
