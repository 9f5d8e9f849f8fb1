"""Event files: what others saw becomes part of the stream, once, and is taken back with its import."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from guanxi.customers.models import Customer, Event, SourceProfile
from guanxi.ingest.begin import begin
from guanxi.ingest.collection import inbox
from guanxi.ingest.collection.working import drained
from guanxi.ingest.dry_run import dry_run
from guanxi.ingest.models import EventSource, Import, TakenCall
from guanxi.ingest.presets import BadMapping
from guanxi.ingest.rejects import Rejects
from guanxi.ingest.undo import undo
from tests.conftest import DATA
from tests.ingest.shop import imported, mapped, write

pytestmark = pytest.mark.django_db(transaction=True)

MAPPING = """
name = "what"
profile_external_id = "who"
device_id = "on"
occurred_at = "when"
sku = "item"
category = "kind"
value = "worth"
currency = "CNY"
[names]
pv = "Product Viewed"
buy = "Product Purchased"
[properties]
device = "screen"
email = "mail"
[file]
time_zone = "Asia/Shanghai"
[store]
code = "tea"
"""
HEADER = "who,on,what,when,item,kind,worth,screen,mail"
ROWS = (
    "u1,b1,pv,2024-11-11 09:00:00,T1,Tea,,mobile,ada@example.com",
    "u1,b1,pv,2024-11-11 09:00:00,T1,Tea,,mobile,ada@example.com",
    "u1,,buy,2024-11-11 09:05:00,T1,Tea,128.5,pc,",
    ",b2,Viewed Product,2019-01-02 08:00:00,T2,Tea,,,",
    "u2,,Quiz Finished,2024-11-12 00:30:00,,,,,",
)


def events(folder: Path, *rows: str, name: str = "events.csv", text: str = MAPPING) -> Import:
    return imported(
        write(folder, *rows, header=HEADER, name=name), preset="generic", mapping=mapped(folder, text), subject="events"
    )


def told() -> list[tuple[Any, ...]]:
    rows = Event.objects.order_by("occurred_at", "pk")
    return [(each.name, f"{each.occurred_at:%F %H:%M}", each.source, each.properties) for each in rows]


def test_a_file_tells_what_happened_in_our_words_and_by_our_clock(tmp_path: Path) -> None:
    batch = events(tmp_path, *ROWS)
    assert (batch.counts["events"], batch.counts["events_new"], batch.counts["rejected"]) == (5, 5, 0)
    viewed = {"sku": "T1", "category": "Tea", "currency": "CNY", "device": "phone"}
    assert told() == [
        ("Product Viewed", "2019-01-02 00:00", "tea", {"sku": "T2", "category": "Tea", "currency": "CNY"}),
        ("Product Viewed", "2024-11-11 01:00", "tea", viewed),
        ("Product Viewed", "2024-11-11 01:00", "tea", viewed),
        ("Product Purchased", "2024-11-11 01:05", "tea", viewed | {"value": 128.5, "device": "desktop"}),
        ("Quiz Finished", "2024-11-11 16:30", "tea", {"currency": "CNY"}),
    ]
    assert Customer.objects.count() == 2
    assert {each.customer_id is None for each in Event.objects.filter(profile__is_device=True)} == {True}


def test_a_row_counts_once_and_as_often_as_the_file_that_says_it_most(tmp_path: Path) -> None:
    events(tmp_path, *ROWS)
    again = events(tmp_path, *ROWS)
    assert (again.counts["events"], again.counts["events_new"], again.counts["duplicates"]) == (5, 0, 5)
    overlapping = events(tmp_path, ROWS[0], ROWS[0], ROWS[0], ROWS[4], name="later.csv")
    assert overlapping.counts["events_new"] == 1
    assert Event.objects.filter(properties__sku="T1", name="Product Viewed").count() == 3


def test_what_cannot_be_an_event_is_rejected_with_its_row_and_reason(tmp_path: Path) -> None:
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=9)).strftime("%Y-%m-%d %H:%M:%S")  # an hour ahead there
    batch = events(
        tmp_path, ",,pv,2024-11-11 09:00:00,T1,,,,", f"u1,,pv,{later},T1,,,,", "u1,,,2024-11-11 09:00:00,T1,,,,",
        "u1,,pv,2024-02-30 09:00:00,T1,,,,", "u1,,pv,2024-11-11 09:00:00,T1,,dear,,", ROWS[4],
    )  # fmt: skip
    found = [(each["row"], each["code"]) for each in Rejects.of(batch.folder)]
    assert sorted(found) == [(2, "no_one"), (3, "ahead"), (4, "missing"), (5, "impossible_date"), (6, "not_a_number")]
    assert (batch.counts["rows"], batch.counts["events_new"]) == (6, 1)


def test_seconds_since_1970_are_times_and_what_is_none_is_rejected(tmp_path: Path) -> None:
    text = (
        'name = "what"\nprofile_external_id = "who"\noccurred_at = "when"\n'
        '[file]\nheader = false\ncolumns = ["who", "what", "when"]\ntime_format = "unix"\n'
    )
    file = tmp_path / "unix.csv"
    file.write_text("1,pv,1511658000\n2,pv,1e300\n3,pv,nan\n4,pv,soon\n5,pv,1511658000.5\n")
    batch = imported(file, preset="generic", mapping=mapped(tmp_path, text), subject="events")
    assert (batch.counts["events_new"], batch.counts["rejected"]) == (2, 3)
    assert Event.objects.earliest("occurred_at").occurred_at == dt.datetime(2017, 11, 26, 1, tzinfo=dt.UTC)


def test_people_of_a_file_are_those_that_the_shops_pages_know(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    _key, source = EventSource.make("Own shop", namespace="tea", by=None)
    call = b'{"batch": [{"type": "identify", "userId": "u1", "anonymousId": "b2", "traits": {"name": "Ada"}}]}'
    inbox.put(source.pk, call)
    list(drained())
    events(tmp_path, *ROWS)
    ada = Customer.objects.get(name="Ada")
    assert ada.events.count() == 4, "her own, and what was done before on the device she was on"
    assert SourceProfile.objects.filter(source="tea", key="user u1").count() == 1


def test_an_import_is_taken_back_whole_and_can_come_again(tmp_path: Path) -> None:
    first = events(tmp_path, *ROWS)
    undo(first)
    assert not Event.objects.exists()
    assert not TakenCall.objects.exists()
    assert not SourceProfile.objects.exists()
    assert events(tmp_path, *ROWS).counts["events_new"] == 5


def test_a_dry_run_says_how_much_is_new_and_writes_nothing(tmp_path: Path) -> None:
    events(tmp_path, *ROWS[:2])
    file = write(tmp_path, *ROWS, ROWS[4], header=HEADER, name="more.csv")
    batch = begin([file], preset="generic", mapping=mapped(tmp_path, MAPPING), subject="events")
    dry_run(batch)
    assert (batch.counts["events"], batch.counts["events_new"], batch.counts["rejected"]) == (6, 4, 0)
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "what"\noccurred_at = "when"\n', "profile_external_id"),
        ('profile_external_id = "who"\noccurred_at = "when"\n', "name"),
        ('name = "what"\nprofile_external_id = "who"\noccurred_at = "when"\n[names]\npv = 7\n', "Product Viewed"),
        ('name = "what"\nprofile_external_id = "who"\noccurred_at = "when"\nquantity = "n"\n', "quantity"),
    ],
)
def test_a_mapping_that_leaves_out_what_is_needed_says_so(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadMapping, match=said):
        events(tmp_path, *ROWS, text=text)


@pytest.mark.realdata
def test_a_days_behaviour_on_taobao_comes_in_by_its_preset(tmp_path: Path) -> None:
    file = DATA / "taobao_userbehavior" / "UserBehavior_sample.csv"
    batch = imported(file, preset="taobao-behaviour", subject="events")
    assert [batch.counts[name] for name in ("rows", "events_new", "rejected")] == [4_000, 4_000, 0]
    names = {name: Event.objects.filter(name=name).count() for name in Event.objects.values_list("name", flat=True)}
    assert names == {
        "Product Viewed": 3_581, "Product Added": 199, "Product Added to Wishlist": 116, "Product Purchased": 104
    }  # fmt: skip
