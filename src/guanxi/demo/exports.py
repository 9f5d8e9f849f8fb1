"""The files the outlets' platforms would give out, each in its own shape, to be imported like any shop's."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from guanxi.demo import places
from guanxi.demo.outlets import COUNTER, MEMBERS, OWN, SHOPIFY, TMALL, WECHAT, Outlet
from guanxi.demo.people import Person
from guanxi.demo.places import Place
from guanxi.demo.sales import Sale
from guanxi.demo.visits import Seen
from guanxi.demo.words import WORDS

SEX = {"female": "女", "male": "男"}
SHAPES = {
    OWN.code: ("own", "官网订单.csv"),
    WECHAT.code: ("wechat", "小程序订单.csv"),
    COUNTER.code: ("counter", "门店小票.csv"),
}
TOLD = ("sku", "category", "value", *WORDS["columns"]["visits"]["properties"])
STRANGERS = ("先生", "女士", "老师")
Row = Sequence[object]


def write(folder: Path, outlet: Outlet, sales: Sequence[Sale], rng: Random) -> list[Path]:
    """Write the order files of an outlet."""
    heads = WORDS["exports"]
    if outlet is TMALL:
        orders = (_tmall(sale, rng) for sale in sales)
        items = (row for sale in sales for row in _tmall_items(sale))
        return [
            _file(folder / "ExportOrderList.csv", heads["tmall"], orders, "gb18030"),
            _file(folder / "ExportOrderDetailList.csv", heads["tmall_items"], items, "gb18030"),
        ]
    if outlet is SHOPIFY:
        rows = (row for sale in sales for row in _shopify(sale, rng))
        return [_file(folder / "orders_export.csv", heads["shopify"], rows)]
    name, file = SHAPES[outlet.code]
    columns = WORDS["columns"][name]
    rows = (row for sale in sales for row in _rows(sale, rng, columns, WORDS["fates"].get(name, {})))
    return [_file(folder / file, list(columns.values()), rows)]


def write_members(folder: Path, outlet: Outlet, people: Iterable[Person]) -> Path:
    """Write the list of an outlet's members."""
    rows = (_member(person, outlet) for person in people)
    return _file(folder / f"{outlet.code}-members.csv", list(MEMBERS.values()), rows)


def write_visits(folder: Path, outlet: Outlet, seen: Iterable[Seen]) -> Path:
    """Write what happened on an outlet's pages."""
    rows = ((each.who, each.visitor, each.name, _at(each.at), *map(each.told.get, TOLD)) for each in seen)
    return _file(folder / f"{outlet.code}-visits.csv", ["user_id", "anonymous_id", "event", "timestamp", *TOLD], rows)


