"""The front-end files are built from pinned packages, quickly and repeatably."""

import gzip
import json
import re
from pathlib import Path

import pytest

from guanxi.pages import build
from guanxi.pages.icons import ICONS

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
SCRIPTS = re.compile(r"pages/[\w/-]+\.(?:js|css)")
USED = re.compile(r"""(?:\{%\s*icon\s+|picture=|icon=)["']([a-z0-9-]+)["']""")

needs_packages = pytest.mark.skipif(not (MODULES / "@tabler").is_dir(), reason="npm packages are not installed")


def test_the_lock_file_pins_every_package_and_names_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert all(package["integrity"] and "resolved" not in package for package in packages)


def test_every_icon_used_in_a_template_is_in_the_sprite() -> None:
    templates = (ROOT / "src").rglob("templates/**/*.html")
    used = {name for path in templates for name in USED.findall(path.read_text())}
    assert used
    assert used <= set(ICONS)


def test_icons_are_listed_once_in_order() -> None:
    assert list(ICONS) == sorted(set(ICONS))


@needs_packages
def test_building_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path)
    monkeypatch.setattr(build, "compile_messages", lambda: None)
    build.build(MODULES)
    first = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.glob("*.[jcs]*")}
    build.build(MODULES)
    assert first == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in first}


@needs_packages
def test_every_script_and_style_sheet_has_its_compressed_twin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path)
    monkeypatch.setattr(build, "compile_messages", lambda: None)
    build.build(MODULES)
    built = [path for path in tmp_path.rglob("*") if path.suffix in {".js", ".css", ".svg"}]
    assert {path.name for path in (tmp_path / "chart").glob("*.js")} >= {"draw.js", "words.js"}
    for path in built:
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_pages_ask_only_for_scripts_that_were_built() -> None:
    sources = [*(ROOT / "src").rglob("templates/**/*.html"), *(ROOT / "src").rglob("templatetags/*.py")]
    asked = {name for path in sources for name in SCRIPTS.findall(path.read_text())}
    assert asked
    assert all(name.startswith("pages/vendor/") for name in asked)


@needs_packages
def test_first_page_stays_within_its_budget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path)
    monkeypatch.setattr(build, "compile_messages", lambda: None)
    build.build(MODULES)
    packed = {path.name: len(gzip.compress(path.read_bytes())) for path in tmp_path.iterdir() if path.is_file()}
    assert packed["tabler.css"] + packed["gx.css"] < 100 * 1024
    assert packed["htmx.js"] + packed["gx.js"] + packed["tom-select.js"] < 250 * 1024
    assert packed["inter.woff2"] + packed["source-serif-4.woff2"] <= 100 * 1024


def test_a_class_is_described_by_one_sheet_alone() -> None:
    """What a second sheet says of it, it says of the class within something: `.gx-filters .gx-columns`."""
    sheets: dict[str, set[str]] = {}
    for sheet in (build.STATIC / "css").glob("*.css"):
        for name in re.findall(r"^\.([\w-]+) \{", sheet.read_text(), re.MULTILINE):
            sheets.setdefault(name, set()).add(sheet.name)
    assert len(sheets) > 200
    assert [(name, sorted(among)) for name, among in sheets.items() if len(among) > 1] == []


@needs_packages
def test_tabler_lies_in_a_layer_below_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path)
    monkeypatch.setattr(build, "compile_messages", lambda: None)
    build.build(MODULES)
    sheet = (tmp_path / "tabler.css").read_text()
    assert sheet.startswith("@layer tabler, gx;")
    assert "@charset" not in sheet
    assert "sourceMappingURL" not in sheet


def test_a_missing_folder_of_packages_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="npm ci"):
        build.main([str(tmp_path)])
