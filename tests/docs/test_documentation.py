"""The documentation is true: its links lead somewhere, its commands exist, its lists are those of the code."""

import argparse
import ast
import importlib.metadata
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from guanxi.__main__ import overview
from guanxi.ingest.collection.names import CATALOGUE
from guanxi.ingest.collection.properties import LISTS, NUMBERS, TEXTS
from guanxi.pages import glossary
from tests.architecture.source import PACKAGE, ROOT, contexts, modules, tracked, tree

PAGES = [path for path in tracked() if path.suffix == ".md"]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`|^ {4}(?=\S)(.+)$", re.DOTALL | re.MULTILINE)
GUANXI = re.compile(r"(?:^|[\s(])(?:\.venv/bin/)?guanxi +([a-z][^|)#…]*)")
MAKE = re.compile(r"(?:^|&& )make ((?:[a-z0-9]+ ?)+)")
MODULE = re.compile(r"python -m ((?:guanxi|tests|benchmarks)[\w.]*)")
EVENT = re.compile(r"(?:[A-Z][a-z]+ )+(?:[A-Z][a-z]+ed|Withdrawn|Given|Sent)")
WORDS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext"}


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code(text: str) -> Iterator[str]:
    """Every line of code of a page, in blocks and in sentences."""
    for found in CODE.finditer(text):
        yield from next(filter(None, found.groups())).splitlines()


def anchors(text: str) -> set[str]:
    """The places of a page one can link to."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(page: str) -> list[list[str]]:
    """The rows of all tables of a page, without their heads."""
    lines = [line for line in (DOCS / page).read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = {place - 1 for place, row in enumerate(cells) if set(row[0]) <= {"-", ":"}}
    return [row for place, row in enumerate(cells) if place not in heads and place - 1 not in heads]


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{of(page)} links to {target}"
        assert not anchor or anchor in anchors(found.read_text()), f"{of(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_commands_exist(page: Path) -> None:
    listed = overview()
    for line in code(page.read_text()):
        for words in GUANXI.findall(line):
            name, *rest = shlex.split(words.replace("'", "").replace('"', ""))
            assert f"\n  {name} " in listed, f"{of(page)}: `guanxi {name}` is no command"
            assert_understood(name, rest, f"{of(page)}: {line.strip()}")


def assert_understood(name: str, rest: list[str], where: str) -> None:
    word = name.replace("-", "_")
    parser = load_command_class(get_commands()[word], word).create_parser("guanxi", word)
    children = next((a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction)), {})
    first = rest[0] if rest else ""
    if children and first.isalpha() and first.islower():
        assert first in children, where
        parser = children[first]
    known = {option for action in parser._actions for option in action.option_strings}
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known, where


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_make_targets_and_modules_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in code(page.read_text()):
        for named in MAKE.findall(line):
            assert set(named.split()) <= targets, f"{of(page)}: make {named}"
        for module in MODULE.findall(line):
            assert importlib.util.find_spec(module), f"{of(page)}: python -m {module}"


def test_the_glossary_has_every_term_with_its_translation() -> None:
    written = {row[0]: row[1] for row in rows("glossary.md")}
    assert {term: glossary.TERMS[term] for term in written if term in glossary.TERMS} == {
        term: word for term, word in written.items() if term in glossary.TERMS
    }
    places = {"首页", "洞察", "营销", "服务", "销售", "数据", "设置"}  # names in the navigation
    assert set(glossary.TERMS.values()) - set(written.values()) - places == set()


def test_the_glossary_uses_no_synonym_and_defines_each_word_once() -> None:
    written = rows("glossary.md")
    assert len({row[0] for row in written}) == len({row[1] for row in written}) == len(written)
    assert [(row[0], found) for row in written for found in glossary.synonyms(row[2], chinese=False)] == []


def test_every_context_stands_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text()
    assert [
        context.name for context in contexts() if not re.search(rf"^    .*\b{context.name}\b", text, re.MULTILINE)
    ] == []


def test_the_list_of_events_is_that_of_the_code() -> None:
    shown = {id(word) for path in modules() for word in words_for_people(path)}
    told = {
        node.value
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and EVENT.fullmatch(node.value)
        and id(node) not in shown
    }
    assert set(listed()) == told | {entry.name for entry in CATALOGUE}


def listed() -> dict[str, list[str]]:
    return {row[0]: row for row in rows("events.md") if not row[0].startswith("`")}


