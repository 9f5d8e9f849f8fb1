"""A context knows only what lies below it: by its imports, and by its foreign keys."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from importlinter.cli import lint_imports

from tests.architecture.source import PACKAGE, ROOT, contexts, height, modules, tree

ENGINES = {"duckdb", "pyiceberg", "pyspark", "pysail"}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def context_of(model: type[models.Model]) -> str | None:
    """The context a model belongs to; None for those of Django and of libraries."""
    root, _, rest = model.__module__.partition(".")
    return rest.partition(".")[0] if root == "guanxi" else None


def relations() -> Iterator[tuple[type[models.Model], str, type[models.Model]]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if context_of(model) and not field.auto_created and isinstance(target, type):
                yield model, field.name, target


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_contexts_import_only_downwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=str(tmp_path))
    assert not broken, capsys.readouterr().out


def test_every_context_has_its_layer() -> None:
    for context in contexts():
        assert height(context.name) >= 0


def test_foreign_keys_point_only_downwards() -> None:
    upward = [
        f"{model._meta.label}.{name} → {target._meta.label}"
        for model, name, target in relations()
        if (above := context_of(model))
        and (below := context_of(target))
        and above != below
        and height(below) <= height(above)
    ]
    assert upward == []


def test_only_the_warehouse_speaks_to_the_engines() -> None:
    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] != "warehouse"
        for name in imports(path)
        if name.partition(".")[0] in ENGINES
    ]
    assert strangers == []


def test_the_engines_contract_names_every_context_but_the_warehouse() -> None:
    contract = next(contract for contract in CONTRACTS if contract["type"] == "forbidden")
    assert {*contract["source_modules"], "guanxi.warehouse"} == {f"guanxi.{context.name}" for context in contexts()}
