"""A person of whom every field is a word that is nowhere else, brought into the book by the product's own ways."""

import json
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import Staff
from guanxi.customers.models import Customer, PlainExport
from guanxi.ingest.begin import begin
from guanxi.shop.models import CustomField, Kind
from guanxi.warehouse import sync
from tests.api import Program, keyed
from tests.customers.conftest import scored
from tests.ingest.shop import imported, mapped, write

PEOPLE = """
customer_external_id = "id"
full_name = "name"
phone = "tel"
email = "mail"
birthday = "born"
province = "province"
city = "city"
country = "country"
"own.wish" = "wish"
"own.secret" = "secret"
[store]
code = "tea"
"""
ORDERS = """
order_number = "no"
placed_at = "day"
paid_at = "day"
total = "sum"
customer_external_id = "id"
customer_name = "name"
phone = "tel"
province = "province"
city = "city"
address = "address"
recipient_name = "to"
recipient_phone = "to tel"
refund = "back"
"own.greeting" = "greeting"
currency = "CNY"
[store]
code = "tea"
time_zone = "Asia/Shanghai"
"""
PHONE, OTHER_PHONE = "18912340987", "18912340986"
WORDS = {
    "name": "Qzvorname Qzzuname",
    "former name": "Qzeheman Qzfrueher",
    "chinese name": "龘靐爩",
    "number": "qzvkxjw77",
    "phone": PHONE,
    "mail": "qzmail.box@example.com",
    "province": "Qzpvxkqce",
    "city": "Qzcity",
    "first city": "Qzoldtown",
    "country": "Qzland",
    "wish": "qzwish for pine smoke",
    "secret": "qzsecret allergy",
    "address": "Qzroad 17",
    "recipient": "Qzaunt Qzmay",
    "recipient phone": OTHER_PHONE,
    "order province": "Qzhere",
    "order city": "Qztown",
    "greeting": "qzgreeting to her",
    "note": "qznote on the phone",
    "proof": "qzproof form 214",
    "tag": "qztagword",
    "attribute": "Qzhandtown",
    "rejected": "qzrejected row",
    "draft": "qzdraft file",
}
NOT_THEIRS = {"tag"}  # a word of the shop's own: who carries it goes, the word stays


def fields(by: Staff) -> None:
    """Declare fields of the shop's own: one in the clear, one sealed, one of orders."""
    for name, subject, more in (
        ("wish", "customer", {"kind": Kind.TEXT}),
        ("secret", "customer", {"kind": Kind.LONG, "is_personal": True}),
        ("greeting", "order", {"kind": Kind.LONG}),
    ):
        CustomField.declare(subject, name, {"label_en": name, "label_zh": name, **more}, by=by)


def lived(folder: Path, browser: Client, by: Staff) -> Customer:
    """Have the person come by files, pages and programs; gives who they are."""
    fields(by)
    customer = _imported(folder)
    _by_hand(browser, customer, by)
    _by_programs(by, customer)
    scored(customer, 5.0, "high_value")
    sync.fold()
    return customer


def _imported(folder: Path) -> Customer:
    header = "id,name,tel,mail,born,province,city,country,wish,secret"
    word = WORDS
    row = f"{word['number']},{{name}},{PHONE},{word['mail']},1988-03-14,{word['province']},{{city}},{word['country']}"
    told = (row.format(name=word["former name"], city=word["first city"]), word["wish"], word["secret"])
    bad = f",{word['name']} {word['rejected']},,,1988-99-99,,,,,"
    files = {"first": [",".join(told), bad], "again": [row.format(name=word["name"], city=word["city"]) + ",,"]}
    for name, rows in files.items():
        path = write(folder, *rows, header=header, name=f"{name}.csv")
        imported(path, preset="generic", mapping=mapped(folder, PEOPLE), subject="customers")
    orders = "no,day,sum,id,name,tel,province,city,address,to,to tel,back,greeting"
    line = (
        f"2024-11-01,120,{word['number']},{word['name']},{PHONE},{word['order province']},{word['order city']},"
        f"{word['address']},{word['recipient']},{OTHER_PHONE}"
    )
    rows = [f"A-1,{line},0,{word['greeting']}", f"A-2,{line},20,"]
    imported(write(folder, *rows, header=orders, name="orders.csv"), preset="generic", mapping=mapped(folder, ORDERS))
    draft = write(folder, f"{word['draft']},{word['name']},{PHONE},,,,,,,", header=header, name="draft.csv")
    begin([draft], preset="generic", mapping=mapped(folder, PEOPLE), subject="customers")
    return Customer.objects.get(name=word["name"])


def _by_hand(browser: Client, customer: Customer, by: Staff) -> None:
    """Write about them on pages, and change the city so that an undo is kept."""
    htmx = {"HX-Request": "true"}
    browser.post(reverse("customers:note-addition", args=[customer.pk]), {"text": WORDS["note"]}, headers=htmx)
    browser.post(reverse("customers:tag-addition", args=[customer.pk]), {"name": WORDS["tag"]}, headers=htmx)
    place = reverse("customers:consent-agreement", args=[customer.pk, "sms", "marketing"])
    browser.post(place, {"source": "paper", "proof": WORDS["proof"]}, headers=htmx)
    place = reverse("customers:attribute", args=[customer.pk, "city"])
    form: Any = browser.get(f"{place}?edit=1", headers=htmx)
    seen = form.context["seen"]
    told = {"city": WORDS["attribute"], "seen": seen}
    assert browser.post(place, told, headers=htmx).status_code == 200
    asked = {"by": by, "why": "parcels came back", "fields": ["phone"], "count": 900, "newest": customer.pk}
    PlainExport.ask(f"q={WORDS['name']}", said=[], **asked).refuse(by=by)


def _by_programs(by: Staff, customer: Customer) -> None:
    """Read and write them with a key that sees all, under idempotency keys: the answers are kept."""
    program: Program = keyed(by, "customers:read", "customers:write", "personal:read")
    place = f"/customers/{customer.public_id}"
    answer = program.call("PATCH", place, {"name": f"{WORDS['name']} {WORDS['chinese name']}"}, once="canary-1")
    assert answer.status_code == 200, answer.content
    assert WORDS["chinese name"] in json.dumps(json.loads(answer.content), ensure_ascii=False)
