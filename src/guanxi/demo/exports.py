"""The files the outlets' platforms would give out, each in its own shape, to be imported like any shop's."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from guanxi.demo import places
from guanxi.demo.outlets import COUNTER, MEMBERS, OWN, SHOPIFY, TMALL, WECHAT, Outlet
from guanxi.demo.people import Person
from guanxi.demo.sales import Fate, Sale

OWN_WORDS = {
    Fate.UNPAID: "待付款", Fate.CANCELLED: "已关闭", Fate.UNSHIPPED: "待发货", Fate.SHIPPED: "已发货", Fate.DONE: "已完成",
    Fate.PART_REFUNDED: "已完成", Fate.REFUNDED: "已关闭",
}  # fmt: skip
MINI_WORDS = {**OWN_WORDS, Fate.SHIPPED: "待收货", Fate.CANCELLED: "已取消", Fate.REFUNDED: "已取消"}
TMALL_WORDS = {
    Fate.UNPAID: "等待买家付款", Fate.CANCELLED: "交易关闭", Fate.UNSHIPPED: "买家已付款,等待卖家发货",
    Fate.SHIPPED: "卖家已发货,等待买家确认", Fate.DONE: "交易成功", Fate.PART_REFUNDED: "交易成功", Fate.REFUNDED: "交易关闭",
}  # fmt: skip
SHOPIFY_WORDS = {
    Fate.UNPAID: "pending", Fate.CANCELLED: "voided", Fate.PART_REFUNDED: "partially_refunded", Fate.REFUNDED: "refunded",
}  # fmt: skip
OWN_HEAD = ("订单号 会员编号 姓名 手机 邮箱 下单时间 付款时间 发货时间 签收时间 订单状态 运费 优惠 实付 退款金额 退款时间 退款原因 "
    "省份 城市 收件人 收件人手机号 收货地址 商品编码 商品 分类 数量 单价").split()  # fmt: skip
MINI_HEAD = ("订单号 用户openid 用户姓名 手机号 下单时间 支付时间 发货时间 确认收货时间 订单状态 运费 优惠金额 实付金额 退款金额 退款原因 "
    "省份 城市 收件人 收货地址 商品编码 商品名称 分类 数量 单价").split()  # fmt: skip
COUNTER_HEAD = "小票号 会员卡号 会员姓名 会员手机 时间 优惠 实收 退款 退款原因 商品编码 商品 分类 数量 单价".split()
TMALL_HEAD = "订单编号 买家会员名 总金额 买家应付邮费 退款金额 订单状态 收货人姓名 收货地址 联系手机 订单创建时间 订单付款时间 确认收货时间".split()
TMALL_ITEM_HEAD = "订单编号 子订单编号 标题 价格 购买数量 商家编码".split()
SHOPIFY_HEAD = ("Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,"
    "Discount Amount,Refunded Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,"
    "Billing Phone,Billing Province Name,Billing City,Billing Country,Shipping Name,Shipping Address1").split(",")  # fmt: skip
Row = Sequence[object]


def write(folder: Path, outlet: Outlet, sales: Sequence[Sale], rng: Random) -> list[Path]:
    """Write the order files of an outlet."""
    if outlet is TMALL:
        heads = _file(folder / "ExportOrderList.csv", TMALL_HEAD, (_tmall(sale, rng) for sale in sales), "gb18030")
        items = (row for sale in sales for row in _tmall_items(sale))
        return [heads, _file(folder / "ExportOrderDetailList.csv", TMALL_ITEM_HEAD, items, "gb18030")]
    head, rows, name = SHAPES[outlet.code]
    return [_file(folder / name, head, (row for sale in sales for row in rows(sale, rng)))]


def write_members(folder: Path, outlet: Outlet, people: Iterable[Person]) -> Path:
    """Write the list of an outlet's members."""
    rows = (_member(person, outlet) for person in people)
    return _file(folder / f"{outlet.code}-members.csv", list(MEMBERS.values()), rows)


