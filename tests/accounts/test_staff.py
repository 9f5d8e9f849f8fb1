import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.accounts.models import LinkSpent, OwnerLink, SignInAttempt, Staff, TooManyAttempts
from guanxi.accounts.roles import ALLOWED, Role

OWNER = {"sign_in_name": "Lin@Example.com", "display_name": "林晓", "password": "a long pass phrase"}


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.OWNER, ["customers.view", "staff.change", "anything.at_all"], []),
        (
            Role.MARKETER,
            ["customers.view", "insight.view"],
            ["imports.view", "personal.reveal", "staff.change"],
        ),
        (Role.AGENT, ["customers.change", "personal.reveal"], ["insight.view", "orders.change"]),
        (Role.ANALYST, ["insight.change", "lake.query", "imports.view"], ["imports.run", "personal.reveal"]),
        (Role.CLERK, ["orders.change", "imports.run"], ["customers.change", "insight.view"]),
    ],
)
def test_a_role_allows_what_its_row_says(role: Role, may: list[str], may_not: list[str]) -> None:
    staff = Staff(role=role)
    assert all(staff.may(permission) for permission in may)
    assert not any(staff.may(permission) for permission in may_not)


def test_every_role_has_its_row_and_whoever_left_may_nothing() -> None:
    assert set(ALLOWED) == set(Role)
    assert not Staff(role=Role.OWNER, is_active=False).may("customers.view")


@pytest.mark.django_db
def test_the_owner_link_makes_one_owner() -> None:
    token = OwnerLink.issue()
    assert OwnerLink.opens(token)
    owner = OwnerLink.redeem(token, **OWNER)
    assert owner.role == Role.OWNER
    assert owner.check_password(OWNER["password"])
    assert Staff.objects.get_by_natural_key("LIN@example.COM") == owner
    assert not OwnerLink.opens(token)
    with pytest.raises(LinkSpent):
        OwnerLink.redeem(token, **OWNER)


@pytest.mark.django_db
def test_an_owner_link_ends_after_a_day_and_when_there_is_an_owner() -> None:
    old, other = OwnerLink.issue(), OwnerLink.issue()
    OwnerLink.objects.order_by("pk")[:1].get().delete()
    assert not OwnerLink.opens(old)
    OwnerLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert not OwnerLink.opens(other)
    last, late = OwnerLink.issue(), OwnerLink.issue()
    OwnerLink.redeem(last, **OWNER)
    assert not OwnerLink.opens(late)


@pytest.mark.django_db
def test_the_token_of_a_link_is_kept_nowhere() -> None:
    token = OwnerLink.issue()
    assert token not in str(list(OwnerLink.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_two_who_race_for_the_shop_make_one_owner() -> None:
    tokens = [OwnerLink.issue(), OwnerLink.issue()] * 2
    gate = threading.Barrier(len(tokens))
    lost: list[Exception] = []

    def redeem(number: int) -> None:
        gate.wait()
        try:
            OwnerLink.redeem(tokens[number], **{**OWNER, "sign_in_name": f"owner-{number}"})
        except LinkSpent as error:
            lost.append(error)
        connection.close()

    threads = [threading.Thread(target=redeem, args=[number]) for number in range(len(tokens))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Staff.objects.count() == 1
    assert len(lost) == len(tokens) - 1


@pytest.mark.django_db
def test_wrong_passwords_are_limited_per_name_and_per_address() -> None:
    for number in range(10):
        SignInAttempt.count("lin", f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        SignInAttempt.count("LIN ", "10.0.1.1")
    SignInAttempt.count("somebody else", "10.0.1.1")
    for number in range(50):
        SignInAttempt.objects.create(name_digest=str(number), address="10.9.9.9")
    with pytest.raises(TooManyAttempts):
        SignInAttempt.count("a third", "10.9.9.9")


@pytest.mark.django_db
def test_the_limit_passes_with_time() -> None:
    for _ in range(10):
        SignInAttempt.count("lin", None)
    SignInAttempt.objects.update(attempted_at=timezone.now() - dt.timedelta(minutes=16))
    SignInAttempt.count("lin", None)
