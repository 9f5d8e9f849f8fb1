"""The cast: the few people by whom the rules are told, made with the product's own verbs.

The day is 11 November 2024, the shop a tea house in Hangzhou.
"""

import datetime as dt

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.models import Channel, Customer, Identifier, SourceProfile
from guanxi.identity.resolution import Identification, Sighting, resolve
from guanxi.orders.intake import net_of, payment_state_of
from guanxi.orders.models import Order, OrderKind, OrderState, Purchases, Store

TODAY = dt.date(2024, 11, 11)
PASS_PHRASE = "rain before the harvest"


@pytest.fixture
def tea_house(db: None) -> Store:
    """The shop of the cast."""
    return Store.open("tea", name="山房茶事", channel="own", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def loyal(tea_house: Store) -> Customer:
    """林晓 buys every month, the last time three days ago."""
    customer = met(tea_house, key="lin", name="林晓", phone="+8618300002807")
    for nth in range(8):
        buy(customer, tea_house, on=TODAY - dt.timedelta(days=3 + 30 * nth), goods_minor=26_800)
    return customer


@pytest.fixture
def lapsed(tea_house: Store) -> Customer:
    """Ada bought once, two years ago."""
    customer = met(tea_house, key="ada", name="Ada", email="ada@example.com")
    buy(customer, tea_house, on=TODAY - dt.timedelta(days=730), goods_minor=9_900)
    return customer


@pytest.fixture
def opted_out(tea_house: Store, agent: Staff) -> Customer:
    """周宁 agreed to e-mails and took it back."""
    customer = met(tea_house, key="zhou", name="周宁", email="zhou@example.com")
    buy(customer, tea_house, on=TODAY - dt.timedelta(days=40), goods_minor=15_800)
    customer.consents.create(channel=Channel.EMAIL, source="checkout", profile=customer.house_profile)
    customer.consents.in_force(Channel.EMAIL).withdraw(by=agent)
    return customer


@pytest.fixture
def two_identities(tea_house: Store) -> Customer:
    """陈默 is known to the shop by a phone, and to WeChat by an openid with the same phone."""
    customer = met(tea_house, key="chen", name="陈默", phone="+8613900005566")
    wechat = Sighting(
        source="wechat",
        store="tea-mini",
        key="oX7-chen",
        seen_at=noon(TODAY - dt.timedelta(days=20)),
        identifications=(
            Identification(kind=Identifier.Kind.PHONE, value="+8613900005566"),
            Identification(kind=Identifier.Kind.OPENID, value="oX7-chen", namespace="wechat", scope="tea-mini"),
        ),
    )
    resolve([wechat])
    buy(customer, tea_house, on=TODAY - dt.timedelta(days=15), goods_minor=32_000)
    return customer


@pytest.fixture
def owner(db: None) -> Staff:
    """Who may do everything."""
    return hired("mei", "苏梅", Role.OWNER)


@pytest.fixture
def owners_browser(owner: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(owner)
    return client


def notices_of(client: Client) -> str:
    """Read what the bell tells."""
    return client.get("/notices/").content.decode()


@pytest.fixture
def agent(db: None) -> Staff:
    """Who answers customers."""
    return hired("bo", "Bo", Role.AGENT)


@pytest.fixture
def agents_browser(agent: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(agent)
    return client


@pytest.fixture
def outsider(db: None) -> Staff:
    """Who worked here once and may not come in any more."""
    return hired("former", "Gone Away", Role.CLERK, is_active=False)


def met(store: Store, *, key: str, name: str, phone: str = "", email: str = "") -> Customer:
    """Have the shop meet a person by a phone or an e-mail."""
    told = ((Identifier.Kind.PHONE, phone), (Identifier.Kind.EMAIL, email))
    sighting = Sighting(
        source="own",
        store=store.code,
        key=key,
        name=name,
        seen_at=noon(TODAY - dt.timedelta(days=800)),
        identifications=tuple(Identification(kind=kind, value=value) for kind, value in told if value),
    )
    return Customer.objects.get(pk=resolve([sighting]).people[key].customer_id)


def buy(customer: Customer | None, store: Store, *, on: dt.date, goods_minor: int, refunded_minor: int = 0) -> Order:
    """Have a person, or a guest, place and pay an order."""
    net = net_of(goods_minor, 0, refunded_minor, is_sale=True)
    profile = SourceProfile.objects.filter(customer=customer, store=store.code).first() if customer else None
    order = Order.objects.create(
        store=store,
        number=f"T{Order.objects.count() + 1:05}",
        kind=OrderKind.SALE,
        customer=customer,
        profile=profile,
        placed_at=noon(on),
        placed_on=on,
        paid_at=noon(on),
        payment_state=payment_state_of(goods_minor, refunded_minor, is_paid=True),
        order_state=OrderState.COMPLETED,
        currency=store.currency,
        goods_minor=goods_minor,
        total_minor=goods_minor,
        refunded_minor=refunded_minor,
        net_minor=net,
        net_base_minor=net,
        source="own",
    )
    Purchases.objects.arrive([order.pk])
    Purchases.objects.settle()
    return order


def hired(sign_in_name: str, display_name: str, role: Role, *, is_active: bool = True) -> Staff:
    """Take somebody on."""
    staff = Staff(sign_in_name=sign_in_name, display_name=display_name, role=role, is_active=is_active)
    staff.set_password(PASS_PHRASE)
    staff.save()
    return staff


def noon(day: dt.date) -> dt.datetime:
    """Noon of a day, UTC."""
    return dt.datetime.combine(day, dt.time(12), dt.UTC)
