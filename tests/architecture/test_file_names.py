"""A file's name says what it holds, and a newcomer finds the same names in every context."""

import re
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT, contexts, modules, tracked

NOWHERE = {
    "services",
    "selectors",
    "utils",
    "helpers",
    "common",
    "managers",
    "signals",
    "misc",
    "base",
    "tests",
    "admin",
}
FOLDERS = {"models", "management", "migrations", "templates", "static", "sql", "locale", "templatetags"}
PACKAGES_OF_THEIR_OWN = {  # background work, parts of identity, ingest and insight; platforms are folders of connectors
    "core": {"jobs"},
    "customers": {"dynamics"},
    "identity": {"cleaning", "duplicates", "graph", "quality"},
    "ingest": {"collection", "ordering", "webhooks"},
    "insight": {
        "assortment",
        "attribution",
        "churn",
        "forecast",
        "geography",
        "goals",
        "lifetime",
        "lookalike",
        "notebook",
        "recommendation",
        "trials",
    },
}
ERROR_PAGES = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def inside(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    assert [inside(path) for path in modules() if {path.stem, *path.relative_to(PACKAGE).parts[:-1]} & NOWHERE] == []


def test_names_are_plain_words() -> None:
    odd = [inside(path) for path in modules() if not re.fullmatch(r"[a-z][a-z0-9_]*|__init__|__main__", path.stem)]
    assert odd == []


def test_every_context_says_what_it_is_for() -> None:
    for context in contexts():
        assert (context / "__init__.py").read_text().startswith('"""'), f"{context.name} says nothing of itself"
        assert (context / "apps.py").exists(), f"{context.name} has no apps.py"


def test_contexts_hold_only_known_folders() -> None:
    strange = [
        inside(folder)
        for context in contexts()
        if context.name != "connectors"
        for folder in context.iterdir()
        if folder.is_dir()
        and folder.name not in FOLDERS | PACKAGES_OF_THEIR_OWN.get(context.name, set()) | {"__pycache__"}
    ]
    assert strange == []


def test_templates_styles_and_scripts_lie_under_their_contexts_name() -> None:
    stray = [
        inside(path)
        for context in contexts()
        for kind in ("templates", "static")
        for path in (context / kind).glob("*")
        if path.name != context.name and not (context.name == "pages" and path.name in ERROR_PAGES)
    ]
    assert stray == []


def test_sql_files_are_marts() -> None:
    sql = [path for path in tracked() if path.suffix == ".sql" and path.is_relative_to(PACKAGE)]
    assert [inside(path) for path in sql if path.parent.name != "sql" or path.parents[1].parent != PACKAGE] == []


def test_tests_mirror_the_source() -> None:
    names = {context.name for context in contexts()} | {"architecture", "docs", "e2e"}
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in tracked() if path.match("tests/*/**/*.py")}
    assert folders <= names


def test_test_files_are_named_after_what_they_test() -> None:
    stray = [
        inside(path)
        for path in tracked()
        if path.is_relative_to(ROOT / "tests") and path.suffix == ".py" and "_test" in path.stem
    ]
    assert stray == []
