"""A backup, restored elsewhere, is the same shop; and nothing that is there already is lost by either."""

import io
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from guanxi.accounts.models import Session, Staff
from guanxi.core.errors import GuanxiError
from guanxi.core.jobs.models import Job
from guanxi.guard import strongbox
from guanxi.guard.errors import NoSpace, Unreadable
from guanxi.ingest.collection import inbox
from guanxi.operation import archive, backup, restore, rooms, sending
from guanxi.operation.backup import back_up
from guanxi.operation.errors import BadBackup, InTheWay, NotUpgradable, SendingPaused
from guanxi.operation.models import Pause
from guanxi.orders.models import Order
from guanxi.warehouse import copies, lake, sync
from guanxi.warehouse.reading import snapshot
from tests import objects
from tests.operation.conftest import Second, figures
from tests.postgres import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def taken(shop: Path, tmp_path: Path) -> Path:
    """A backup of the shop."""
    back_up(tmp_path / "shop.backup")
    return tmp_path / "shop.backup"


def test_a_restored_shop_shows_the_same_figures_and_sends_nothing(
    shop: Path, owner: Staff, taken: Path, second: Second
) -> None:
    before = figures(owner)
    with second() as place:
        told = restore.restore(taken)
        assert figures(owner) == before
        assert told["sending"] == "paused"
        with pytest.raises(SendingPaused):
            sending.check()
        assert Pause.objects.get().reason == Pause.Reason.RESTORED
        assert (place / "imports" / "1" / "orders.csv").read_text() == "Order\nT1\n"
        assert (place / "secret.key").read_text() == "the key of sessions"
        assert (place / "master.key").read_text() == (shop / "master.key").read_text()
        assert Session.objects.count() == 1  # of the visit just now; nobody stays signed in
        assert [path.name for path in (place / "scratch").iterdir()] == []
        assert not (place / restore.MARK).exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL the inbox is a table of the book")
def test_what_waits_in_the_inbox_is_part_of_the_backup(shop: Path, tmp_path: Path, second: Second) -> None:
    inbox.put(7, b'{"batch": []}')
    back_up(tmp_path / "shop.backup")
    with second():
        restore.restore(tmp_path / "shop.backup")
        assert [(each.source, each.body) for each in inbox.oldest(9)] == [(7, b'{"batch": []}')]


def test_the_restored_shop_goes_on(shop: Path, taken: Path, second: Second) -> None:
    last = Order.objects.order_by("-pk").first()
    assert last
    with second():
        restore.restore(taken)
        last.pk, last.number = None, "T-new"
        last.lake_batch = None
        last.save()
        assert Order.objects.filter(pk__gt=last.pk).count() == 0  # keys go on where they were
        sync.fold()
        with snapshot() as now:
            assert now.sql("select count(*) as n from orders").to_pylist() == [{"n": Order.objects.count()}]


def test_a_backup_is_one_moment_of_a_book_that_is_written_to(shop: Path, tmp_path: Path, second: Second) -> None:
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with transaction.atomic():
                Job.objects.bulk_create([Job(task="left"), Job(task="right")])
            begun.set()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    before = Job.objects.filter(task="left").count()
    try:
        back_up(tmp_path / "busy.backup")
    finally:
        stop.set()
        writer.join()
    with second():
        restore.restore(tmp_path / "busy.backup")
        left, right = (Job.objects.filter(task=side).count() for side in ("left", "right"))
    assert left == right >= before > 0


def test_a_sealed_backup_opens_by_its_pass_phrase_alone(shop: Path, tmp_path: Path, second: Second) -> None:
    path = tmp_path / "sealed.backup"
    assert back_up(path, passphrase="rain on the tea hill")["sealed"]
    assert path.read_bytes().startswith(strongbox.MAGIC)
    with pytest.raises(Unreadable, match="pass phrase"):
        restore.examine(path)
    with pytest.raises(Unreadable, match="pass phrase"):
        restore.examine(path, passphrase="rain on the tea hills")
    with second():
        assert restore.restore(path, passphrase="rain on the tea hill")["rows"] > 0


def test_a_backup_is_for_its_owners_eyes(taken: Path) -> None:
    assert taken.stat().st_mode & 0o777 == 0o600


