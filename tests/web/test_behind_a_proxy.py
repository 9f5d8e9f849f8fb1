"""Behind a proxy: whose address it is, what comes over HTTPS, and who reads the figures of the installation."""

import json
import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from guanxi.core.errors import Failed
from guanxi.core.jobs.models import Job, State
from guanxi.web import logs
from guanxi.web.proxy import Forwarded

FORWARDED = "198.51.100.7, 203.0.113.9"


def caller(rf: RequestFactory, **headers: str) -> str:
    seen: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    Forwarded(answer)(rf.get("/", headers=headers))
    return seen[0]


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, FORWARDED, "127.0.0.1"),  # nobody said that a proxy is there
        (1, FORWARDED, "203.0.113.9"),  # what stands before it was written by the caller
        (2, FORWARDED, "198.51.100.7"),
        (3, FORWARDED, "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_callers_address_is_what_our_proxies_wrote_down(
    rf: RequestFactory, settings: Any, proxies: int, told: str, address: str
) -> None:
    settings.PROXIES = proxies
    assert caller(rf, **{"X-Forwarded-For": told}) == address


def test_what_a_proxy_received_over_https_is_secure(rf: RequestFactory, settings: Any) -> None:
    over_https = rf.get("/", headers={"X-Forwarded-Proto": "https"})
    assert not over_https.is_secure()  # anybody may write that
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert over_https.is_secure()
    assert not rf.get("/", headers={"X-Forwarded-Proto": "http"}).is_secure()


@pytest.mark.django_db
def test_this_machine_reads_the_figures_and_a_proxy_does_not(client: Client) -> None:
    Job.objects.create(task="x", state=State.DEAD)
    page = client.get("/metrics").content.decode()
    assert 'guanxi_jobs{state="dead"} 1' in page
    assert "guanxi_book_up 1" in page
    assert "guanxi_sending_paused 0" in page
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7").status_code == 404


@pytest.mark.django_db
def test_with_a_token_its_bearer_alone_reads_the_figures(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a long word"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
    bearer = {"Authorization": "Bearer a long word", "X-Forwarded-For": "198.51.100.7"}
    assert client.get("/metrics", headers=bearer).status_code == 200


@pytest.mark.django_db
def test_every_request_has_an_id_and_a_line_without_what_was_searched(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="guanxi.requests"):
        answer = client.get("/sign-in/?q=linxiao@example.com", headers={"X-Request-ID": "edge-0123456789"})
    assert answer.headers["X-Request-ID"] == "edge-0123456789"
    line = json.loads(logs.JsonFormatter().format(caplog.records[-1]))
    assert line["route"] == "sign-in"
    assert line["status"] == 200
    assert "linxiao" not in json.dumps(line)
    odd = client.get("/sign-in/", headers={"X-Request-ID": "x" * 200})
    assert len(odd.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(("kind", "told"), [(ValueError, False), (Failed, True)])
def test_an_error_is_told_by_its_kind_and_foreign_ones_without_their_text(kind: type[Exception], told: bool) -> None:
    quoted = "".join(("林", "晓"))  # the line of the error is told, what it held is not
    try:
        raise kind(quoted)  # noqa: TRY301 - it is caught to be looked at
    except kind as error:
        record = logging.LogRecord(
            "django.request", logging.ERROR, "x", 1, "Internal Server Error: %s", ("/?q=林晓",), None
        )
        record.exc_info = (kind, error, error.__traceback__)
    line = json.loads(logs.JsonFormatter().format(record))
    assert line["message"] == "Internal Server Error"
    assert kind.__name__ in line["error"]
    assert (quoted in json.dumps(line, ensure_ascii=False)) is told
