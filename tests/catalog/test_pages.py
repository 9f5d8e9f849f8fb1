"""The page of a product: its variants with prices and costs, and the places of what it sold."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Product, Variant

PRODUCT_QUERIES = 8


@pytest.fixture
def tea(db: None) -> Product:
    shelve([Good(sku="BC-357", name="寿眉饼", category="白茶", price_minor=26_800, currency="CNY")])
    return Variant.objects.get().product


@pytest.fixture
def browser(client: Client, owner: Staff) -> Client:
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


def page_of(browser: Client, product: Product) -> str:
    return browser.get(reverse("catalog:product", args=[product.pk])).content.decode()


def test_a_product_shows_its_price_its_newest_cost_and_what_is_left(browser: Client, tea: Product) -> None:
    costs = tea.variants.get().costs
    costs.create(cost_minor=12_000, currency="CNY", valid_from=dt.date(2026, 1, 1))
    costs.create(cost_minor=13_400, currency="CNY", valid_from=dt.date(2026, 6, 1))
    page = page_of(browser, tea)
    for words in ("寿眉饼", "白茶", "BC-357", "¥268.00", "costs us ¥134.00", "margin 50.0%", "Cost from 1 Jan 2026"):
        assert words in page, words


def test_what_a_product_costs_us_is_shown_only_to_roles_that_see_it(
    browser: Client, agents_browser: Client, tea: Product, owner: Staff
) -> None:
    tea.variants.get().costs.create(valid_from=dt.date(2024, 1, 1), cost_minor=13_400, currency="CNY")
    assert "costs us" in page_of(browser, tea)
    assert "costs us" not in page_of(agents_browser, tea)
    assert "Margin" in browser.get(reverse("catalog:list")).content.decode()
    assert "Margin" not in agents_browser.get(reverse("catalog:list")).content.decode()
    RoleRules.change(Role.AGENT, {"catalog.cost.see": True}, by=owner)
    assert "costs us" in page_of(agents_browser, tea)


def test_a_cost_in_another_currency_leaves_no_margin(browser: Client, tea: Product) -> None:
    tea.variants.get().costs.create(cost_minor=1_000, currency="USD", valid_from=dt.date(2026, 1, 1))
    page = page_of(browser, tea)
    assert "costs us US$10.00" in page
    assert "margin" not in page


def test_a_variant_without_a_price_says_so(browser: Client, tea: Product) -> None:
    tea.variants.update(price_minor=None, currency="")
    assert "No list price" in page_of(browser, tea)


def test_panels_are_asked_for_the_days_of_the_page(browser: Client, tea: Product) -> None:
    page = browser.get(reverse("catalog:product", args=[tea.pk]) + "?range=7d&compare=none").content.decode()
    assert f"/insight/products/{tea.public_id}/sales/?range=7d&amp;compare=none" in page


def test_a_product_costs_the_same_however_many_variants_it_has(
    browser: Client, tea: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page_of(browser, tea)
    with django_assert_num_queries(PRODUCT_QUERIES):
        page_of(browser, tea)
    for nth in range(30):
        variant = tea.variants.create(sku=f"V{nth}", price_minor=1, currency="CNY")
        variant.costs.create(cost_minor=1, currency="CNY", valid_from=dt.date(2026, 1, 1))
    with django_assert_num_queries(PRODUCT_QUERIES):
        page_of(browser, tea)


@pytest.mark.parametrize("word", ["prd_0000000000000", "cus_9WDXWNVX5FJ1N", "1"])
def test_an_unknown_product_is_not_found(browser: Client, db: None, word: str) -> None:
    assert browser.get(f"/products/{word}/").status_code == 404


def test_products_are_for_whose_role_sees_them(tea: Product, outsider: Staff) -> None:
    assert list(Product.objects.visible_to(outsider)) == []
