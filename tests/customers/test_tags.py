"""Tags in groups: of an exclusive one people carry one tag at most, wherever it is set."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Staff
from guanxi.customers.intake import Labelling, label
from guanxi.customers.models import Customer, Tag, Tagging, TagGroup
from guanxi.customers.models.tag import NotExclusive, NotMergeable, TagRetired
from guanxi.customers.together import Verb, act, reached, take_back

PAGE = "/customers/tags/"


@pytest.fixture
def came_by(owner: Staff) -> TagGroup:
    """How somebody came to the shop: one answer is true."""
    group = TagGroup.form({"name": "Came by", "colour": 2, "is_exclusive": True}, by=owner)
    for name in ("A friend", "An ad"):
        Tag.coin(name, group, by=owner)
    return group


def tag(name: str) -> Tag:
    return Tag.objects.select_related("group").get(name=name)


def carried(customer: Customer) -> list[str]:
    return list(customer.taggings.order_by("tag__name").values_list("tag__name", flat=True))


def test_another_tag_of_an_exclusive_group_takes_the_place_of_the_first(
    came_by: TagGroup, loyal: Customer, owner: Staff
) -> None:
    loyal.tag_with(Tag.objects.called("白茶"), by=owner)
    loyal.tag_with(tag("A friend"), by=owner)
    loyal.tag_with(tag("An ad"), by=owner)
    assert carried(loyal) == ["An ad", "白茶"]
    assert list(AuditEntry.objects.filter(act="customer.untagged").values_list("subject", flat=True)) == [
        f"customer:{loyal.pk}"
    ]


def test_the_database_itself_refuses_a_second_tag_of_an_exclusive_group(
    came_by: TagGroup, loyal: Customer, owner: Staff
) -> None:
    loyal.tag_with(tag("A friend"), by=owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        loyal.taggings.create(tag=tag("An ad"), exclusive_group=came_by, by=owner)


def test_the_undo_of_a_tag_that_took_anothers_place_brings_that_back(
    agents_browser: Client, came_by: TagGroup, loyal: Customer, owner: Staff
) -> None:
    loyal.tag_with(tag("A friend"), by=owner)
    page = agents_browser.post(
        f"/customers/{loyal.public_id}/tags/addition/", {"name": "an ad"}, headers={"HX-Request": "true"}
    ).content.decode()
    undo = f"/customers/{loyal.public_id}/tags/{tag('A friend').pk}/return/"
    assert undo in page
    agents_browser.post(undo)
    assert carried(loyal) == ["A friend"]


def test_tagging_many_leaves_out_whoever_carries_another_of_the_group(
    came_by: TagGroup, loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    loyal.tag_with(tag("A friend"), by=owner)
    verb = Verb("tag", "An ad")  # type: ignore[arg-type]
    assert list(reached(Customer.objects.all(), verb)) == [lapsed]
    done = act(Customer.objects.all(), verb, by=owner)
    assert (carried(loyal), carried(lapsed), done.reached) == (["A friend"], ["An ad"], 1)
    assert (take_back(done), carried(lapsed)) == (1, [])


def test_labels_that_come_in_sets_obey_the_group(came_by: TagGroup, loyal: Customer, owner: Staff) -> None:
    at = timezone.now() - dt.timedelta(days=1)
    told = [Labelling(customer=loyal.pk, tag=tag(name), tagged_at=at) for name in ("A friend", "An ad")]
    assert (label(told, by=owner), label(told, by=owner), carried(loyal)) == (1, 0, ["A friend"])


def test_a_group_becomes_exclusive_only_where_nobody_carries_two(loyal: Customer, owner: Staff) -> None:
    group = TagGroup.form({"name": "Taste", "colour": 1, "is_exclusive": False}, by=owner)
    for name in ("Sweet", "Floral"):
        loyal.tag_with(Tag.coin(name, group, by=owner), by=owner)
    with pytest.raises(NotExclusive):
        group.change({"is_exclusive": True}, by=owner)
    group.refresh_from_db()
    assert (group.is_exclusive, carried(loyal)) == (False, ["Floral", "Sweet"])
    loyal.untag(tag("Floral").pk, by=owner)
    assert group.change({"is_exclusive": True}, by=owner) == ["is_exclusive"]
    loyal.tag_with(tag("Floral"), by=owner)
    assert carried(loyal) == ["Floral"]


def test_a_retired_tag_is_kept_by_whoever_carries_it_and_given_to_nobody(
    owners_browser: Client, came_by: TagGroup, loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    loyal.tag_with(tag("A friend"), by=owner)
    owners_browser.post(f"{PAGE}{tag('A friend').pk}/retirement/")
    with pytest.raises(TagRetired):
        lapsed.tag_with(tag("A friend"), by=owner)
    assert (carried(loyal), carried(lapsed)) == (["A friend"], [])
    owners_browser.post(f"{PAGE}{tag('A friend').pk}/return/")
    lapsed.tag_with(tag("A friend"), by=owner)
    assert carried(lapsed) == ["A friend"]


def test_the_tags_of_a_retired_group_are_given_to_nobody(
    owners_browser: Client, came_by: TagGroup, loyal: Customer, owner: Staff
) -> None:
    owners_browser.post(f"{PAGE}groups/{came_by.pk}/retirement/")
    with pytest.raises(TagRetired):
        loyal.tag_with(tag("A friend"), by=owner)
    owners_browser.post(f"{PAGE}groups/{came_by.pk}/return/")
    assert loyal.tag_with(tag("A friend"), by=owner)


def test_merging_moves_everybody_once_and_retires_the_tag(
    owners_browser: Client, loyal: Customer, lapsed: Customer, owner: Staff
) -> None:
    white, pai = Tag.objects.called("白茶"), Tag.objects.called("white tea")
    loyal.tag_with(white, by=owner)
    loyal.tag_with(pai, by=owner)
    lapsed.tag_with(pai, by=owner)
    assert "Merge, for 2 people" in owners_browser.get(f"{PAGE}{pai.pk}/merge/").content.decode()
    assert owners_browser.post(f"{PAGE}{pai.pk}/merge/", {"into": white.pk}).status_code == 302
    assert (carried(loyal), carried(lapsed), tag("white tea").retired_at is not None) == (["白茶"], ["白茶"], True)


def test_a_tag_is_not_merged_into_an_exclusive_group(came_by: TagGroup, owner: Staff) -> None:
    with pytest.raises(NotMergeable):
        Tag.objects.called("by a friend").merge_into(tag("A friend"), by=owner)


def test_an_owner_makes_a_group_and_a_tag_and_sees_how_many_carry_it(
    owners_browser: Client, loyal: Customer, owner: Staff
) -> None:
    assert owners_browser.post(f"{PAGE}groups/new/", {"name": "Taste", "colour": "1"}).status_code == 302
    group = TagGroup.objects.get(name="Taste")
    assert owners_browser.post(f"{PAGE}new/", {"name": "Sweet", "group": group.pk}).status_code == 302
    loyal.tag_with(tag("Sweet"), by=owner)
    page = owners_browser.get(PAGE).content.decode()
    assert ("Taste" in page, "1 person" in page) == (True, True)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"name": "", "colour": "1"}, "required"),
        ({"name": "x" * 61, "colour": "1"}, "60"),
        ({"name": "a\x07b", "colour": "1"}, "cannot be shown"),
        ({"name": "Taste", "colour": "99"}, "not one of the available"),
        ({"name": "came BY", "colour": "1"}, "group of this name"),
    ],
)
def test_what_a_group_cannot_be_is_said_and_nothing_is_made(
    owners_browser: Client, came_by: TagGroup, told: dict[str, str], why: str
) -> None:
    answer = owners_browser.post(f"{PAGE}groups/new/", told)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert TagGroup.objects.count() == 1


def test_hostile_names_are_words_like_others(owners_browser: Client, came_by: TagGroup) -> None:
    owners_browser.post(f"{PAGE}new/", {"name": "<script>x</script>", "group": came_by.pk})
    page = owners_browser.get(PAGE).content.decode()
    assert ("&lt;script&gt;x" in page, "<script>x" in page) == (True, False)


def test_a_tag_moves_into_an_exclusive_group_only_where_nobody_would_carry_two(
    owners_browser: Client, came_by: TagGroup, loyal: Customer, owner: Staff
) -> None:
    loyal.tag_with(tag("A friend"), by=owner)
    word = Tag.objects.called("fair")
    loyal.tag_with(word, by=owner)
    answer = owners_browser.post(f"{PAGE}{word.pk}/", {"name": "fair", "group": came_by.pk})
    assert (answer.status_code, "carries two tags" in answer.content.decode()) == (422, True)
    assert Tagging.objects.get(tag=word).exclusive_group is None
