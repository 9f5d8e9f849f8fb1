"""Runs of days that fall out are found where they are, and are not made up."""

import datetime as dt
import random

from guanxi.insight.incidents import counted, incidents
from guanxi.insight.scan import lowest

DAYS = [dt.date(2024, 4, 1) + dt.timedelta(days=nth) for nth in range(60)]
STEPS = ("Checkout Started", "Order Completed")


def shop(broken: set[tuple[int, str]], tries: int = 20) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for nth, day in enumerate(DAYS):
        for device in ("phone", "desktop"):
            hits = 4 if (nth, device) in broken else 16
            rows += [
                {"name": name, "device": device, "day": day, "people": people}
                for name, people in zip(STEPS, (tries, hits), strict=True)
            ]
    return rows


def test_a_fault_on_phones_is_said_of_phones_with_its_days() -> None:
    found = incidents(STEPS, counted(shop({(nth, "phone") for nth in range(20, 30)})), DAYS)
    assert (found[0].device, found[0].first, found[0].last) == ("phone", DAYS[20], DAYS[29])
    assert found[0].said == (
        "21 Apr 2024 to 30 Apr 2024, Phone: 20% went from “Checkout Started” to “Order Completed”, else 80%."
    )
    assert "desktop" not in {each.device for each in found}


def test_a_fault_on_all_devices_is_said_once() -> None:
    broken = {(nth, device) for nth in range(20, 30) for device in ("phone", "desktop")}
    assert [each.device for each in incidents(STEPS, counted(shop(broken)), DAYS)] == [""]


def test_chance_alone_is_no_incident() -> None:
    chance = random.Random(7)
    series = [[sum(chance.random() < 0.6 for _ in range(12)) for _day in DAYS] for _ in range(20)]
    assert [lowest(hits, [12] * 60) for hits in series] == [None] * 20


def test_nothing_seen_is_no_incident() -> None:
    assert incidents(STEPS, counted([]), DAYS) == []
