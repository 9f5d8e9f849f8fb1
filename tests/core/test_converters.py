import types

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, path, resolve, reverse

from guanxi.core import converters
from guanxi.core.ids import public_id

converters.register("tst")


def show(_: HttpRequest, key: int) -> HttpResponse:
    return HttpResponse(str(key))


routes = types.ModuleType("routes")
routes.urlpatterns = [path("things/<tst:key>/", show, name="thing")]  # type: ignore[attr-defined]


def test_a_public_id_in_an_address_becomes_a_key() -> None:
    address = f"/things/{public_id('tst', 42)}/"
    assert resolve(address, routes).kwargs == {"key": 42}  # type: ignore[arg-type]
    assert reverse("thing", routes, kwargs={"key": 42}) == address  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "word", ["42", "cus_9WDXWNVX5FJ1N", "tst_9WDXWNVX5FJ1", "tst_UUUUUUUUUUUUU", "tst_ZZZZZZZZZZZZZ"]
)
def test_a_word_that_is_no_public_id_of_the_kind_is_not_found(word: str) -> None:
    with pytest.raises((Resolver404, Http404)):
        resolve(f"/things/{word}/", routes)  # type: ignore[arg-type]
