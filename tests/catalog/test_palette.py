"""What the palette answers about products, and to whom."""

import pytest
from django.test import Client

from guanxi.accounts.models import Staff
from guanxi.catalog.models import Product

Shelf = dict[str, Product]


def asked(client: Client, q: str = "", **more: str) -> str:
    return client.post("/palette/", {"q": q, **more}, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("text", ["大红袍", "dahongpao", "dhp", "DHP-8"])
def test_a_product_is_found_as_in_its_list(owners_browser: Client, shelf: Shelf, text: str) -> None:
    found = asked(owners_browser, text)
    assert f'href="/products/{shelf["DHP-80"].public_id}/"' in found
    assert "乌龙" in found


def test_the_page_is_found_and_a_product_opened_lately_comes_back(owners_browser: Client, shelf: Shelf) -> None:
    assert 'href="/products/"' in asked(owners_browser, "prod")
    assert "寿眉饼 357g" in asked(owners_browser, recent=f"{shelf['SM-357'].public_id} prd_0000000000000 prd_<b>")


def test_products_are_found_by_whose_role_sees_them(
    client: Client, shelf: Shelf, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(agent)
    monkeypatch.setattr(Staff, "may", lambda self, permission: permission != "catalog.view")
    assert 'href="/products/' not in asked(client, "dahongpao")
    assert 'href="/products/' not in asked(client, recent=shelf["SM-357"].public_id)
