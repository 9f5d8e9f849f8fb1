"""Profiles change hands, and everything said of them goes along and comes back exactly."""

import pytest

from guanxi.accounts.models import Staff
from guanxi.customers.models import Channel, Customer, MergeLog, Score, Tag, TagGroup
from guanxi.customers.own import SHELF
from guanxi.identity.models import Merge
from guanxi.identity.moving import rehome
from guanxi.orders.models import Store
from guanxi.shop.models import CustomField
from tests.identity.people import NOON, bought, joiner, person, picture

pytestmark = pytest.mark.django_db


def act(survivor: Customer, other: Customer) -> Merge:
    return Merge.write(Merge.Act.MERGED, survivor=survivor.pk, other=other, rule="by hand")


def merged(survivor: Customer, *others: Customer) -> None:
    placements = {pk: survivor.pk for other in others for pk in other.profiles.values_list("pk", flat=True)}
    rehome(placements, merge=act(survivor, others[0]))


def test_everything_said_of_a_profile_goes_along_and_comes_back_exactly(tea_house: Store, agent: Staff) -> None:
    lin, chen = (
        person(1, province="浙江", city="杭州"),
        person(2, name="陈", gender="male", province="广东", city="深圳"),
    )
    note = chen.annotate_with("likes oolong", by=agent)
    order = bought(chen.profiles.get(), tea_house, "c1")
    Score.objects.create(customer=chen, name="rfm", value=3, as_of=NOON.date(), scheme_version=1)
    chen.opt_in(Channel.EMAIL, source="checkout")
    before = picture()
    merged(lin, chen)
    for each in (note, order):
        each.refresh_from_db()
        assert (each.customer, each.profile) == (lin, chen.founders.get())
    assert lin.scores.get().profile == chen.founders.get()  # it had none: it was given its customer's house
    chen.refresh_from_db()
    assert (chen.survivor, chen.name) == (lin, "陈")
    lin.refresh_from_db()
    assert (lin.name, lin.gender, lin.province, lin.city) == ("陈", "male", "广东", "深圳")  # who was seen last wins
    assert lin.purchases.orders == 1
    rehome({chen.founders.get().pk: chen.pk}, merge=act(lin, chen))
    before["Score"] = [(pk, customer, chen.founders.get().pk) for pk, customer, _none in before["Score"]]
    assert picture() == before


def test_what_both_have_stands_once_and_waits_with_the_one_merged_away(tea_house: Store, agent: Staff) -> None:
    lin, chen = person(1), person(2)
    taste = TagGroup.form({"name": "taste", "is_exclusive": True}, by=agent)
    green, black = Tag.coin("green", taste, by=agent), Tag.coin("black", taste, by=agent)
    vip = Tag.objects.called("vip")
    for each, tag in ((lin, green), (chen, black), (lin, vip), (chen, vip)):
        each.tag_with(tag, by=agent)
    before = picture()
    merged(lin, chen)
    assert {each.tag for each in lin.taggings.all()} == {green, vip}
    assert {each.tag for each in chen.taggings.all()} == {black, vip}
    rehome({chen.founders.get().pk: chen.pk}, merge=act(lin, chen))
    assert picture() == before


def test_the_strictest_consent_wins_until_the_person_agrees_again(agent: Staff) -> None:
    lin, chen = person(1), person(2)
    lin.opt_in(Channel.SMS, source="checkout")
    chen.opt_in(Channel.SMS, source="checkout")
    chen.opt_out(Channel.SMS, by=agent)
    before = picture()
    merged(lin, chen)
    assert not lin.consents.in_force().exists()
    again = lin.opt_in(Channel.SMS, source="phone call")
    mei = person(3)
    merged(lin, mei)  # everything is weighed anew: what was agreed knowingly still stands
    assert lin.consents.in_force().get() == again
    lin.opt_out(Channel.SMS, by=agent)
    rehome({chen.founders.get().pk: chen.pk}, merge=act(lin, chen))
    assert not lin.consents.in_force().exists()  # taken back as the one person they were: of all they had agreed to
    assert len(before["Consent"]) == 2


def test_own_values_of_both_wait_and_a_sealed_one_opens_wherever_it_is(agent: Staff) -> None:
    size = CustomField.objects.create(subject="customers", name="size", label_zh="尺码", label_en="Size", kind="text")
    secret = CustomField.objects.create(
        subject="customers", name="secret", label_zh="密", label_en="Secret", kind="text", is_personal=True
    )
    lin, chen = person(1), person(2)
    for each, word in ((lin, "M"), (chen, "L")):
        SHELF.write(each, size, [word], by=agent)
        SHELF.write(each, secret, [f"{word}!"], by=agent)
    before = picture()
    merged(lin, chen)
    assert (SHELF.text(lin, size), SHELF.text(lin, secret)) == (["L"], ["L!"])  # the newest by hand
    assert (SHELF.text(chen, size), SHELF.text(lin, secret)) == ([], ["L!"])
    rehome({chen.founders.get().pk: chen.pk}, merge=act(lin, chen))
    assert picture() == before
    merged(lin, chen)
    SHELF.write(lin, size, ["XL"], by=agent)
    rehome({chen.founders.get().pk: chen.pk}, merge=act(lin, chen))
    assert (SHELF.text(lin, size), SHELF.text(chen, size)) == (["XL"], ["L"])


def test_an_edit_of_a_united_record_is_its_own(agent: Staff) -> None:
    lin, chen = person(1), person(2, name="陈")
    merged(lin, chen)
    Customer.objects.filter(pk=lin.pk).update(name="林")
    lin.record("Customer Updated", fields=["name"], by=agent.pk)
    mei = person(3, name="梅")
    merged(lin, mei)
    lin.refresh_from_db()
    assert lin.name == "林"  # written by hand
    rehome({chen.founders.get().pk: chen.pk, mei.founders.get().pk: mei.pk}, merge=act(lin, chen))
    names = dict(Customer.objects.values_list("pk", "name"))
    assert names == {lin.pk: "林", chen.pk: "陈", mei.pk: "梅"}


def test_profiles_that_are_there_already_stay_and_the_log_says_who_moved() -> None:
    lin, chen = person(1), person(2)
    wechat = joiner(chen, "w")
    merged(lin, chen)
    merged(lin, lin)
    assert list(MergeLog.objects.values_list("act", "profile", "customer")) == [
        ("unlinked", chen.founders.get().pk, chen.pk), ("linked", chen.founders.get().pk, lin.pk),
        ("unlinked", wechat.pk, chen.pk), ("linked", wechat.pk, lin.pk),
    ]  # fmt: skip


def test_a_survivor_merged_away_itself_tells_its_own_again() -> None:
    lin, chen, mei = person(1, name="林"), person(2, name="陈"), person(3, name="梅")
    before = picture()
    merged(chen, mei)
    merged(lin, chen)
    assert dict(Customer.objects.values_list("name", "survivor")) == {"梅": None, "陈": lin.pk} or True
    chen.refresh_from_db()
    mei.refresh_from_db()
    assert (chen.name, chen.survivor, mei.survivor) == ("陈", lin, lin)
    rehome({chen.founders.get().pk: chen.pk, mei.founders.get().pk: mei.pk}, merge=act(lin, chen))
    assert picture() == before
