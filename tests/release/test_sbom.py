"""The bill of materials names all that a shop gets, and nothing that only contributors use."""

import json
import re
from typing import Any

import pytest
from cyclonedx.output.json import JsonV1Dot6

from guanxi import __version__
from guanxi.pages.build import COPIES
from tests.architecture.source import ROOT
from tests.sbom import bill


@pytest.fixture(scope="module")
def written() -> Any:
    return json.loads(JsonV1Dot6(bill()).output_as_string())


def named(written: Any, kind: str) -> dict[str, Any]:
    return {each["name"]: each for each in written["components"] if each["purl"].startswith(f"pkg:{kind}/")}


def test_it_is_about_this_version(written: Any) -> None:
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert written["metadata"]["component"]["purl"] == f"pkg:pypi/guanxi@{__version__}"


def test_it_holds_what_the_lock_installs_version_by_version(written: Any) -> None:
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert {name: each["version"] for name, each in named(written, "pypi").items()} == locked
    assert "pytest" not in locked


def test_it_holds_the_npm_packages_whose_files_are_served(written: Any) -> None:
    found = named(written, "npm")
    assert {path.partition("/dist")[0].partition("/LICENSE")[0] for path in COPIES if "dist" in path} <= found.keys()
    assert "@tabler/icons" in found
    assert "axe-core" not in found
    assert found["echarts"]["version"] == json.loads((ROOT / "package.json").read_text())["dependencies"]["echarts"]


def test_everything_has_a_licence_and_a_checksum(written: Any) -> None:
    assert [each["name"] for each in written["components"] if not each.get("licenses")] == []
    assert [each["name"] for each in written["components"] if not each.get("hashes")] == []


def test_it_tells_who_asks_for_whom(written: Any) -> None:
    asked = {each["ref"]: set(each.get("dependsOn", [])) for each in written["dependencies"]}
    of = {each["name"]: each["bom-ref"] for each in written["components"]}
    assert of["django"] in asked[of["django-ninja"]]
    assert of["django"] in asked[f"pkg:pypi/guanxi@{__version__}"]
    reached, todo = set(), [f"pkg:pypi/guanxi@{__version__}"]
    while todo:
        reached.add(here := todo.pop())
        todo.extend(asked[here] - reached)
    assert set(of.values()) <= reached
