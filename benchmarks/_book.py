"""A large book in minutes: customers with identifiers, scores, tags and consents, and their orders of three years.

People are made here, for their names and sealed identifiers; everything that hangs on them is made by the database.
Every column, index and constraint is the product's own, and so are the lake and the figures, which the product computes
from the book. Customer 1 placed 50,000 of the orders.
"""

import datetime as dt
import random
from functools import cache

from benchmarks._rows import now, say, select, series
from benchmarks._trade import STORES, YEARS, bought, goods, open_stores
from django.core.management.color import no_style
from django.db import connection, transaction

from guanxi.accounts.models import Staff
from guanxi.core import bulk
from guanxi.customers.models import Consent, Customer, Identifier, Note, SourceProfile, Tag, Tagging, TagGroup
from guanxi.customers.models.customer import spellings_of
from guanxi.guard.sealing import blind_index_many, seal_many
from guanxi.orders.models import Order
from guanxi.warehouse.models import ARRIVED, announce

AT_ONCE = 20_000
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰欣怡子涵梓轩雨泽晨曦嘉宁思远安琪婉清若溪书瑶一诺俊熙皓"
FIRST = (
    "Ada", "Ben", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Luca", "Maria",
    "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Sofia", "Tomas", "Uma", "Victor", "Wendy", "Yusuf", "Zoe", "Emma",
)  # fmt: skip
LAST = (
    "Almeida", "Bauer", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hoffmann", "Ivanov", "Jensen", "Kowalski",
    "Lefevre", "Moreau", "Novak", "O'Neil", "Petrov", "Quinn", "Rossi", "Schmidt", "Taylor", "Ueda", "Vargas", "Weber",
    "Xavier", "Yilmaz", "Zimmermann", "Okafor", "Nakamura", "Lindqvist", "Haddad", "Papadopoulos", "de la Cruz",
)  # fmt: skip
PROVINCES = ("浙江省", "广东省", "江苏省", "四川省", "上海市", "北京市")
GENDERS = ("", "female", "male")
TAGS = ("偏好绿茶", "送礼", "企业采购", "老客户", "Gift buyer", "Allergic", "Wholesale", "VIP")
WRITER = "bench-writer"


def names(count: int) -> list[str]:
    """Name everybody: four fifths in Chinese, common surnames more often, every third of the others with two names."""
    draw = random.Random(7)
    given = [one + other for one in GIVEN for other in GIVEN] + list(GIVEN) * 20
    families = draw.choices(FAMILY, [1 / (nth + 4) for nth in range(len(FAMILY))], k=count)
    return [family + draw.choice(given) if draw.random() < 0.8 else latin(draw) for family in families]


def latin(draw: random.Random) -> str:
    """Make a name in Latin letters."""
    middle = f"{draw.choice(FIRST)} " if draw.random() < 0.33 else ""
    return f"{draw.choice(FIRST)} {middle}{draw.choice(LAST)}"


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
    hurry()
    open_stores()
    goods()
    people(customers, begin)
    marked(customers)
    bought(customers, orders, begin)
    settle()


def hurry() -> None:
    """Let this connection write fast: what it makes refers to what there is, and a crash only means to begin again."""
    pragmas = ("cache_size=-2000000", "synchronous=off", "wal_autocheckpoint=100000", "foreign_keys=off")
    hurries = {"sqlite": [f"pragma {each}" for each in pragmas], "postgresql": ["set session_replication_role=replica"]}
    for each in hurries[connection.vendor]:
        connection.cursor().execute(each)


