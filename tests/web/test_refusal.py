import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from guanxi.accounts.models import LinkSpent, OwnerLink
from guanxi.core.errors import BadInput, Failed, GuanxiError, Refused
from guanxi.web.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("kind", "status"), [(Refused, 409), (LinkSpent, 409), (BadInput, 400), (Failed, 503)])
def test_a_named_error_is_a_page_with_its_sentence(rf: RequestFactory, kind: type[GuanxiError], status: int) -> None:
    answer = Refusal(lambda _: pytest.fail("not asked")).process_exception(page(rf), kind("Row 7 has no date."))
    assert answer
    assert answer.status_code == status
    assert "Row 7 has no date." in answer.content.decode()


def test_an_unknown_error_is_left_to_the_framework(rf: RequestFactory) -> None:
    assert Refusal(lambda _: pytest.fail("not asked")).process_exception(page(rf), KeyError("x")) is None


def test_a_missing_page_says_so_to_whoever_is_signed_in_or_not(client: Client) -> None:
    assert client.get("/no/such/page/").status_code == 404
    OwnerLink.redeem(OwnerLink.issue(), sign_in_name="lin", display_name="Lin", password="a long pass phrase")
    assert client.login(username="lin", password="a long pass phrase")
    assert client.get("/no/such/page/").status_code == 404


def page(rf: RequestFactory) -> HttpRequest:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.messages.storage.cookie import CookieStorage

    request = rf.get("/")
    request.user = AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request
