"""Habits that the linter cannot see."""

import ast
import importlib
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from guanxi.core import errors
from guanxi.customers.models import CustomerFact
from tests.architecture.source import PACKAGE, Function, modules, tree, where

BRANCH = re.compile(r"^(?P<stem>[│├└─ ]*)(?P<name>[A-Z]\w+)(?: +(?:(?P<context>\w+): )?.*)?$", re.MULTILINE)
UNSAFE = {"extra", "raw"}
SIGNALS = {"django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", name, node


def modules_imported() -> Iterator[tuple[str, str]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                yield from ((str(path.relative_to(PACKAGE)), alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((str(path.relative_to(PACKAGE)), f"{node.module}.{alias.name}") for alias in node.names)


def facts(kind: type[CustomerFact] = CustomerFact) -> Iterator[type[CustomerFact]]:
    for child in kind.__subclasses__():
        yield from facts(child)
        if not child._meta.abstract and child.__module__.startswith("guanxi."):
            yield child


def drawn() -> dict[str, tuple[str, str]]:
    """Read the tree of errors: of each its parent and its context."""
    above: list[str] = []
    found = {}
    for branch in BRANCH.finditer(errors.__doc__ or ""):
        depth = len(branch["stem"]) // 4
        above[depth:] = [branch["name"]]
        if depth:
            found[branch["name"]] = (above[depth - 1], branch["context"] or "core")
    return found


def coded(kind: type[Exception] = errors.GuanxiError) -> Iterator[tuple[str, tuple[str, str]]]:
    for child in kind.__subclasses__():
        root, _, rest = child.__module__.partition(".")
        if root == "guanxi":
            yield child.__name__, (kind.__name__, rest.partition(".")[0])
            yield from coded(child)


@pytest.fixture(scope="module", autouse=True)
def everything_loaded() -> None:
    for path in modules():
        if path.name not in {"__main__.py", "wsgi.py"}:
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            importlib.import_module(".".join(parts).removesuffix(".__init__"))


def test_values_reach_sql_only_as_parameters() -> None:
    assert [place for place, name, _ in calls() if name in UNSAFE or name == "RawSQL"] == []


def test_information_goes_up_without_signals() -> None:
    used = [place for place, name in modules_imported() if any(name.startswith(signals) for signals in SIGNALS)]
    assert used == []
    assert [place for place, name, _ in calls() if name == "receiver"] == []


def test_querysets_are_the_managers() -> None:
    own = [model for model in apps.get_models() if model.__module__.startswith("guanxi.")]
    bare = [model for model in own if type(model._default_manager).__module__.startswith("guanxi.")]
    assert bare == []


def test_every_fact_about_a_person_says_how_it_is_exported_and_erased() -> None:
    for fact in facts():
        names = {field.name for field in fact._meta.get_fields()}
        assert vars(fact).get("exported_fields"), f"{fact.__name__} does not declare exported_fields"
        assert {*fact.exported_fields, *fact.erased_fields} <= names, f"{fact.__name__} names fields it does not have"


def test_a_fact_never_loses_its_profile() -> None:
    for fact in facts():
        field = fact._meta.get_field("profile")
        assert isinstance(field, models.ForeignKey)
        assert field.remote_field.on_delete is models.PROTECT


def test_the_drawn_tree_of_errors_is_the_coded_one() -> None:
    assert drawn() == dict(coded())


def test_what_is_public_says_what_it_does() -> None:
    silent = [
        where(path, node)
        for path in modules()
        if "commands" not in path.parts
        for node in public(tree(path))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def public(node: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """Public functions and classes, and the public methods of these; choices and `Meta` explain themselves."""
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_"):
            nested = isinstance(node, ast.ClassDef) and isinstance(child, ast.ClassDef)
            if not nested:
                yield child
            if isinstance(child, ast.ClassDef) and not nested:
                yield from public(child)