def people(count: int, begin: dt.datetime) -> None:
    """Make customers, a profile each and their identifiers."""
    called, spelled, stores = names(count), cache(lambda name: tuple(spellings_of(name).values())), list(STORES)
    for first in range(1, count + 1, AT_ONCE):
        keys = range(first, min(first + AT_ONCE, count + 1))
        days = [str((begin + dt.timedelta(days=key * 7 % (YEARS * 365))).replace(tzinfo=None)) for key in keys]
        with transaction.atomic():
            rows = [
                (key, name := called[key - 1], *spelled(name), GENDERS[key % 3], PROVINCES[key % 6], f"城市{key % 300}",
                 "CN", "import", on, ARRIVED)
                for key, on in zip(keys, days, strict=True)
            ]  # fmt: skip
            fields = ("gender", "province", "city", "country", "first_source", "created_at", "lake_batch")
            bulk.insert(Customer, ("id", "name", *spellings_of(""), *fields), rows)
            fields = ("id", "customer_id", "source", "store", "key", "name", "home_id", "first_seen_at", "lake_batch")
            rows = [
                (key, key, "import", stores[key % len(stores)], f"b{key}", called[key - 1], key, on, ARRIVED)
                for key, on in zip(keys, days, strict=True)
            ]
            bulk.insert(SourceProfile, fields, rows)
            identified(keys, stores)
    announce(Customer, range(1, count + 1))
    announce(SourceProfile, range(1, count + 1))
    say("people")


def identified(keys: range, stores: list[str]) -> None:
    """Make the identifiers of some customers: a number each, most have a phone, half an e-mail."""
    fields = ("profile_id", "namespace", "scope", "kind", "value", "sealed", "digest", "ending", "strength")
    for kind, spell, having in (("phone", phone, lambda k: k % 10 < 8), ("email", email, lambda k: k % 2)):
        mine = [key for key in keys if having(key)]
        values = [spell(key) for key in mine]
        digests = [digest.hex() for digest in blind_index_many(kind, values)]
        sealed = seal_many(values, [Identifier.place(digest) for digest in digests])
        endings = [Identifier.ending_of(kind, value) for value in values]
        rows = zip(mine, sealed, digests, endings, strict=True)
        bulk.insert(Identifier, fields, [(key, "", "", kind, "", *row, "strong") for key, *row in rows])
    rows = []
    for place, store in enumerate(stores):
        mine = [key for key in keys if key % len(stores) == place]
        digests = blind_index_many(f"external_id\x1fimport\x1f{store}", [f"b{key}" for key in mine])
        rows += [
            (key, "import", store, "external_id", f"b{key}", None, digest.hex(), None, "strong")
            for key, digest in zip(mine, digests, strict=True)
        ]
    bulk.insert(Identifier, fields, rows)


def marked(customers: int) -> None:
    """Tag every fifth customer, some twice, write down the consent of every second, and a note on every fiftieth."""
    group = TagGroup.objects.get_or_create(name=TagGroup.OWN)[0]
    tags = [Tag.objects.create(group=group, name=name).pk for name in TAGS]
    whose = {"customer_id": "i", "profile_id": "i"}
    for every, salt in ((5, 1), (35, 4)):
        select(
            Tagging, f"{series(customers)} where i % {every} = 0", **whose,
            tag_id=f"{tags[0]} + (i / 5 + {salt}) % {len(TAGS)}", origin="'manual'", tagged_at=now(),
        )  # fmt: skip
    select(
        Consent, f"{series(customers)} where i % 2 = 0", **whose,
        channel="case when i % 4 = 0 then 'sms' else 'email' end", purpose="'marketing'", source="'checkout'",
        wording="''", agreed_at=now(), withdrawn_at=f"case when i % 11 = 0 then {now()} end",
    )  # fmt: skip
    writer = Staff.objects.create(sign_in_name=WRITER, display_name="Writer", role="agent")
    select(
        Note, f"{series(customers)} where i % 50 = 1", **whose,
        text="'喜欢清香型，第 ' || i || ' 次来电'", by_id=str(writer.pk), written_at=now(),
    )  # fmt: skip
    say("tags, consents and notes")


def settle() -> None:
    """Let the database count what it holds, and keys go on after those given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Customer, SourceProfile, Order]):
            cursor.execute(statement)
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "pragma wal_checkpoint(truncate)")
    say("settled")
