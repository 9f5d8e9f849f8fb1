"""A large book in minutes: customers with identifiers, scores, tags and consents, and their orders of three years.

People are made here, for their names and sealed identifiers; everything that hangs on them is made by the database.
Every column, index and constraint is the product's own. Customer 1 placed 50,000 of the orders.
"""

import datetime as dt
import random
import sys
import time

from django.core.management.color import no_style
from django.db import connection, models, transaction

from guanxi.core import bulk
from guanxi.customers.models import Consent, Customer, Event, Identifier, Score, SourceProfile, Tag, Tagging, TagGroup
from guanxi.guard.sealing import blind_index_many, seal_many
from guanxi.insight.models import RfmRun, RfmScheme
from guanxi.orders.models import Order, OrderLine, Store

STORES = ("tea", "tmall", "jd")
WHALE, WHALE_ORDERS = 1, 50_000
YEARS = 3
SECONDS = YEARS * 365 * 86_400
AT_ONCE = 20_000
EXPORTED = 1  # the lake's batch that every row is said to be in
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰欣怡子涵梓轩雨泽晨曦嘉宁思远安琪"
FIRST = ("Ada", "Ben", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Luca", "Maria")
LAST = ("Almeida", "Bauer", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hoffmann", "Ivanov", "Jensen", "Kowalski")
PROVINCES = ("浙江省", "广东省", "江苏省", "四川省", "上海市", "北京市")


def names(count: int) -> list[str]:
    """Name everybody, four fifths in Chinese."""
    draw = random.Random(7)
    given = [one + other for one in GIVEN for other in GIVEN] + list(GIVEN)
    return [
        draw.choice(FAMILY) + draw.choice(given)
        if draw.random() < 0.8
        else f"{draw.choice(FIRST)} {draw.choice(LAST)} {n % 997}"
        for n in range(1, count + 1)
    ]


def phone(key: int) -> str:
    """The phone of a customer."""
    return f"+86138{key * 7_919 % 100_000_000:08d}"


def email(key: int) -> str:
    """The e-mail of a customer."""
    return f"buyer{key}@example.com"


def fill(customers: int, orders: int) -> None:
    """Make the whole book."""
    begin = (dt.datetime.now(dt.UTC) - dt.timedelta(days=YEARS * 365)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    for code in STORES:
        Store.open(code, name=f"Bench {code}", channel="own", currency="CNY", time_zone="Asia/Shanghai")
    for name in ("偏好绿茶", "送礼", "企业采购", "Gift buyer", "Allergic"):
        Tag.objects.create(group=TagGroup.objects.get_or_create(name=TagGroup.OWN)[0], name=name)
    if connection.vendor == "sqlite":
        connection.cursor().execute("pragma cache_size=-1000000")
    people(customers, begin)
    scored(customers, begin)
    marked(customers)
    bought(customers, orders, begin)
    told(orders)
    settle()


def people(count: int, begin: dt.datetime) -> None:
    """Make customers, a profile each and their identifiers."""
    called = names(count)
    for first in range(1, count + 1, AT_ONCE):
        keys = range(first, min(first + AT_ONCE, count + 1))
        days = [str((begin + dt.timedelta(days=key % (YEARS * 365))).replace(tzinfo=None)) for key in keys]
        with transaction.atomic():
            rows = [
                (key, called[key - 1], ("", "female", "male")[key % 3], PROVINCES[key % 6], f"城市{key % 300}", "CN",
                 "import", day, EXPORTED, 1)
                for key, day in zip(keys, days, strict=True)
            ]  # fmt: skip
            fields = ("id", "name", "gender", "province", "city", "country", "first_source", "created_at")
            bulk.insert(Customer, (*fields, "lake_batch", "version"), rows)
            fields = ("id", "customer_id", "source", "store", "key", "name", "is_house", "first_seen_at")
            rows = [
                (key, key, "import", STORES[key % 3], f"b{key}", called[key - 1], False, day, EXPORTED, 1)
                for key, day in zip(keys, days, strict=True)
            ]
            bulk.insert(SourceProfile, (*fields, "lake_batch", "version"), rows)
            identified(keys)
    say("people")


def identified(keys: range) -> None:
    """Make the identifiers of some customers: a number each, most have a phone, half an e-mail."""
    fields = ("profile_id", "namespace", "scope", "kind", "value", "sealed", "digest", "strength")
    for kind, spell, having in (("phone", phone, lambda k: k % 10 < 8), ("email", email, lambda k: k % 2)):
        mine = [key for key in keys if having(key)]
        values = [spell(key) for key in mine]
        digests = [digest.hex() for digest in blind_index_many(kind, values)]
        sealed = seal_many(values, [Identifier.place(digest) for digest in digests])
        rows = zip(mine, values, sealed, digests, strict=True)
        bulk.insert(
            Identifier, fields, [(key, "", "", kind, "", box, digest, "strong") for key, _, box, digest in rows]
        )
    rows = []
    for place, store in enumerate(STORES):
        mine = [key for key in keys if key % 3 == place]
        digests = blind_index_many(f"external_id\x1fimport\x1f{store}", [f"b{key}" for key in mine])
        rows += [
            (key, "import", store, "external_id", f"b{key}", None, digest.hex(), "strong")
            for key, digest in zip(mine, digests, strict=True)
        ]
    bulk.insert(Identifier, fields, rows)


def scored(customers: int, begin: dt.datetime) -> None:
    """Score four fifths of the customers."""
    scheme = RfmScheme.current()
    as_of = (begin + dt.timedelta(days=YEARS * 365)).date()
    limits = {"recency": [30, 90, 180, 365], "frequency": [1, 2, 4, 8], "monetary": [10_000, 50_000, 100_000, 500_000]}
    counted = {each.key: {"customers": customers // 5, "net_minor": 10_000_000} for each in scheme.scheme.classes}
    RfmRun.objects.create(
        scheme=scheme, as_of=as_of, customers=customers, classes=counted, limits=limits, basis={}, seconds=1.0
    )
    value = f"(100 + {hashed('i', 1)} % 401)"
    parts = (
        """'{"recency_days": ' || (i % 700) || ', "frequency": ' || (1 + i % 12) || ', "monetary_minor": ' || """
        f"""({hashed("i", 2)} % 5000000) || ', "r": ' || (1 + i % 5) || ', "f": ' || (1 + i % 4) || ', "m": 3}}'"""
    )
    steps = {"high_value": 400, "potential": 300, "ordinary": 200}
    whens = " ".join(f"when {value} >= {least} then '{name}'" for name, least in steps.items())
    label = f"case {whens} else 'lost' end"
    select(
        Score, f"{series(customers)} where i % 5 <> 0",
        customer_id="i", profile_id="i", name="'rfm'", value=f"{value} / 100.0", label=label,
        parts=json(parts), as_of=day(f"'{as_of}'"), scheme_version=str(scheme.version),
    )  # fmt: skip
    say("scores")


def marked(customers: int) -> None:
    """Tag every third customer, and write down the consent of every second."""
    tags = list(Tag.objects.values_list("pk", flat=True))
    whose = {"customer_id": "i", "profile_id": "i"}
    select(
        Tagging, f"{series(customers)} where i % 3 = 0", **whose,
        tag_id=f"{tags[0]} + i % {len(tags)}", origin="'manual'", tagged_at=now(),
    )  # fmt: skip
    select(
        Consent, f"{series(customers)} where i % 2 = 0", **whose,
        channel="case when i % 4 = 0 then 'sms' else 'email' end", purpose="'marketing'", source="'checkout'",
        wording="''", agreed_at=now(),
    )  # fmt: skip
    say("tags and consents")


def bought(customers: int, orders: int, begin: dt.datetime) -> None:
    """Make the orders, one every few seconds, and lines of two fifths of them."""
    total, refunded = f"(1000 + {hashed('i', 3)} % 90000)", "(i % 23 = 0)"
    paid, at = "(i % 19 <> 0)", moment(begin, f"(i * {SECONDS // orders})")
    buyer = (
        f"(case when i % {max(1, orders // WHALE_ORDERS)} = 0 then {WHALE} else 2"
        f" + cast({hashed('i', 4)} / 4294967296.0"
        f" * {hashed('i', 5)} / 4294967296.0 * {customers - 1} as bigint) end)"
    )
    source = f"(select i, {buyer} as buyer, {total} as total, {at} as at from {series(orders)}) made"
    states = {
        "payment_state": f"case when not {paid} then 'unpaid' when {refunded} then 'refunded' else 'paid' end",
        "fulfilment_state": f"case when {paid} then 'delivered' else 'unfulfilled' end",
        "return_state": "'none'",
        "order_state": f"case when {paid} then 'completed' else 'open' end",
        "platform_state": "''",
    }
    minors = {f"{name}_minor": "0" for name in ("discount", "shipping", "tax")}
    minors |= {f"{name}_minor": "total" for name in ("goods", "total")}
    minors |= {
        f"{name}_minor": f"case when {paid} and not {refunded} then total else 0 end" for name in ("net", "net_base")
    }
    select(
        Order, source, id="i", customer_id="buyer", profile_id="buyer", number="'N' || i", kind="'sale'",
        store_id=f"{Store.objects.get(code=STORES[0]).pk} + i % {len(STORES)}",
        placed_at="at", placed_on=day("at"), created_at="at", paid_at=f"case when {paid} then at end",
        refunded_minor=f"case when {refunded} then total else 0 end", currency="'CNY'", source="'import'",
        province="'浙江省'", city="'城市' || (i % 300)", country="'CN'", version="1", lake_batch=str(EXPORTED),
        **states, **minors,
    )  # fmt: skip
    say("orders")
    select(
        OrderLine, f"{series(orders)} join (select 1 as n union all select 2 union all select 3) lines"
        " on n <= 1 + i % 3 where i % 5 < 2", order_id="i", line_number="n", key="''", sku="'T-' || ((i + n) % 900)",
        product_name="'西湖龙井 ' || ((i + n) % 900)", category="'tea'", quantity="10000", unit_price="1280000",
        amount_minor="12800", discount_minor="0",
    )  # fmt: skip
    say("order lines")


def told(orders: int) -> None:
    """Tell a fifth of the orders in the stream, and all of customer 1."""
    order = "orders_order o join orders_store s on s.id = o.store_id"
    properties = (
        """'{"order": ' || o.id || ', "number": "' || o.number || '", "store": "' || s.code || '", "total_minor": ' """
        """|| o.total_minor || ', "currency": "CNY", "lines": 2, "first": "西湖龙井"}'"""
    )
    select(
        Event, f"{order} where o.customer_id = {WHALE} or o.id % 5 = 0",
        customer_id="o.customer_id", profile_id="o.profile_id",
        name="case when o.paid_at is null then 'Order Placed' else 'Order Completed' end",
        occurred_at="o.placed_at", received_at="o.placed_at", source="'import'", properties=json(properties),
    )  # fmt: skip
    say("events")


def settle() -> None:
    """Let the database count what it holds, and keys go on after those given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Customer, SourceProfile, Order]):
            cursor.execute(statement)
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "pragma wal_checkpoint(truncate)")
    say("settled")


def select(model: type[models.Model], rows: str, **made: str) -> None:
    """Insert what a query over `rows` makes for each attribute of a model."""
    columns = {field.attname: field.column for field in model._meta.concrete_fields if field.column}
    targets = ", ".join(columns[name] for name in made)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"insert into {model._meta.db_table} ({targets}) select {', '.join(made.values())} from {rows}")


def series(count: int) -> str:
    """A source of the numbers `i` from 1 to `count`."""
    if connection.vendor == "postgresql":
        return f"generate_series(1, {count}::bigint) numbers(i)"
    counting = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) select i from n"
    return f"({counting}) numbers"


def hashed(of: str, salt: int) -> str:
    """A number below 2 ** 32 that looks drawn by lot."""
    return f"(({of} + {salt} * 7919) * {2_654_435_761 + 2 * salt * 104_729} % 4294967296)"


def moment(begin: dt.datetime, seconds: str) -> str:
    """So many seconds after a beginning."""
    if connection.vendor == "postgresql":
        return f"(timestamptz '{begin.isoformat()}' + {seconds} * interval '1 second')"
    return f"datetime('{begin:%Y-%m-%d %H:%M:%S}', {seconds} || ' seconds')"


def day(moment: str) -> str:
    """The day of a moment."""
    return f"date({moment})"


def json(text: str) -> str:
    """A text as JSON."""
    return f"cast({text} as jsonb)" if connection.vendor == "postgresql" else text


def now() -> str:
    """The present moment."""
    return "now()" if connection.vendor == "postgresql" else "datetime('now')"


def say(what: str) -> None:
    """Tell how far the book is."""
    print(f"{time.perf_counter():8.1f} s {what}", file=sys.stderr, flush=True)
