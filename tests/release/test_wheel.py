"""What a shop installs: the wheel holds everything, and from nothing else the program comes up and lets an owner in."""

import http.cookiejar
import json
import re
import secrets
import shutil
import subprocess
import tarfile
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from guanxi import __version__
from guanxi.pages import build
from tests.architecture.source import ROOT, tracked
from tests.release.conftest import pack
from tests.web.process import free_port, status, until

PASSWORD = "rain on the tea hill"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_package_and_all_that_is_built(packed: Path) -> None:
    found = names(next(packed.glob("*.whl")))
    kept = {path.relative_to(ROOT / "src").as_posix() for path in tracked() if path.is_relative_to(ROOT / "src")}
    built = {f"guanxi/pages/static/pages/vendor/{name}" for name in build.COPIES.values()}
    built |= {f"guanxi/pages/static/pages/vendor/{name}" for name in ("gx.css", "gx.js", "tabler.css", "icons.svg")}
    texts = {name.removesuffix(".po") + ".mo" for name in kept if name.endswith(".po")}
    assert kept | built | texts <= found
    assert texts
    assert {name.partition("/")[0] for name in found} == {"guanxi", f"guanxi-{__version__}.dist-info"}


def test_the_source_archive_packs_to_the_same_wheel(packed: Path, tmp_path: Path) -> None:
    with tarfile.open(next(packed.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    pack(next(tmp_path.iterdir()), tmp_path / "again")
    again, first = next(tmp_path.glob("again/*.whl")), next(packed.glob("*.whl"))
    assert again.read_bytes() == first.read_bytes()


def test_what_was_not_built_is_not_packed(packed: Path, tmp_path: Path) -> None:
    with tarfile.open(next(packed.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = next(tmp_path.iterdir())
    next(tree.rglob("*.mo")).unlink()
    with pytest.raises(subprocess.CalledProcessError) as refused:
        pack(tree, tmp_path / "again")
    assert b"was not built yet. Run `make setup` first" in refused.value.stderr


class Visitor:
    """A browser without a screen: cookies, forms, redirects."""

    def __init__(self, port: int, language: str) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self._opener.addheaders = [("Accept-Language", language)]

    def get(self, path: str) -> str:
        with self._opener.open(self.origin + path, timeout=60) as response:
            assert response.status == 200
            return str(response.read().decode())

    def fill_in(self, path: str, **values: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert token
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        request = urllib.request.Request(self.origin + path, data, {"Origin": self.origin})
        with self._opener.open(request, timeout=60) as response:
            return str(response.read().decode())


class Program:
    """The installed `guanxi`, which knows its home and nothing of this tree."""

    def __init__(self, programs: Path, home: Path, database: str) -> None:
        self.words = [str(programs / "guanxi")]
        self.home = home
        self.environment = {
            "PATH": str(programs),  # no node, no compiler
            "HOME": str(home.parent),
            "GUANXI_HOME": str(home),
            "GUANXI_DATABASE_URL": database,
        }

    def run(self, *arguments: str) -> str:
        words, place = [*self.words, *arguments], self.home.parent
        done = subprocess.run(words, env=self.environment, cwd=place, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.words, *arguments], env=self.environment, cwd=self.home.parent, stdout=subprocess.PIPE, text=True
        )


@pytest.fixture
def database(transactional_db: None) -> Iterator[str]:
    """An empty database of the kind this run is about; nothing names SQLite's, which lies in the home."""
    if connection.vendor == "sqlite":
        yield ""
        return
    name, place = f"release_{secrets.token_hex(4)}", connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    yield f"postgresql://{place['USER']}:{quote(place['PASSWORD'])}@{place['HOST']}:{place['PORT']}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")


@pytest.mark.crash
def test_a_shop_begins_with_the_wheel_alone(installed: Path, database: str, tmp_path: Path) -> None:
    program, port = Program(installed, tmp_path / "home", database), free_port()
    assert program.run("--version") == f"guanxi {__version__}\n"
    assert not shutil.which("node", path=program.environment["PATH"])
    running = program.start("up", "--port", str(port), "--workers", "1", "--json")
    try:
        until(lambda: status(port) == 200 or running.poll() is not None, 300)
        assert running.stdout
        welcome = urllib.parse.urlsplit(json.loads(running.stdout.readline())["owner_link"]).path
        owner = {"display_name": "林晓", "sign_in_name": "lin", "password": PASSWORD, "again": PASSWORD}
        Visitor(port, "zh-CN").fill_in(welcome, **owner)
        assert_the_shop_is_open(Visitor(port, "zh-CN"))
        findings = json.loads(program.run("doctor", "--json"))
    finally:
        running.terminate()
        ended = running.wait(timeout=60)
        running.stdout and running.stdout.close()
    assert ended == 0
    assert [each["sentence"] for each in findings if each["state"] == "wrong"] == []


def assert_the_shop_is_open(browser: Visitor) -> None:
    """Sign in with the password alone, as owners may on the first day; then look around."""
    home = browser.fill_in("/sign-in/", sign_in_name="lin", password=PASSWORD)
    assert "<title>首页" in home
    assert f"Guanxi {__version__}" in home
    files = re.findall(r'(?:href|src)="(/static/[^"#]+)', home)
    assert {Path(name).suffix for name in files} >= {".css", ".js", ".woff2"}
    for name in {*files, *(re.findall(r'"(/static/[^"#]+icons\.svg)', home))}:
        with browser._opener.open(browser.origin + name, timeout=60) as response:
            assert len(response.read()) > 100, name
    assert "还没有客户" in browser.get("/customers/")
