import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.accounts.models import (
    AuditEntry,
    Invitation,
    LastOwner,
    LinkSpent,
    OwnerLink,
    RoleRules,
    SignInAttempt,
    Staff,
    TooManyAttempts,
)
from guanxi.accounts.roles import Role
from tests.cast import PASS_PHRASE, hired

OWNER = {"sign_in_name": "Lin@Example.com", "display_name": "林晓", "password": "a long pass phrase"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.OWNER, ["customers.view", "staff.change", "anything.at_all"], []),
        (Role.MARKETER, ["customers.view", "insight.view"], ["imports.view", "personal.phone.reveal", "staff.change"]),
        (Role.AGENT, ["customers.change", "personal.phone.reveal"], ["insight.view", "catalog.cost.see"]),
        (Role.ANALYST, ["insight.view", "imports.view"], ["imports.run", "personal.name.reveal", "audit.view"]),
        (Role.CLERK, ["personal.address.reveal", "imports.run"], ["customers.change", "insight.view", "roles.change"]),
    ],
)
def test_a_role_allows_what_its_row_says(role: Role, may: list[str], may_not: list[str]) -> None:
    staff = Staff(role=role)
    assert all(staff.may(permission) for permission in may)
    assert not any(staff.may(permission) for permission in may_not)


@pytest.mark.django_db
def test_a_role_does_from_the_next_request_on_what_the_shop_lets_it(agent: Staff, owner: Staff) -> None:
    assert RoleRules.change(Role.AGENT, {"insight.view": True, "customers.change": False}, by=owner) == [
        "insight.view",
        "customers.change",
    ]
    fresh = Staff.objects.with_rules().get(pk=agent.pk)
    assert (fresh.may("insight.view"), fresh.may("customers.change"), fresh.may("customers.view")) == (
        True,
        False,
        True,
    )
    assert Staff.objects.get(pk=agent.pk).may("insight.view")
    assert RoleRules.change(Role.AGENT, {"insight.view": True}, by=owner) == []
    assert RoleRules.change(Role.AGENT, {"insight.view": False, "customers.change": True}, by=owner)
    assert RoleRules.departures_of(Role.AGENT) == {}
    told = AuditEntry.objects.filter(act="role.changed").order_by("pk").first()
    assert told
    assert told.told["changes"] == {"insight.view": [False, True], "customers.change": [True, False]}


@pytest.mark.django_db
def test_no_rule_gives_away_the_keys_of_the_shop(agent: Staff, owner: Staff) -> None:
    assert RoleRules.change(Role.AGENT, {"staff.change": True, "roles.change": True, "made.up": True}, by=owner) == []
    assert not Staff.objects.with_rules().get(pk=agent.pk).may("staff.change")


@pytest.mark.django_db
def test_the_rules_of_a_role_cost_no_question_more(agent: Staff, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        fresh = Staff.objects.with_rules().get(pk=agent.pk)
        assert fresh.may("customers.view")
        assert not fresh.may("insight.view")


def test_whoever_left_may_nothing() -> None:
    assert not Staff(role=Role.OWNER, is_active=False).may("customers.view")


@pytest.mark.django_db
def test_the_last_owner_stays(owner: Staff, agent: Staff) -> None:
    for verb in (lambda: owner.change_role(Role.CLERK, by=owner), lambda: owner.deactivate(by=owner)):
        with pytest.raises(LastOwner):
            verb()
    agent.change_role(Role.OWNER, by=owner)
    owner.change_role(Role.CLERK, by=agent)
    assert list(Staff.objects.owners()) == [agent]
    acts = AuditEntry.objects.order_by("pk").values_list("act", "subject", "by")
    assert list(acts) == [
        ("staff.role_changed", f"staff:{agent.pk}", owner.pk), ("staff.role_changed", f"staff:{owner.pk}", agent.pk),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays() -> None:
    owners = [hired(f"owner-{nth}", "Su", Role.OWNER) for nth in range(2)]
    gate, refused = threading.Barrier(2), []

    def leave(staff: Staff) -> None:
        gate.wait()
        try:
            staff.deactivate(by=staff)
        except LastOwner as error:
            refused.append(error)
        connection.close()

    threads = [threading.Thread(target=leave, args=[staff]) for staff in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Staff.objects.owners().count() == len(refused) == 1


@pytest.mark.django_db
def test_an_invitation_opens_once_for_three_days_and_only_its_hash_is_kept(owner: Staff) -> None:
    token = Invitation.invite("Bo", role=Role.AGENT, by=owner)
    assert token not in str(list(Invitation.objects.values()))
    invitation = Invitation.objects.by_token(token)
    assert invitation
    staff = invitation.accept(password=PASS_PHRASE, sign_in_name="bo", display_name="Bo")
    assert (staff.role, staff.check_password(PASS_PHRASE)) == (Role.AGENT, True)
    assert Invitation.objects.by_token(token) is None
    with pytest.raises(LinkSpent):
        invitation.accept(password=PASS_PHRASE, sign_in_name="bo2", display_name="Bo")
    late = Invitation.invite("Lin", role=Role.CLERK, by=owner)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert Invitation.objects.by_token(late) is None
    withdrawn = Invitation.invite("Lin", role=Role.CLERK, by=owner)
    Invitation.objects.latest("pk").withdraw(by=owner)
    assert Invitation.objects.by_token(withdrawn) is None


@pytest.mark.django_db
def test_a_link_for_a_new_password_replaces_the_one_before_and_ends_with_whoever_it_is_for(
    owner: Staff, agent: Staff
) -> None:
    first, second = Invitation.renew(agent, by=owner), Invitation.renew(agent, by=owner)
    assert Invitation.objects.by_token(first) is None
    agent.deactivate(by=owner)
    assert Invitation.objects.by_token(second) is None
    agent.reactivate(by=owner)
    invitation = Invitation.objects.by_token(second)
    assert invitation
    before = agent.get_session_auth_hash()
    renewed = invitation.accept(password="another long pass phrase")
    assert (renewed.pk, renewed.role) == (agent.pk, agent.role)
    assert renewed.get_session_auth_hash() != before


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
