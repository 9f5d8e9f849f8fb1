"""The source as the architecture tests read it: files, functions, classes, and the order of the contexts."""

import ast
import io
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "guanxi"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef | ast.Module
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@cache
def layers() -> tuple[tuple[str, ...], ...]:
    """The contexts from the highest to the lowest, those of one line together, as import-linter holds them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return tuple(tuple(name.strip() for name in line.split("|")) for line in lines)


def height(context: str) -> int:
    """How low a context lies; 0 is the highest."""
    return next(place for place, names in enumerate(layers()) if context in names)


def contexts() -> list[Path]:
    """The folders of the contexts."""
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


@cache
def modules() -> tuple[Path, ...]:
    """Every Python file of Guanxi but the migrations, which Django writes."""
    return tuple(sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """Every class of a file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef))


def where(path: Path, node: ast.stmt) -> str:
    """Name a place a person can go to."""
    return f"{path.relative_to(ROOT)}:{node.lineno} {getattr(node, 'name', '')}".rstrip()


def length(node: Documented) -> int:
    """Count the lines of a function or class, its docstring apart."""
    assert isinstance(node, Function | ast.ClassDef)
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    return whole - len(_docstring(node))


def code_lines(path: Path) -> int:
    """Count the lines that hold code: no blanks, comments or docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    lines = {line for token in tokens if token.type not in SILENT for line in range(token.start[0], token.end[0] + 1)}
    documented = (node for node in ast.walk(tree(path)) if isinstance(node, Documented))
    return len(lines.difference(*(_docstring(node) for node in documented)))


def _docstring(node: Documented) -> range:
    if ast.get_docstring(node) is None:
        return range(0)
    first = node.body[0]
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is kept in the repository."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return tuple(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def text_of(path: Path) -> str:
    """The text of a tracked file; empty where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
