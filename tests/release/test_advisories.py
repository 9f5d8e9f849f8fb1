"""The gate hears of known flaws, and never takes silence for safety."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests import advisories
from tests.advisories import Answer, ask, verdict

FLAW = {
    "id": "PYSEC-2099-1",
    "aliases": ["CVE-2099-0001"],
    "summary": "Tea is spilled.",
    "modified": "2099-01-02T00:00:00Z",
    "published": "2099-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "teapot", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4"}]}],
        }
    ],
}
BROKEN = "half of an answ"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text("".join(f"{name}==1.3 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("kettle", "teapot")))
    return path


@pytest.fixture
def known(request: pytest.FixtureRequest) -> Iterator[str]:
    """A service of advisories that knows of a flaw in the teapot, and answers as the test asks it to."""
    status, flaws = getattr(request, "param", (200, {"teapot": [FLAW]}))

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = flaws if isinstance(flaws, str) else json.dumps({"vulns": flaws.get(asked["package"]["name"], [])})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(found.encode())

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def test_a_known_flaw_fails_the_gate_and_says_where_it_is_mended(lock: Path, known: str) -> None:
    answer = ask(lock, "osv", osv=known)
    assert (answer.asked, answer.untold) == (2, set())
    status, sentence = verdict([answer], required=False)
    assert status == 1
    assert "teapot 1.3: PYSEC-2099-1 CVE-2099-0001; mended in 1.4" in sentence


@pytest.mark.parametrize("known", [(200, {})], indirect=True)
def test_where_all_were_asked_about_and_nothing_is_known_the_gate_opens(lock: Path, known: str) -> None:
    assert verdict([ask(lock, "osv", osv=known)], required=True) == (0, "2 packages, no flaw is known.")


@pytest.mark.parametrize("known", [(500, ""), (200, BROKEN)], indirect=True)
def test_a_service_that_answers_nonsense_is_a_failure(lock: Path, known: str) -> None:
    with pytest.raises(advisories.Broken):
        ask(lock, "osv", osv=known)


def test_a_service_that_cannot_be_reached_told_nothing(lock: Path) -> None:
    answer = ask(lock, "osv", osv="http://127.0.0.1:9/v1/query")
    assert answer.untold == {"kettle", "teapot"}
    status, sentence = verdict([answer], required=False)
    assert status == 0
    assert sentence.startswith("ADVISORIES NOT ASKED: nobody could be asked about 2 packages (kettle, teapot).")
    assert verdict([answer], required=True)[0] == 1


def test_a_mirror_without_advisories_is_no_all_clear() -> None:
    report = {
        "dependencies": [
            {"name": "teapot", "skip_reason": "not found"},
            {"name": "kettle", "version": "1", "vulns": []},
        ]
    }
    mirror = advisories.read(report)
    assert mirror == Answer(flaws=[], untold={"teapot"}, asked=2)
    assert verdict([mirror], required=True)[0] == 1


def test_what_one_service_left_open_another_may_tell() -> None:
    first, second = Answer(untold={"teapot", "kettle"}, asked=2), Answer(untold={"kettle"}, asked=2)
    assert "about 1 packages (kettle)" in verdict([first, second], required=True)[1]
    assert verdict([first, Answer(asked=2)], required=True)[0] == 0
    assert verdict([first, Answer(flaws=["teapot 1.3: X; mended in 2"], asked=2)], required=False)[0] == 1
