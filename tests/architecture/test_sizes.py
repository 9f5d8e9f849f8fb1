"""Nothing grows past what a reader takes in at once."""

import tomllib

from tests.architecture.source import PACKAGE, ROOT, Function, classes, code_lines, functions, length, modules, where

FUNCTION_LINES = 40
CLASS_LINES = 300
FILE_LINES = 400
ARGUMENTS = 5
COMPLEXITY = 8
CORE_LINES = 800


def arguments(function: Function) -> list[str]:
    """The names of a function's arguments, the object itself apart."""
    given = function.args
    return [
        each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs) if each.arg not in {"self", "cls"}
    ]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [where(path, each) for path in modules() for each in functions(path) if length(each) > FUNCTION_LINES]
    assert long == []


def test_no_function_takes_more_than_five_arguments() -> None:
    many = [where(path, each) for path in modules() for each in functions(path) if len(arguments(each)) > ARGUMENTS]
    assert many == []


def test_no_class_is_longer_than_its_limit() -> None:
    assert [where(path, each) for path in modules() for each in classes(path) if length(each) > CLASS_LINES] == []


def test_no_file_is_longer_than_its_limit() -> None:
    long = [str(path.relative_to(ROOT)) for path in modules() if len(path.read_text().splitlines()) > FILE_LINES]
    assert long == []


def test_core_stays_small() -> None:
    assert sum(code_lines(path) for path in modules() if path.is_relative_to(PACKAGE / "core")) < CORE_LINES


def test_complexity_is_held_by_the_linter() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert rules["mccabe"]["max-complexity"] == COMPLEXITY
    assert "C90" in rules["select"]