def _file(path: Path, head: Sequence[str], rows: Iterable[Row], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _member(person: Person, outlet: Outlet) -> Row:
    number, sex = person.numbers[outlet.code], {"female": "女", "male": "男"}[person.gender]
    return (number, person.name, person.phone, person.email, sex, person.birthday or "", person.place.province,
        person.place.city, _at(person.since))  # fmt: skip


def _own(sale: Sale, rng: Random) -> Iterator[Row]:
    who = _who(sale)
    head = (sale.number, who[0], who[1], who[2], who[3], _at(sale.placed_at), _at(sale.paid_at), _at(sale.shipped_at),
        _at(sale.delivered_at), OWN_WORDS[sale.fate], _money(sale.shipping_minor), _money(sale.discount_minor),
        _money(sale.total_minor), _money(sale.refund_minor), _at(sale.refunded_at), sale.reason,
        *_parcel(sale, rng))  # fmt: skip
    return _with_items(sale, head)


def _mini(sale: Sale, rng: Random) -> Iterator[Row]:
    number, name, phone, _email = _who(sale)
    province, city, to, _phone, address = _parcel(sale, rng)
    head = (sale.number, number, name, phone, _at(sale.placed_at), _at(sale.paid_at), _at(sale.shipped_at),
        _at(sale.delivered_at), MINI_WORDS[sale.fate], _money(sale.shipping_minor), _money(sale.discount_minor),
        _money(sale.total_minor), _money(sale.refund_minor), sale.reason, province, city, to, address)  # fmt: skip
    return _with_items(sale, head)


def _counter(sale: Sale, _rng: Random) -> Iterator[Row]:
    number, name, phone, _email = _who(sale)
    head = (sale.number, number, name, phone, _at(sale.placed_at), _money(sale.discount_minor),
        _money(sale.total_minor), _money(sale.refund_minor), sale.reason)  # fmt: skip
    return _with_items(sale, head)


def _with_items(sale: Sale, head: Row) -> Iterator[Row]:
    for item in sale.items:
        good = item.good
        yield (*head, good.sku, good.name, good.shelf, item.quantity, _money(item.price_minor))


def _tmall(sale: Sale, rng: Random) -> Row:
    province, city, to, phone, address = _parcel(sale, rng)
    return (sale.number, _who(sale)[0], _money(sale.total_minor), _money(sale.shipping_minor), _money(sale.refund_minor),
        TMALL_WORDS[sale.fate], to, f"{province} {city} {address}", f"'{phone}", _at(sale.placed_at), _at(sale.paid_at),
        _at(sale.delivered_at))  # fmt: skip


def _tmall_items(sale: Sale) -> Iterator[Row]:
    for nth, item in enumerate(sale.items, 1):
        price = _money(item.price_minor)
        yield sale.number, f"{sale.number}{nth:02}", item.good.name, price, item.quantity, item.good.sku


def _shopify(sale: Sale, rng: Random) -> Iterator[Row]:
    person, zone = sale.person, ZoneInfo(sale.outlet.time_zone)
    province, city, to, _phone, address = _parcel(sale, rng)
    bill = (person.name, person.phone, province, city, person.place.country or "CN") if person else ("",) * 5
    shipped = "fulfilled" if sale.shipped_at else "unfulfilled"
    refund = sale.refund_minor
    whole = (SHOPIFY_WORDS.get(sale.fate, "paid"), _at(sale.paid_at, zone), shipped, _at(sale.shipped_at, zone),
        sale.currency, _money(sale.goods_minor - sale.discount_minor), _money(sale.shipping_minor), "0.00",
        _money(sale.total_minor), _money(sale.discount_minor), _money(refund))  # fmt: skip
    email, placed = _who(sale)[3], _at(sale.placed_at, zone)
    for nth, item in enumerate(sale.items):
        line = (placed, item.quantity, item.good.en, _money(item.price_minor), item.good.sku)
        first = nth == 0
        rest = (*bill, to, address) if first else ("",) * 7
        yield (sale.number, email, *(whole if first else ("",) * len(whole)), *line, *rest)


def _who(sale: Sale) -> tuple[str, str, str, str]:
    """What the outlet calls the buyer, their name, phone and e-mail; nothing for a guest."""
    person = sale.person
    if person is None:
        return "", "", "", ""
    return person.numbers[sale.outlet.code], person.name, person.phone, person.email


def _parcel(sale: Sale, rng: Random) -> tuple[str, str, str, str, str]:
    """Where a parcel goes: province, city, to whom, their phone, street; a giver's goes to somebody else as often."""
    person = sale.person
    if person is None:
        place = places.at_home(rng)
        return place.province, place.city, "", "", places.street(rng, place)
    place, to, phone = person.place, person.name, person.phone
    if person.habit.key == "giver" and rng.random() < 0.4 and not person.is_foreign:
        place, to, phone = places.at_home(rng), person.name[0] + rng.choice(("先生", "女士", "老师")), ""
    return place.province, place.city, to, phone, places.street(rng, place)


def _at(moment: dt.datetime | None, zone: ZoneInfo | None = None) -> str:
    if moment is None:
        return ""
    return f"{moment.replace(tzinfo=zone):%Y-%m-%d %H:%M:%S %z}".rstrip()


def _money(minor: int) -> str:
    return f"{minor / 100:.2f}"


SHAPES: dict[str, tuple[Sequence[str], Callable[[Sale, Random], Iterator[Row]], str]] = {
    OWN.code: (OWN_HEAD, _own, "官网订单.csv"),
    WECHAT.code: (MINI_HEAD, _mini, "小程序订单.csv"),
    COUNTER.code: (COUNTER_HEAD, _counter, "门店小票.csv"),
    SHOPIFY.code: (SHOPIFY_HEAD, _shopify, "orders_export.csv"),
}
