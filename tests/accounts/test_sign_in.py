import pytest
from django.test import Client
from django.urls import reverse

from guanxi.accounts.models import OwnerLink, SignInAttempt, Staff
from guanxi.accounts.roles import Role

PASSWORD = "a long pass phrase"

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> Staff:
    staff = Staff(
        sign_in_name="lin", display_name="林晓", role=Role.OWNER, language="zh-hans", time_zone="Asia/Shanghai"
    )
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> int:
    return client.post(reverse("sign-in"), {"sign_in_name": "Lin", "password": password, **more}).status_code


def test_a_stranger_is_sent_to_the_sign_in_page(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("sign-in"))


def test_a_part_of_a_page_moves_the_whole_page_to_sign_in(client: Client) -> None:
    response = client.get("/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith(reverse("sign-in"))


def test_the_right_password_lets_in_and_changes_the_session(client: Client, lin: Staff) -> None:
    client.get(reverse("sign-in"))
    session = client.session
    session["cart"] = 1
    session.save()
    before = session.session_key
    assert sign_in(client) == 302
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(lin.pk)
    assert client.get("/").headers["Location"] == "/customers/"


@pytest.mark.usefixtures("lin")
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: Client) -> None:
    wrong_password = client.post(reverse("sign-in"), {"sign_in_name": "lin", "password": "wrong"})
    wrong_name = client.post(reverse("sign-in"), {"sign_in_name": "nobody", "password": "wrong"})
    assert wrong_password.status_code == wrong_name.status_code == 422
    assert wrong_password.context["form"].errors == wrong_name.context["form"].errors


@pytest.mark.usefixtures("lin")
def test_after_too_many_wrong_passwords_the_right_one_has_to_wait(client: Client) -> None:
    for _ in range(10):
        assert sign_in(client, "wrong") == 422
    assert sign_in(client) == 422
    SignInAttempt.objects.all().delete()
    assert sign_in(client) == 302
    assert not SignInAttempt.objects.exists()


@pytest.mark.usefixtures("lin")
@pytest.mark.parametrize(
    ("wanted", "answer"), [("/orders/", "/orders/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("", "/")]
)
def test_after_signing_in_the_way_leads_on_inside_the_shop_only(client: Client, wanted: str, answer: str) -> None:
    response = client.post(reverse("sign-in"), {"sign_in_name": "lin", "password": PASSWORD, "next": wanted})
    assert response["Location"] == answer


def test_sessions_die_when_the_role_changes(client: Client, lin: Staff) -> None:
    client.force_login(lin)
    assert client.get("/")["Location"] == "/customers/"
    Staff.objects.update(role=Role.CLERK)
    assert client.get("/")["Location"].startswith(reverse("sign-in"))


def test_signing_out_takes_a_post(client: Client, lin: Staff) -> None:
    client.force_login(lin)
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_pages_speak_the_language_of_whoever_reads_them(client: Client, lin: Staff) -> None:
    client.force_login(lin)
    assert client.get("/sign-in/", headers={"Accept-Language": "en"})["Content-Language"] == "zh-hans"
    client.logout()
    assert client.get("/sign-in/", headers={"Accept-Language": "en"})["Content-Language"] == "en"


def test_a_time_zone_is_kept_when_there_is_one_of_that_name(client: Client, lin: Staff) -> None:
    client.force_login(lin)
    assert client.post(reverse("time-zone"), {"time_zone": "Mars/Olympus"}).status_code == 400
    assert client.post(reverse("time-zone"), {"time_zone": "Europe/Paris"}).status_code == 302
    lin.refresh_from_db()
    assert lin.time_zone == "Europe/Paris"


def test_the_welcome_link_makes_the_owner_and_lets_them_in(client: Client) -> None:
    address = reverse("welcome", args=[OwnerLink.issue()])
    assert client.get(address).status_code == 200
    answers = {"display_name": "Ada", "sign_in_name": "Ada@Example.com", "password": PASSWORD}
    assert client.post(address, {**answers, "password": "ada@example.com"}).status_code == 422
    assert client.post(address, answers).status_code == 302
    assert Staff.objects.get().sign_in_name == "ada@example.com"
    assert client.get("/")["Location"] == "/customers/"
    assert client.get(address).status_code == 410


@pytest.mark.parametrize(("told", "kept"), [("Asia/Shanghai", "Asia/Shanghai"), ("Mars/Olympus", ""), ("", "")])
def test_the_owner_reads_times_in_the_zone_of_the_browser(client: Client, told: str, kept: str) -> None:
    address = reverse("welcome", args=[OwnerLink.issue()])
    assert b"data-gx-zone" in client.get(address).content
    answers = {"display_name": "Su", "sign_in_name": "su", "password": "rain before the harvest", "time_zone": told}
    assert client.post(address, answers).status_code == 302
    assert Staff.objects.get(sign_in_name="su").time_zone == kept


def test_a_made_up_welcome_link_opens_nothing(client: Client) -> None:
    assert client.get(reverse("welcome", args=["made-up"])).status_code == 410
