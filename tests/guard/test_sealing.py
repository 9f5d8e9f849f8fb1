"""Sealed values open only where they belong; blind indexes find them again."""

import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.guard import sealing
from guanxi.guard.errors import Unreadable
from guanxi.guard.sealing import blind_index, blind_index_many, context, seal, seal_many, unseal, unseal_many

PLACE = context("customers_identifier", 7, "value")
OLD_KEY = "A" * 43 + "="
NEW_KEY = "B" * 42 + "A="


@given(st.text())
@settings(max_examples=50)
def test_what_is_sealed_is_unsealed(value: str) -> None:
    assert unseal(seal(value, PLACE), PLACE) == value


def test_the_same_phone_is_never_sealed_twice_alike() -> None:
    assert seal("+8618312342807", PLACE) != seal("+8618312342807", PLACE)


@pytest.mark.parametrize("elsewhere", [("customers_identifier", 8, "value"), ("customers_identifier", 7, "note")])
def test_a_token_copied_elsewhere_does_not_open(elsewhere: tuple[str, int, str]) -> None:
    token = seal("lin@163.com", PLACE)
    with pytest.raises(Unreadable, match="customers_identifier"):
        unseal(token, context(*elsewhere))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
@settings(max_examples=100)
def test_a_token_with_one_altered_byte_does_not_open(position: int, change: int) -> None:
    token = bytearray(seal("lin@163.com", PLACE))
    token[position % len(token)] ^= change
    with pytest.raises(Unreadable):
        unseal(bytes(token), PLACE)


@pytest.mark.parametrize("token", [b"", b"\x01", b"plain text that was never sealed at all"])
def test_what_was_never_sealed_does_not_open(token: bytes) -> None:
    with pytest.raises(Unreadable):
        unseal(token, PLACE)


def test_the_master_key_is_made_once_for_its_owner_alone(settings: object, tmp_path: Path) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    token = seal("lin", PLACE)
    path = tmp_path / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sealing._read.cache_clear()
    assert unseal(token, PLACE) == "lin"
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_a_rotated_key_still_opens_and_finds_what_the_old_one_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_MASTER_KEY", OLD_KEY)
    old, index = seal("lin", PLACE), blind_index("email", "lin@163.com")
    monkeypatch.setenv("GUANXI_MASTER_KEY", f"{OLD_KEY},{NEW_KEY}")
    new = seal("lin", PLACE)
    assert (unseal(old, PLACE), unseal(new, PLACE)) == ("lin", "lin")
    assert old[1:5] != new[1:5]
    assert blind_index("email", "lin@163.com") == index
    monkeypatch.setenv("GUANXI_MASTER_KEY", OLD_KEY)
    with pytest.raises(Unreadable, match="key that is not here"):
        unseal(new, PLACE)


@pytest.mark.parametrize("key", ["short", "not base64 at all!", "A" * 44 + "AAAA", ","])
def test_a_master_key_that_is_none_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_MASTER_KEY", key)
    with pytest.raises(Unreadable, match="key"):
        seal("lin", PLACE)


def test_spellings_that_mean_the_same_have_one_blind_index() -> None:
    assert blind_index("email", " Lin@163.COM ") == blind_index("email", "lin@163.com")
    assert blind_index("phone", "+86 183-1234-2807") == blind_index("phone", "+8618312342807")
    assert blind_index("phone", "＋８６１８３１２３４２８０７") == blind_index("phone", "+8618312342807")


def test_a_blind_index_tells_kinds_values_and_houses_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    here = blind_index("email", "lin@163.com")
    assert len(here) == 16
    assert here != blind_index("openid", "lin@163.com")
    assert here != blind_index("email", "li@163.com")
    monkeypatch.setenv("GUANXI_MASTER_KEY", OLD_KEY)
    assert here != blind_index("email", "lin@163.com")


def test_an_import_of_a_hundred_thousand_phones_is_sealed_in_seconds() -> None:
    values = [f"+86183{number:08}" for number in range(100_000)]
    places = [context("customers_identifier", number, "value") for number in range(100_000)]
    start = time.process_time()
    tokens = seal_many(values, places)
    indexes = blind_index_many("phone", values)
    opened = unseal_many(tokens, places)
    assert time.process_time() - start < 8
    assert opened == values
    assert len(set(indexes)) == len(values)


def test_places_must_match_values_one_to_one() -> None:
    with pytest.raises(ValueError, match="zip"):
        seal_many(["a", "b"], [PLACE])


def test_keys_come_from_the_environment_where_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object
) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    monkeypatch.setenv("GUANXI_MASTER_KEY", OLD_KEY)
    seal("lin", PLACE)
    assert list(tmp_path.iterdir()) == []