def test_the_list_of_events_has_their_old_names_and_how_long_the_book_keeps_them() -> None:
    told = {name: (row[3], row[4]) for name, row in listed().items()}
    for entry in CATALOGUE:
        assert told[entry.name] == (", ".join(entry.also), "for good" if entry.is_fact else "for a time"), entry.name


def test_the_list_of_properties_is_that_of_the_code() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("events.md") if row[0].startswith("`")}
    numbers, texts, lists = dict.fromkeys(NUMBERS, "number"), dict.fromkeys(TEXTS, "text"), dict.fromkeys(LISTS, "list")
    assert told == numbers | texts | lists


def test_the_list_of_events_names_what_each_of_the_catalogue_has_to_say() -> None:
    told = {name: row[2] for name, row in listed().items()}
    told |= {name: told["Product Viewed"] + more for name, more in told.items() if "as Product Viewed" in more}
    told |= {name: told["Order Placed"] + more for name, more in told.items() if "as Order Placed" in more}
    silent = [
        (entry.name, need)
        for entry in CATALOGUE
        for need in entry.needs
        if not any(re.search(rf"\b{word}\b", told[entry.name]) for word in need.split(" or "))
    ]
    assert silent == []


def words_for_people(path: Path) -> Iterator[ast.expr]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WORDS:
            yield from node.args


def test_the_page_of_dependencies_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    told = {row[0]: row for row in rows("dependencies.md") if len(row) == 6}
    assert set(told) == {normal(re.split(r"[\[<>=]", each)[0]) for each in project["dependencies"]}
    for name, (_, version, released, licence, used_by, _why) in told.items():
        assert version == locked[name], f"{name} is locked at {locked[name]}"
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", released)
        stated = importlib.metadata.metadata(name).get("License-Expression")
        assert stated in {licence, None}, f"{name} is under {stated}"
        if set(re.split(", ", used_by)) & {context.name for context in contexts()}:
            assert set(used_by.split(", ")) == importers(name), f"{name} is used by {importers(name)}"
        elif used_by == "nobody yet":
            assert importers(name) == set()


def importers(package: str) -> set[str]:
    """The contexts that import a package."""
    tops = {top for top, names in importlib.metadata.packages_distributions().items() if package in map(normal, names)}
    found = set()
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {name.partition(".")[0] for name in names} & tops:
                found.add(path.relative_to(PACKAGE).parts[0])
    return found & {context.name for context in contexts()}


def test_decisions_are_numbered_and_listed() -> None:
    pages = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    index = (DOCS / "adr" / "README.md").read_text()
    for page in pages:
        text = page.read_text()
        title = text.partition("\n")[0].removeprefix("# ")
        assert f"[{title}]({page.name})" in index
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Why", "What follows"], page.name


def test_every_promise_of_the_benchmarks_has_its_line() -> None:
    import benchmarks.__main__ as runner

    text = (DOCS / "benchmarks.md").read_text()
    assert runner.TABLE.search(text)
    assert set(runner.LIMITS) <= {
        name for path in runner.FOLDER.glob("[a-z]*.py") for name in re.findall(r"\w+", path.read_text())
    }


def test_the_tests_that_security_rests_on_are_there() -> None:
    text = (DOCS / "security.md").read_text()
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 30
    assert named - there == set()
    assert [path for path in re.findall(r"`(tests/[\w/]+\.py)`", text) if not (ROOT / path).exists()] == []


def test_every_variable_of_the_environment_is_told() -> None:
    read = {name for path in modules() for name in re.findall(r"\bGUANXI_[A-Z_]+\b", path.read_text())}
    told = set(re.findall(r"\bGUANXI_[A-Z_]+\b", (DOCS / "operate.md").read_text() + (ROOT / "README.md").read_text()))
    inner = {"GUANXI_SUPERVISOR", "GUANXI_DEBUG", "GUANXI_KEY"}
    assert read - told - inner == set()


def test_what_lies_in_deploy_calls_commands_there_are() -> None:
    called = set()
    for path in sorted((ROOT / "deploy").iterdir()):
        text = path.read_text()
        if words := re.search(r'^CMD (\["guanxi".*\])$', text, re.MULTILINE):
            called.add(tuple(ast.literal_eval(words[1])[1:]))
        called |= {
            tuple(shlex.split(line)) for line in re.findall(r"^ExecStart=/opt/guanxi/bin/guanxi (.+)$", text, re.M)
        }
    assert {words[0] for words in called} == {"up", "backup"}
    for name, *rest in called:
        assert_understood(name, rest, name)
