import json
from pathlib import Path

import pytest

from guanxi.demo.sign_ins import PASS_PHRASE
from tests.web.process import free_port, guanxi, status, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_command_makes_the_shop_and_serves_it(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    with guanxi(home, "demo", "--scale", "0.002", "--port", str(port), "--json") as demo:
        assert demo.stdout
        told = json.loads(demo.stdout.readline())
        until(lambda: status(port) == 200)
        assert (told["address"], told["owner_link"]) == (f"http://localhost:{port}", None)
        assert told["customers"] == 40
        assert told["sign_ins"][0] == {
            "sign_in_name": "owner", "password": PASS_PHRASE, "role": "owner", "name": "苏梅 Su Mei",
        }  # fmt: skip


def test_without_serving_it_ends_when_the_shop_is_made(tmp_path: Path) -> None:
    with guanxi(tmp_path / "home", "demo", "--scale", "0.002", "--no-serve") as demo:
        said, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0
    assert "40 customers" in said
    assert f"with the pass phrase: {PASS_PHRASE}" in said