def test_trying_a_backup_out_touches_nothing(taken: Path, second: Second) -> None:
    with second() as place:
        told = restore.examine(taken)
        assert told["rows"] > 0
        assert told["lake"]
        assert [path.name for path in place.iterdir()] == ["scratch"]


def test_nothing_is_overwritten(shop: Path, taken: Path, second: Second, tmp_path: Path) -> None:
    with pytest.raises(InTheWay, match="Name another"):
        back_up(taken)
    with pytest.raises(InTheWay, match="Make it first"):
        back_up(tmp_path / "nowhere" / "a.backup")
    with second() as place:
        for name in ("master.key", "imports/9/a.csv", "lake/orders/data.parquet"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text("kept")
            with pytest.raises(InTheWay, match="empty home"):
                restore.restore(taken)
            assert (place / name).read_text() == "kept"
            shutil.rmtree(place / name.partition("/")[0]) if "/" in name else (place / name).unlink()
        restore.restore(taken)
        orders = Order.objects.count()
        with pytest.raises(InTheWay):
            restore.restore(taken)
        assert Order.objects.count() == orders


def test_a_folder_takes_one_backup_after_the_other(shop: Path, tmp_path: Path) -> None:
    told = back_up(tmp_path)
    assert Path(told["file"]).parent == tmp_path
    assert backup.last() == told
    assert backup.age() is not None


def test_a_damaged_backup_is_told_and_nothing_is_put_in_place(taken: Path, second: Second) -> None:
    whole = taken.read_bytes()
    for part in (0.0, 0.02, 0.3, 0.6, 0.95, 0.9999):
        spot = int(len(whole) * part)
        flipped = whole[:spot] + bytes([whole[spot] ^ 0x55]) + whole[spot + 1 :]
        for harmed in (flipped, whole[:spot]):
            taken.write_bytes(harmed)
            with second() as place:
                with pytest.raises(GuanxiError):
                    restore.restore(taken)
                assert {path.name for path in place.iterdir()} <= {"scratch", "book.sqlite3"}
                assert list(place.glob("scratch/*")) == []


def rewritten(path: Path, change: Any) -> None:
    """Write an archive anew with other members."""
    with strongbox.open_packed(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    path.unlink()
    with strongbox.create(path) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        for name, data in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def test_a_member_that_leads_outside_is_refused(taken: Path, second: Second) -> None:
    whole = taken.read_bytes()
    for name in ("../outside", "/tmp/outside", "home/../../outside"):
        taken.write_bytes(whole)
        rewritten(taken, lambda members, name=name: [members[0], (name, b"x"), *members[1:]])
        with second(), pytest.raises(BadBackup, match="which no backup does"):
            restore.restore(taken)
        assert not (taken.parent / "outside").exists()


def test_a_member_that_was_put_in_or_taken_out_is_found(taken: Path, second: Second) -> None:
    whole = taken.read_bytes()
    for change in (
        lambda members: [*members[:-1], ("home/authorized_keys", b"x"), members[-1]],
        lambda members: [each for each in members if each[0] != "home/secret.key"],
    ):
        taken.write_bytes(whole)
        rewritten(taken, change)
        with second(), pytest.raises(BadBackup, match="damaged"):
            restore.restore(taken)


def test_a_backup_of_a_newer_guanxi_is_refused(taken: Path, second: Second) -> None:
    def newer(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        head = members[0][1].replace(b'"orders", "0001_initial"', b'"orders", "0999_unheard_of"')
        return [(members[0][0], head), *members[1:]]

    rewritten(taken, newer)
    with second(), pytest.raises(NotUpgradable, match="0999_unheard_of"):
        restore.restore(taken)


def test_a_backup_goes_into_its_kind_of_database(taken: Path, second: Second) -> None:
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]

    def of_another(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        head = members[0][1].replace(connection.vendor.encode(), other.encode())
        return [(members[0][0], head), *members[1:]]

    rewritten(taken, of_another)
    with second(), pytest.raises(BadBackup, match="GUANXI_DATABASE_URL"):
        restore.restore(taken)


def test_a_book_whose_key_is_elsewhere_wants_that_key(
    shop: Path, tmp_path: Path, second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_MASTER_KEY", (shop / "master.key").read_text().strip())
    (shop / "master.key").unlink()
    back_up(tmp_path / "keyless.backup")
    monkeypatch.delenv("GUANXI_MASTER_KEY")
    with second(), pytest.raises(BadBackup, match="has no master key"):
        restore.restore(tmp_path / "keyless.backup")
    monkeypatch.setenv("GUANXI_MASTER_KEY", "A" * 43 + "=")
    with second(), pytest.raises(BadBackup, match="not the key"):
        restore.restore(tmp_path / "keyless.backup")


def test_a_restore_that_was_killed_is_done_anew(
    owner: Staff, taken: Path, second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = figures(owner)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    for where in ("_place_files", "_settle_lake"):
        with second() as place:
            with monkeypatch.context() as patch:
                patch.setattr(restore, where, killed)
                with pytest.raises(KeyboardInterrupt):
                    restore.restore(taken)
            assert (place / restore.MARK).exists()
            lake._catalog.cache_clear()  # a new process has none
            if connection.vendor == "postgresql" and where == "_settle_lake":
                with pytest.raises(InTheWay, match="empty one"):
                    restore.restore(taken)
                continue
            restore.restore(taken)
            assert figures(owner) == before


def test_without_a_whole_lake_the_backup_is_whole_and_the_lake_is_made_anew(
    shop: Path, owner: Staff, tmp_path: Path, second: Second
) -> None:
    before = figures(owner)
    next((shop / "lake" / "orders").rglob("*.parquet")).unlink()
    assert not back_up(tmp_path / "a.backup")["lake"]
    with second():
        assert not restore.restore(tmp_path / "a.backup")["lake"]
        sync.sync()
        with snapshot() as now:
            found = now.sql("select count(*) as orders, sum(net_minor) as net from orders").to_pylist()
        assert found == before["lake"][0]


def test_a_disk_without_room_is_told_before_anything_is_written(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "SPARE", 1 << 60)
    with pytest.raises(NoSpace, match="Make room"):
        back_up(tmp_path / "a.backup")
    assert list(tmp_path.glob("*.part")) == []


def test_a_backup_that_does_not_read_back_is_not_kept(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad_disk(*_: Any) -> None:
        raise BadBackup("damaged")

    monkeypatch.setattr(archive, "read", bad_disk)
    with pytest.raises(BadBackup):
        back_up(tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()
    assert list(tmp_path.glob(".*.part")) == []
    assert backup.last() is None


def test_the_lake_is_copied_by_links_while_it_is_written(shop: Path, tmp_path: Path) -> None:
    told = copies.take(tmp_path / "copy")
    links = [path.stat().st_nlink for path in (tmp_path / "copy").rglob("*.parquet")]
    assert links
    assert set(links) == {2}
    assert sum(len(table["parts"]) for table in told) == len(links)


@pytest.fixture
def bucket(home: Path, settings: Any, store: objects.Store) -> str:
    store.make("backups")
    objects.use(store, settings, "s3://backups/first")
    return settings.LAKE  # type: ignore[no-any-return]


@pytest.fixture
def store() -> Iterator[objects.Store]:
    objects.needed()
    with objects.serving() as server:
        yield server


def test_a_lake_in_a_bucket_is_part_of_the_backup_and_comes_back_into_another(
    bucket: str, shop: Path, owner: Staff, tmp_path: Path, second: Second, settings: Any
) -> None:
    before = figures(owner)
    assert back_up(tmp_path / "a.backup")["lake"]
    with second():
        settings.LAKE = bucket
        with pytest.raises(InTheWay, match="holds files already"):
            restore.restore(tmp_path / "a.backup")
        settings.LAKE = "s3://backups/second"
        assert restore.restore(tmp_path / "a.backup")["lake"]
        assert figures(owner) == before
        sync.sync()
        assert copies.size() > 0


def test_a_store_that_is_away_leaves_its_lake_out_of_the_backup_and_the_backup_says_so(
    bucket: str, shop: Path, tmp_path: Path, settings: Any
) -> None:
    settings.LAKE_S3_ENDPOINT = f"http://127.0.0.1:{free_port()}"
    said: list[str] = []
    assert not back_up(tmp_path / "a.backup", tell=said.append)["lake"]
    assert [line for line in said if "The object store of the lake" in line]
    assert (backup.last() or {})["lake"] is False
