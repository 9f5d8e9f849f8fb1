import datetime as dt
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.accounts.models import AuditEntry, Invitation, Session, Staff
from guanxi.accounts.roles import Role
from guanxi.accounts.sessions import SessionStore
from tests.cast import PASS_PHRASE

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36"


def browser(name: str, agent: str = DESK, address: str = "203.0.113.80") -> Client:
    """Sign in somewhere."""
    client = Client(headers={"Accept-Language": "en", "User-Agent": agent}, REMOTE_ADDR=address)
    client.post(reverse("sign-in"), {"sign_in_name": name, "password": PASS_PHRASE})
    assert client.get("/").status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def row_of(client: Client) -> Session:
    return Session.objects.get(session_key=client.session.session_key)


def test_everybody_sees_where_they_are_signed_in_and_which_one_this_is(agent: Staff, owner: Staff) -> None:
    browser("bo", PHONE, "198.51.100.7")
    browser("mei")
    page = browser("bo").get(reverse("sessions")).content.decode()
    assert "Safari · iPhone" in page
    assert "198.51.100.***" in page
    assert "198.51.100.7" not in page
    assert page.count("signed in ") == 2
    assert page.count("this one") == 1


def test_no_page_shows_the_key_that_opens_the_door(agent: Staff) -> None:
    client = browser("bo")
    browser("bo")
    page = client.get(reverse("sessions")).content.decode()
    keys = Session.objects.values_list("session_key", flat=True)
    assert [key for key in keys if key in page] == []


def test_one_browser_is_signed_out_and_the_others_stay(agent: Staff) -> None:
    here, there, elsewhere = browser("bo"), browser("bo", PHONE), browser("bo")
    here.post(reverse("session-ending", args=[row_of(there).pk]))
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)
    entry = AuditEntry.objects.get(act="staff.session_ended")
    assert (entry.by, entry.subject, "Safari · iPhone" in entry.changes) == (agent, f"staff:{agent.pk}", True)


def test_all_others_are_signed_out_at_once(agent: Staff, owner: Staff) -> None:
    here, there, owners = browser("bo"), browser("bo"), browser("mei")
    here.post(reverse("sessions-ending"))
    here.post(reverse("sessions-ending"))
    assert (is_in(here), is_in(there), is_in(owners)) == (True, False, True)
    assert AuditEntry.objects.filter(act="staff.sessions_ended", by=agent).count() == 1


def test_ending_the_session_one_is_in_leads_to_the_sign_in(agent: Staff) -> None:
    here = browser("bo")
    assert here.post(reverse("session-ending", args=[row_of(here).pk]))["Location"] == reverse("sign-in")
    assert not is_in(here)


def test_nobody_ends_the_sessions_of_others_but_an_owner(agent: Staff, owner: Staff) -> None:
    agents, owners = browser("bo"), browser("mei")
    assert agents.post(reverse("session-ending", args=[row_of(owners).pk])).status_code == 404
    assert agents.post(reverse("staff-sessions-ending", args=[owner.pk])).status_code == 403
    assert is_in(owners)
    assert "Chrome · Windows" in owners.get(reverse("staff-member", args=[agent.pk])).content.decode()
    owners.post(reverse("session-ending", args=[row_of(agents).pk]))
    assert not is_in(agents)
    again, too = browser("bo"), browser("bo")
    owners.post(reverse("staff-sessions-ending", args=[agent.pk]))
    assert (is_in(again), is_in(too), is_in(owners)) == (False, False, True)


def test_a_changed_role_a_deactivation_and_a_new_password_end_sessions(agent: Staff, owner: Staff) -> None:
    browser("bo")
    agent.change_role(Role.CLERK, by=owner)
    assert not Session.objects.of(agent).exists()
    browser("bo")
    agent.deactivate(by=owner)
    assert not Session.objects.of(agent).exists()
    agent.reactivate(by=owner)
    here, _there = browser("bo"), browser("bo")
    new = "thunder over the terraces"
    here.post(reverse("password"), {"old": PASS_PHRASE, "password": new})
    assert is_in(here)
    assert [each.session_key for each in Session.objects.of(agent)] == [here.session.session_key]
    Client().post(reverse("join", args=[Invitation.renew(agent, by=owner)]), {"password": PASS_PHRASE})
    assert not is_in(here)
    assert Session.objects.of(agent).count() == 1


def test_a_session_that_was_ended_is_not_written_back_by_what_still_ran(agent: Staff) -> None:
    here = browser("bo")
    running = SessionStore(here.session.session_key)
    running["period"] = "30"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        running.save()
    assert not Session.objects.exists()


def test_that_a_session_is_in_use_is_written_down_every_ten_minutes(
    agent: Staff, django_assert_num_queries: Any
) -> None:
    here = browser("bo")
    page = reverse("sessions")
    here.get(page)
    with django_assert_num_queries(6):
        here.get(page)
    long_ago = timezone.now() - dt.timedelta(minutes=11)
    Session.objects.update(seen_at=long_ago, started_at=long_ago)
    with django_assert_num_queries(7):
        here.get(page, REMOTE_ADDR="198.51.100.7")
    row = row_of(here)
    assert (row.seen_at > long_ago, row.started_at, row.seen_from) == (True, long_ago, "198.51.100.***")


def test_the_page_asks_the_same_of_the_book_however_many_browsers(agent: Staff, django_assert_num_queries: Any) -> None:
    here = browser("bo")
    for nth in range(5):
        Session.objects.create(
            session_key=f"other-{nth}", staff=agent, expire_date=timezone.now() + dt.timedelta(days=1), device="Safari"
        )
    here.get(reverse("sessions"))
    with django_assert_num_queries(6):
        here.get(reverse("sessions"))


def test_when_and_where_a_session_began_stays_as_its_content_changes(agent: Staff) -> None:
    here = browser("bo")
    began = row_of(here).started_at
    here.get("/?period=30", REMOTE_ADDR="198.51.100.7")
    session = here.session
    session["period"] = "90"
    session.save()
    row = row_of(here)
    assert (row.started_at, row.started_from, row.staff_id) == (began, "203.0.113.***", agent.pk)
