import datetime as dt

from guanxi.accounts.models import Staff
from guanxi.customers.intake import Agreement, Labelling, Remark, agree, annotate, label
from guanxi.customers.models import Channel, Consent, Customer, Tag
from guanxi.orders.models import Store
from tests.cast import met

THEN = dt.datetime(2024, 6, 1, 8, tzinfo=dt.UTC)
LATER = THEN + dt.timedelta(days=30)


def told_of(customer: Customer) -> list[tuple[str, dt.datetime]]:
    """The stream of a person, oldest first."""
    return list(customer.events.order_by("occurred_at").values_list("name", "occurred_at"))


def test_a_consent_that_comes_from_a_platform_stands_for_the_moment_it_was_given(loyal: Customer) -> None:
    agreed = Agreement(customer=loyal.pk, channel=Channel.EMAIL, source="own", agreed_at=THEN)
    assert agree([agreed]) == 1
    consent = Consent.objects.in_force(Channel.EMAIL).of(loyal).get()
    assert (consent.agreed_at, consent.source, consent.profile) == (THEN, "own", loyal.house_profile)
    assert told_of(loyal) == [("Consent Given", THEN)]


def test_a_consent_taken_back_is_no_longer_in_force(loyal: Customer) -> None:
    agree([Agreement(customer=loyal.pk, channel=Channel.SMS, source="own", agreed_at=THEN, withdrawn_at=LATER)])
    assert loyal not in Customer.objects.reachable_by(Channel.SMS)
    assert told_of(loyal) == [("Consent Given", THEN), ("Consent Withdrawn", LATER)]


def test_the_same_consent_twice_is_written_once(loyal: Customer) -> None:
    agreed = Agreement(customer=loyal.pk, channel=Channel.EMAIL, source="own", agreed_at=THEN)
    assert (agree([agreed, agreed]), agree([agreed])) == (1, 0)
    assert loyal.events.count() == 1


def test_who_took_a_consent_back_is_not_signed_up_again_by_a_file(opted_out: Customer) -> None:
    assert agree([Agreement(customer=opted_out.pk, channel=Channel.EMAIL, source="own", agreed_at=THEN)]) == 0
    assert opted_out not in Customer.objects.reachable_by(Channel.EMAIL)


def test_tags_and_notes_come_in_sets_and_are_written_once(loyal: Customer, lapsed: Customer, agent: Staff) -> None:
    tag = Tag.objects.under("Taste", "Oolong")
    tags = [Labelling(customer=each.pk, tag=tag, tagged_at=THEN) for each in (loyal, lapsed)]
    notes = [Remark(customer=loyal.pk, text="Likes it dark.", written_at=LATER, by=agent)]
    assert (label(tags, by=agent), annotate(notes)) == (2, 1)
    assert (label(tags, by=agent), annotate(notes)) == (0, 0)
    assert told_of(loyal) == [("Tag Added", THEN), ("Note Added", LATER)]
    assert loyal.events.get(name="Note Added").properties == {"note": loyal.notes.get().pk, "by": agent.pk}


def test_a_tag_stands_under_its_group_once(db: None) -> None:
    assert Tag.objects.under("Taste", "Oolong") == Tag.objects.under("Taste", "Oolong")
    assert Tag.objects.under("Service", "Oolong") != Tag.objects.under("Taste", "Oolong")


def test_a_set_costs_the_same_few_queries_however_many_people_are_in_it(
    tea_house: Store, django_assert_num_queries: object
) -> None:
    people = [met(tea_house, key=f"k{nth}", name=f"客{nth}", phone=f"+86138000012{nth:02}") for nth in range(12)]
    told = [Agreement(customer=each.pk, channel=Channel.SMS, source="own", agreed_at=THEN) for each in people]
    with django_assert_num_queries(10):  # type: ignore[operator]
        agree(told[:2])
    with django_assert_num_queries(10):  # type: ignore[operator]
        agree(told[2:])