def _file(path: Path, head: Sequence[str], rows: Iterable[Row], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _member(person: Person, outlet: Outlet) -> Row:
    since = person.since.astimezone(ZoneInfo(outlet.time_zone)).replace(tzinfo=None)
    told = {
        "customer_external_id": person.numbers[outlet.code], "full_name": person.name, "phone": person.phone,
        "email": person.email, "gender": SEX[person.gender], "birthday": person.birthday or "",
        "province": person.place.province, "city": person.place.city, "created_at": _at(since),
    }  # fmt: skip
    return [told[name] for name in MEMBERS]


def _rows(sale: Sale, rng: Random, columns: Iterable[str], fates: Mapping[str, str]) -> Iterator[Row]:
    """A row for every item; all of them repeat what is said of the order."""
    told = _told(sale, rng) | {"status": fates.get(sale.fate, "")}
    for item in sale.items:
        good = item.good
        told |= {
            "sku": good.sku, "product_name": good.name, "category": good.shelf, "quantity": item.quantity,
            "unit_price": _money(item.price_minor),
        }  # fmt: skip
        yield [told[name] for name in columns]


def _told(sale: Sale, rng: Random) -> dict[str, Any]:
    """What can be said of an order, by the fields of an import."""
    return {
        "order_number": sale.number, "reason": sale.reason, "total": _money(sale.total_minor),
        "discount": _money(sale.discount_minor), "shipping": _money(sale.shipping_minor),
        "refund": _money(sale.refund_minor), "placed_at": _at(sale.placed_at), "paid_at": _at(sale.paid_at),
        "shipped_at": _at(sale.shipped_at), "delivered_at": _at(sale.delivered_at),
        "refunded_at": _at(sale.refunded_at), **_buyer(sale), **_parcel(sale, rng),
    }  # fmt: skip


def _tmall(sale: Sale, rng: Random) -> Row:
    to = _parcel(sale, rng)
    address = f"{to['province']} {to['city']} {to['address']}"
    return (
        sale.number, _buyer(sale)["customer_external_id"], _money(sale.total_minor), _money(sale.shipping_minor),
        _money(sale.refund_minor), WORDS["fates"]["tmall"][sale.fate], to["recipient_name"], address,
        f"'{to['recipient_phone']}", _at(sale.placed_at), _at(sale.paid_at), _at(sale.delivered_at),
    )  # fmt: skip


def _tmall_items(sale: Sale) -> Iterator[Row]:
    for nth, item in enumerate(sale.items, 1):
        price = _money(item.price_minor)
        yield sale.number, f"{sale.number}{nth:02}", item.good.name, price, item.quantity, item.good.sku


def _shopify(sale: Sale, rng: Random) -> Iterator[Row]:
    """The order's own cells stand on its first row alone."""
    zone, buyer, to = ZoneInfo(sale.outlet.time_zone), _buyer(sale), _parcel(sale, rng)
    whole = (
        WORDS["fates"]["shopify"].get(sale.fate, "paid"), _at(sale.paid_at, zone),
        "fulfilled" if sale.shipped_at else "unfulfilled", _at(sale.shipped_at, zone), sale.currency,
        _money(sale.goods_minor - sale.discount_minor), _money(sale.shipping_minor), "0.00", _money(sale.total_minor),
        _money(sale.discount_minor), _money(sale.refund_minor),
    )  # fmt: skip
    bill = (buyer["customer_name"], buyer["phone"], to["province"], to["city"], to["country"], to["recipient_name"],
        to["address"])  # fmt: skip
    for nth, item in enumerate(sale.items):
        first = whole if nth == 0 else ("",) * len(whole)
        line = (_at(sale.placed_at, zone), item.quantity, item.good.en, _money(item.price_minor), item.good.sku)
        yield sale.number, buyer["email"], *first, *line, *(bill if nth == 0 else ("",) * len(bill))


def _buyer(sale: Sale) -> dict[str, str]:
    """What the outlet calls the buyer, their name, phone and e-mail; nothing for a guest."""
    person = sale.person
    if person is None:
        return dict.fromkeys(("customer_external_id", "customer_name", "phone", "email"), "")
    return {
        "customer_external_id": person.numbers[sale.outlet.code], "customer_name": person.name, "phone": person.phone,
        "email": person.email,
    }  # fmt: skip


def _parcel(sale: Sale, rng: Random) -> dict[str, str]:
    """Where a parcel goes, and to whom; many a giver's goes to somebody else."""
    person = sale.person
    place = person.place if person else places.at_home(rng)
    name, phone = (person.name, person.phone) if person else ("", "")
    door = person.door if person else ""
    if person and person.habit.key == "giver" and rng.random() < 0.4 and not person.is_foreign:
        place, name, phone, door = _given(person, rng)
    return {
        "province": place.province, "city": place.city, "country": place.country or "CN", "recipient_name": name,
        "recipient_phone": phone, "address": door or places.street(rng, place),
    }  # fmt: skip


def _given(giver: Person, rng: Random) -> tuple[Place, str, str, str]:
    """Say where a present goes: to somebody who buys here as well, or to a stranger."""
    if (to := giver.gives_to) and rng.random() < 0.7:
        return to.place, to.name, to.phone, to.door
    return places.at_home(rng), giver.name[0] + rng.choice(STRANGERS), "", ""


def _at(moment: dt.datetime | None, zone: ZoneInfo | None = None) -> str:
    if moment is None:
        return ""
    return f"{moment.replace(tzinfo=zone):%Y-%m-%d %H:%M:%S %z}".rstrip()


def _money(minor: int) -> str:
    return f"{minor / 100:.2f}"
