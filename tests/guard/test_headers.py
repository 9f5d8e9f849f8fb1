"""Every answer tells the browser what we never send."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
from django.test.utils import override_settings

from guanxi.guard.headers import HeadersMiddleware


def _answer(request: HttpRequest, **headers: str) -> HttpResponse:
    return HeadersMiddleware(lambda _request: HttpResponse("", headers=headers))(request)


def test_a_page_runs_no_inline_script_or_style(rf: RequestFactory) -> None:
    policy = _answer(rf.get("/"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src-attr 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("header", "value"), [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin")]
)
def test_a_page_carries_the_headers(rf: RequestFactory, header: str, value: str) -> None:
    assert _answer(rf.get("/"))[header] == value


def test_a_sandboxed_frame_keeps_its_own_policy(rf: RequestFactory) -> None:
    own = "sandbox; default-src 'none'"
    assert _answer(rf.get("/"), **{"Content-Security-Policy": own})["Content-Security-Policy"] == own


def test_the_headers_stand_right_behind_the_security_middleware() -> None:
    at = settings.MIDDLEWARE.index("django.middleware.security.SecurityMiddleware")
    assert settings.MIDDLEWARE[at + 1] == "guanxi.guard.headers.HeadersMiddleware"


@pytest.mark.parametrize(("secure", "sent"), [(True, True), (False, False)])
def test_strict_transport_is_asked_for_over_tls_alone(rf: RequestFactory, *, secure: bool, sent: bool) -> None:
    with override_settings(SECURE_HSTS_SECONDS=3600):
        answer = SecurityMiddleware(lambda _request: HttpResponse())(rf.get("/", secure=secure))
    assert ("Strict-Transport-Security" in answer) == sent
