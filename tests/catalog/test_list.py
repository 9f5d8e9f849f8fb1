"""The list of products: what is found, what stands on top, and what a page costs."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from guanxi.accounts.models import Staff
from guanxi.catalog import selling
from guanxi.catalog.intake import Good, shelve
from guanxi.catalog.models import Category, Product
from guanxi.catalog.selling import Sold
from guanxi.pages.listing import PAGE_ROWS
from tests.cast import TODAY
from tests.catalog.conftest import Told

LIST = "/products/"
PAGE_QUERIES = 18
Shelf = dict[str, Product]
HaveSold = Callable[[dict[Product, Sold]], None]
FEW, MANY = (
    Sold(units=2, net_minor=90_000, currency="CNY", last_on=TODAY),
    Sold(units=9, net_minor=30_000, currency="CNY", last_on=TODAY),
)


def shown(client: Client, **query: str) -> list[str]:
    """The SKUs of a page, from the top."""
    return [entry.offers[0].variant.sku for entry in client.get(LIST, query).context["entries"]]


@pytest.fixture
def selling_shelf(shelf: Shelf, sold: HaveSold) -> Shelf:
    """Two of the teas sold lately, one longer ago, one never."""
    long_ago = Sold(last_on=TODAY.replace(year=2023))
    sold({shelf["SM-357"]: FEW, shelf["DHP-80"]: MANY, shelf["HC-100"]: long_ago})
    return shelf


def test_an_empty_shop_says_how_to_begin(owners_browser: Client) -> None:
    page = owners_browser.get(LIST).content.decode()
    assert "No products yet" in page
    assert f'href="{reverse("import-new")}">Import an order file' in page


def test_a_row_says_what_a_product_is_and_sells(owners_browser: Client, selling_shelf: Shelf) -> None:
    shelf = selling_shelf
    Product.objects.filter(pk=shelf["SM-357"].pk).update(brand="山房")
    shelf["SM-357"].variants.create(sku="SM-1000", price_minor=108_000, currency="CNY")
    page = owners_browser.get(LIST).content.decode()
    for words in (
        "寿眉饼 357g", "山房 · 白茶", "¥268.00–1,080.00", "<b>¥900.00</b>", "never sold", "Net sales ¥1,200",
        "Units and net sales from 14 Aug 2024 to 11 Nov 2024.",
        f'href="{reverse("catalog:product", args=[shelf["SM-357"].pk])}"',
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("寿眉", "SM-357"),
        ("大红袍", "DHP-80"),
        ("特级 大红袍", "DHP-80"),
        ("shoumeibing", "SM-357"),
        ("ShouMei", "SM-357"),
        ("shou mei", "SM-357"),
        ("dahongpao", "DHP-80"),
        ("wuyishandahongpaoteji", "DHP-80"),
        ("dhp", "DHP-80"),
        ("wysdhp", "DHP-80"),
        ("heicha", "HC-100"),
        ("souch", "lap-50"),
        ("lapsangsouchong", "lap-50"),
        ("best laps", "lap-50"),
        ("emile", "lap-50"),
        ("ÉMILES", "lap-50"),
        ("357", "SM-357"),
        ("SM-357", "SM-357"),
        ("sm-3", "SM-357"),
        ("LAP-50", "lap-50"),
        (" 寿眉饼 ", "SM-357"),
    ],
)
def test_a_product_is_found_by_any_word_of_its_name_in_any_spelling_and_by_its_sku(
    owners_browser: Client, shelf: Shelf, typed: str, found: str
) -> None:
    assert shown(owners_browser, q=typed) == [found]


@pytest.mark.parametrize("typed", ["山房", "shanfang", "sf", "山房 寿眉"])
def test_a_product_is_found_by_its_brand(owners_browser: Client, shelf: Shelf, typed: str) -> None:
    Product.objects.filter(pk=shelf["SM-357"].pk).update(brand="山房")
    assert shown(owners_browser, q=typed) == ["SM-357"]


@pytest.mark.parametrize(
    "typed", ["%", "_", "' or 1=1 --", "*" * 500, "ongpao", "apsang", "大红 寿眉", "57", "\\", "😀"]
)
def test_the_middle_of_a_word_and_patterns_find_nothing(owners_browser: Client, shelf: Shelf, typed: str) -> None:
    assert owners_browser.get(LIST, {"q": typed}).context["listing"].total == 0


def test_a_renamed_product_is_found_by_its_new_name_alone(owners_browser: Client, shelf: Shelf) -> None:
    Product.objects.filter(pk=shelf["HC-100"].pk).update(name="茯砖")
    assert shown(owners_browser, q="fuzhuan") == ["HC-100"]
    assert shown(owners_browser, q="heicha") == []


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "😀😀", "<script>alert(1)</script>", "㐂㐄𠮷", "a\u0301\u0301", "茶" * 300, "%_\\'\""]
)
def test_any_name_can_be_shelved_listed_and_escaped(owners_browser: Client, db: None, name: str) -> None:
    shelve([Good(sku="X", name=name)])
    page = owners_browser.get(LIST, {"sort": "name"})
    assert page.context["listing"].total == 1
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "skus"),
    [
        ("", ["SM-357", "DHP-80", "lap-50", "HC-100"]),
        ("-net", ["SM-357", "DHP-80", "lap-50", "HC-100"]),
        ("-units", ["DHP-80", "SM-357", "lap-50", "HC-100"]),
        ("units", ["lap-50", "HC-100", "SM-357", "DHP-80"]),
        ("last", ["lap-50", "HC-100", "DHP-80", "SM-357"]),
        ("name", ["HC-100", "lap-50", "SM-357", "DHP-80"]),
        ("price", ["HC-100", "lap-50", "DHP-80", "SM-357"]),
        ("-price", ["SM-357", "DHP-80", "lap-50", "HC-100"]),
        ("nonsense", ["SM-357", "DHP-80", "lap-50", "HC-100"]),
    ],
)
def test_the_list_is_sorted_by_what_a_column_holds(
    owners_browser: Client, selling_shelf: Shelf, sort: str, skus: list[str]
) -> None:
    assert shown(owners_browser, sort=sort) == skus


def test_the_newest_product_comes_first_when_asked(owners_browser: Client, shelf: Shelf) -> None:
    shelve([Good(sku="NEW", name="新茶")])
    assert shown(owners_browser, sort="-since")[0] == "NEW"


def test_amounts_of_two_currencies_are_not_compared(owners_browser: Client, shelf: Shelf, sold: HaveSold) -> None:
    abroad = Sold(units=1, net_minor=50_000, currency="USD", last_on=TODAY)
    back = Sold(units=1, net_minor=-100, currency="CNY", last_on=TODAY)
    sold({shelf["SM-357"]: FEW, shelf["DHP-80"]: abroad, shelf["HC-100"]: back})
    response = owners_browser.get(LIST)
    assert shown(owners_browser) == ["SM-357", "lap-50", "HC-100", "DHP-80"]
    assert response.context["totals"] == "Net sales ¥899 + US$500"


def test_a_list_is_narrowed_by_category_brand_and_sales(owners_browser: Client, selling_shelf: Shelf) -> None:
    white = Category.objects.get(name="白茶")
    Product.objects.filter(pk=selling_shelf["lap-50"].pk).update(brand="Émile & Co")
    assert shown(owners_browser, category=str(white.pk)) == ["SM-357"]
    assert shown(owners_browser, brand="Émile & Co") == ["lap-50"]
    assert shown(owners_browser, sold="yes") == ["SM-357", "DHP-80"]
    assert shown(owners_browser, sold="no") == ["lap-50", "HC-100"]
    assert shown(owners_browser, sold="yes", category=str(white.pk), q="寿眉") == ["SM-357"]


def test_a_category_inside_another_is_named_with_it(owners_browser: Client, shelf: Shelf) -> None:
    inner = Category.objects.create(name="生普", parent=Category.objects.get(name="黑茶"))
    Product.objects.filter(pk=shelf["HC-100"].pk).update(category=inner)
    (chip,) = owners_browser.get(LIST, {"category": str(inner.pk)}).context["listing"].chips
    assert chip.value == "黑茶 / 生普"


@pytest.mark.parametrize("name", ["category", "brand", "sold", "sort"])
@pytest.mark.parametrize("word", ["0", "-1", "9" * 40, "٣", "' or 1=1 --", "\0", "nonsense\0"])
def test_an_unknown_filter_narrows_nothing(owners_browser: Client, selling_shelf: Shelf, name: str, word: str) -> None:
    assert owners_browser.get(LIST, {name: word}).context["listing"].total == 4


def test_more_sold_products_than_a_statement_has_places_for_are_no_hindrance(
    owners_browser: Client, shelf: Shelf
) -> None:
    ids = [shelf["SM-357"].pk, *range(10**9, 10**9 + 70_000)]
    assert list(Product.objects.among(ids)) == [shelf["SM-357"]]


def test_without_one_who_knows_of_sales_there_are_no_columns_of_them(
    owners_browser: Client, shelf: Shelf, nothing_known: None
) -> None:
    response = owners_browser.get(LIST, {"sort": "-net", "sold": "yes"})
    titles = [str(heading.column.title) for heading in response.context["listing"].headings]
    assert titles == ["Product", "Variants", "Price", "Known since"]
    assert response.context["listing"].total == 4
    assert "figures of sales" not in response.content.decode()


def test_before_the_first_figures_the_list_says_that_there_are_none(
    owners_browser: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selling, "_registered", [Told(None)])
    assert "No figures of sales yet" in owners_browser.get(LIST).content.decode()


def test_a_margin_is_shown_where_a_cost_is_known(owners_browser: Client, shelf: Shelf, nothing_known: None) -> None:
    assert "Margin" not in owners_browser.get(LIST).content.decode()
    tea = shelf["SM-357"].variants.get()
    tea.costs.create(cost_minor=13_400, currency="CNY", valid_from=TODAY)
    cake = shelf["SM-357"].variants.create(sku="SM-1", price_minor=10_000, currency="CNY")
    cake.costs.create(cost_minor=6_000, currency="CNY", valid_from=TODAY)
    page = owners_browser.get(LIST).content.decode()
    assert "Margin" in page
    assert "40.0%–50.0%" in page


@pytest.mark.parametrize("query", ["", "?sort=price", "?sort=name&q=tea", "?sold=yes", "?sold=no&q=tea"])
def test_a_page_costs_the_same_however_many_products_there_are(
    owners_browser: Client, selling_shelf: Shelf, django_assert_num_queries: DjangoAssertNumQueries, query: str
) -> None:
    def cost() -> int:
        with django_assert_num_queries(PAGE_QUERIES, exact=False) as found:
            owners_browser.get(LIST + query)
        return len(found)

    shelve([Good(sku="tea", name="tea", category="tea")])
    few = cost()
    shelve([Good(sku=f"S{nth}", name=f"tea {nth}", category=f"C{nth % 9}", price_minor=1) for nth in range(60)])
    assert cost() <= few  # a page that is not full looks for those without a price


def test_sales_are_asked_for_once_a_page(
    owners_browser: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, selling_shelf: Shelf
) -> None:
    told = Told(selling.selling().lately())  # type: ignore[union-attr]  # registered by the fixture
    monkeypatch.setattr(selling, "_registered", [told])
    owners_browser.get(LIST, {"sold": "yes", "sort": "-units", "q": "tea"})
    assert told.asked == 1


def test_pages_of_the_order_by_sales_never_overlap(owners_browser: Client, selling_shelf: Shelf) -> None:
    shelve([Good(sku=f"S{nth}") for nth in range(PAGE_ROWS)])
    later = owners_browser.get(LIST).context["listing"].next
    rest = [entry.offers[0].variant.sku for entry in owners_browser.get(LIST + later).context["entries"]]
    first, second = shown(owners_browser), rest
    assert (len(first), len(second), len({*first, *second})) == (PAGE_ROWS, 4, PAGE_ROWS + 4)


def test_the_list_is_for_whose_role_sees_products(
    client: Client, shelf: Shelf, agent: Staff, outsider: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(LIST).status_code == 302
    client.force_login(outsider)
    assert client.get(LIST).status_code in {302, 403, 404}
    client.force_login(agent)
    monkeypatch.setattr(Staff, "may", lambda self, permission: permission != "catalog.view")
    assert client.get(LIST).status_code == 403


def test_products_stand_in_the_navigation_and_their_page_leads_back(owners_browser: Client, shelf: Shelf) -> None:
    page = owners_browser.get(reverse("catalog:product", args=[shelf["SM-357"].pk])).content.decode()
    assert '<a href="/products/">Products</a> / <a href="/products/?category=' in page
    assert 'href="/products/"' in owners_browser.get("/orders/").content.decode()


def test_a_selection_leaves_as_a_file(owners_browser: Client, selling_shelf: Shelf) -> None:
    answer = owners_browser.get("/products/export.csv?sold=yes")
    head, *lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert head.startswith("product,brand,category,skus,price,units_90_days")
    assert [line.split(",")[3] for line in lines] == ["SM-357", "DHP-80"]
    assert owners_browser.get("/products/export.xlsx").status_code == 200
