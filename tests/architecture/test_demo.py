"""The demo shop is made as any shop is: by the verbs and the importers of the product."""

import ast
from pathlib import Path

from tests.architecture.source import PACKAGE, modules, tree, where

WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "update", "delete", "save", "insert",
    "executemany", "execute", "set_password",
}  # fmt: skip
HANDS_OFF = {"django.db", "guanxi.core.bulk", "guanxi.orders.intake", "guanxi.catalog.intake"}
DEMO = [path for path in modules() if path.is_relative_to(PACKAGE / "demo")]


def strange(path: Path) -> list[str]:
    """The calls of a file that write rows, and its imports of what does."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in WRITES:
            found.append(where(path, node))  # type: ignore[arg-type]
        if isinstance(node, ast.ImportFrom) and node.module in HANDS_OFF:
            found.append(where(path, node))
    return found


def test_the_demo_writes_no_row_itself() -> None:
    assert DEMO
    assert [place for path in DEMO for place in strange(path)] == []


def test_the_demo_has_no_tables() -> None:
    assert [path for path in DEMO if path.name == "models.py"] == []
    assert sorted((PACKAGE / "demo" / "migrations").glob("0*.py")) == []
