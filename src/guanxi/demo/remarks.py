"""What the shop knows of people beyond their orders: what they agreed to, tags, and what staff wrote down."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from zoneinfo import ZoneInfo

from guanxi.accounts.models import Staff
from guanxi.accounts.roles import Role
from guanxi.customers.intake import Agreement, Labelling, Remark, agree, annotate, label
from guanxi.customers.models import Channel, Identifier, Tag
from guanxi.demo.goods import BLACK, GIFTS, GOODS, GREEN, JASMINE, MATCHA, OOLONG, PUER, WARE, WHITE
from guanxi.demo.outlets import CHINA_TIME, OUTLETS, SHOPIFY
from guanxi.demo.people import Person
from guanxi.demo.words import WORDS
from guanxi.identity.resolution import carriers, known

AT_ONCE = 500
WORDING = "2025-06"
ASKED = {Channel.EMAIL: 0.58, Channel.SMS: 0.36, Channel.WECHAT: 0.62}
TRUST = {"loyal": 1.5, "regular": 1.3}
WITHDRAWN = 0.085
TASTE, SERVICE, TIES = "口味 Taste", "服务 Service", "关系 Ties"
TASTES = {
    WHITE: "老白茶 Aged white", OOLONG: "岩茶 Rock oolong", PUER: "熟普 Ripe pu'er", BLACK: "红茶 Black tea",
    GREEN: "明前绿茶 Spring green", JASMINE: "花茶 Jasmine", MATCHA: "抹茶 Matcha", WARE: "爱茶器 Teaware",
    GIFTS: "常送礼 Gives tea",
}  # fmt: skip
HABITS = {
    "loyal": ((TIES, "茶友会 Tea club", 0.3), (TIES, "老客带新 Brings friends", 0.12)),
    "regular": ((TIES, "茶友会 Tea club", 0.06),),
    "giver": ((TIES, "企业采购 Company buyer", 0.22), (SERVICE, "要发票 Wants an invoice", 0.3)),
    "bargain": ((SERVICE, "只买活动 Sale days only", 0.2),),
}
ANYBODY = ((SERVICE, "加固包装 Pack with care", 0.02), (SERVICE, "先电话确认 Call before shipping", 0.012))


def remember(people: Sequence[Person], staff: Mapping[Role, Staff], today: dt.date) -> dict[str, int]:
    """Write down consents, tags and notes; what is there already stays. Says how many of each were new."""
    rng = Random(f"remarks {today}")  # noqa: S311 - made up, and the same every time
    end = dt.datetime.combine(today, dt.time(), ZoneInfo(CHINA_TIME))
    whose = customers_of(people)
    found = [(person, whose[person.place_in_cast]) for person in people if person.place_in_cast in whose]
    asked = [told for person, pk in found for told in _agreements(person, pk, rng, end)]
    tags: dict[tuple[str, str], Tag] = {}
    labels = [told for person, pk in found for told in _labels(person, pk, rng, end, tags)]
    notes = [told for person, pk in found for told in _notes(person, pk, rng, end, staff)]
    return {"consents": agree(asked), "tags": label(labels, by=staff[Role.AGENT]), "notes": annotate(notes)}


def customers_of(people: Sequence[Person]) -> dict[int, int]:
    """Find the customer each of the cast has become, by what their outlets call them."""
    found: dict[int, int] = {}
    for outlet in OUTLETS:
        mine = [person for person in people if outlet.code in person.numbers and person.place_in_cast not in found]
        for start in range(0, len(mine), AT_ONCE):
            some = {_word(person, outlet.code): person.place_in_cast for person in mine[start : start + AT_ONCE]}
            if outlet is SHOPIFY:
                told = carriers(some)
            else:
                told = {key: there.customer_id for key, there in known(outlet.source, outlet.code, some.keys()).items()}
            found |= {some[word]: pk for word, pk in told.items()}
    return found


def _word(person: Person, outlet: str) -> str:
    if outlet == SHOPIFY.code:
        return Identifier.digest_of(Identifier.Kind.EMAIL, person.email)
    return person.numbers[outlet]


def _between(rng: Random, start: dt.datetime, end: dt.datetime) -> dt.datetime:
    """A working moment between two others, whole seconds."""
    length = max((end - start).total_seconds() - 3600, 0)
    return start + dt.timedelta(seconds=int(rng.random() * length))


def _agreements(person: Person, pk: int, rng: Random, end: dt.datetime) -> Iterator[Agreement]:
    """Everybody whom the outlet could ask was asked, or not; some agreed, and some of these took it back."""
    outlets = {outlet.channel for outlet in person.outlets}
    could = {
        Channel.EMAIL: bool(person.email), Channel.SMS: bool(person.phone) and not person.is_foreign,
        Channel.WECHAT: "wechat" in outlets,
    }  # fmt: skip
    warmth = TRUST.get(person.habit.key, 1.0)
    for channel, chance in ASKED.items():
        if could[channel] and rng.random() < chance * warmth:
            agreed = person.since + dt.timedelta(minutes=rng.randint(1, 9))
            gone = _between(rng, agreed, end) if rng.random() < WITHDRAWN else None
            yield Agreement(
                customer=pk, channel=channel, source=person.home.source, agreed_at=agreed, withdrawn_at=gone,
                wording=WORDING,
            )  # fmt: skip


def _labels(
    person: Person, pk: int, rng: Random, end: dt.datetime, tags: dict[tuple[str, str], Tag]
) -> Iterator[Labelling]:
    taste = 0.45 if person.habit.key in {"loyal", "regular"} else 0.08
    chances = [(TASTE, TASTES[person.tastes[0]], taste), *HABITS.get(person.habit.key, ()), *ANYBODY]
    for group, name, chance in chances:
        if rng.random() < chance:
            tag = tags.get((group, name)) or tags.setdefault((group, name), Tag.objects.under(group, name))
            yield Labelling(customer=pk, tag=tag, tagged_at=_between(rng, person.since, end))


def _notes(person: Person, pk: int, rng: Random, end: dt.datetime, staff: Mapping[Role, Staff]) -> Iterator[Remark]:
    chance = {"loyal": 0.28, "giver": 0.12, "regular": 0.05}.get(person.habit.key, 0.008)
    if rng.random() >= chance:
        return
    good = rng.choice([good for good in GOODS if good.shelf == person.tastes[0]])
    text = rng.choice(WORDS["notes"]["abroad" if person.is_foreign else "china"])
    if person.gender == "male":
        text = text.replace("her", "him")
    text = text.format(zh=good.zh.rsplit(" ", 2)[0], en=good.en, month=rng.choice((10, 11, 12)))
    by = staff[rng.choice((Role.AGENT, Role.AGENT, Role.AGENT, Role.OWNER))]
    yield Remark(customer=pk, text=text, written_at=_between(rng, person.since, end), by=by)
