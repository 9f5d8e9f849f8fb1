"""Finding people by whatever is at hand: a name in any spelling, a phone's end, a number."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.accounts.models import RoleRules, Staff
from guanxi.accounts.roles import Role
from guanxi.core import bulk
from guanxi.customers import finding
from guanxi.customers.finding import matching
from guanxi.customers.models import Customer, Identifier, SourceProfile
from guanxi.orders.models import Order, Store
from tests.cast import met


def found(text: str) -> list[str]:
    return sorted(matching(Customer.objects.all(), text).values_list("name", flat=True))


@pytest.fixture
def regulars(tea_house: Store) -> None:
    for key, name, phone in (
        ("lin", "林婉清", "+8618300002807"),
        ("ou", "欧阳静姝", "+8613700007718"),
        ("shan", "单雄信", "+8613900006650"),
        ("emma", "Emma O'Neil", "+447911120194"),
        ("emil", "Émile Zola", "+33612340194"),
        ("jose", "José Carlos de Oliveira Souza", "+5511912345678"),
    ):
        met(tea_house, key=key, name=name, phone=phone)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("林", ["林婉清"]),
        ("林婉", ["林婉清"]),
        ("婉清", ["林婉清"]),
        ("linwan", ["林婉清"]),
        ("Lin Wan Qing", ["林婉清"]),
        ("lwq", ["林婉清"]),
        ("LWQ", ["林婉清"]),
        ("oyjs", ["欧阳静姝"]),
        ("静姝", ["欧阳静姝"]),
        ("shanxx", []),
        ("sxx", ["单雄信"]),
        ("shanxiong", ["单雄信"]),
        ("emma o", ["Emma O'Neil"]),
        ("oneil", ["Emma O'Neil"]),
        ("eo", ["Emma O'Neil"]),
        ("emile", ["Émile Zola"]),
        ("ÉMILE", ["Émile Zola"]),
        ("ｌｗｑ", ["林婉清"]),
        *(
            (word, ["José Carlos de Oliveira Souza"])
            for word in ("jose", "CARLOS", "de", "olive", "oliveira s", "Souza")
        ),
    ],
)
def test_a_name_is_found_by_any_of_its_spellings(regulars: None, typed: str, names: list[str]) -> None:
    assert found(typed) == names


def test_the_last_four_digits_find_every_phone_that_ends_so(regulars: None) -> None:
    assert found("0194") == ["Emma O'Neil", "Émile Zola"]
    assert found("2807") == ["林婉清"]
    assert found("280") == found("12807") == []


def test_an_order_number_finds_its_buyer(loyal: Customer, lapsed: Customer) -> None:
    order = Order.objects.filter(customer=lapsed).get()
    assert found(order.number) == found(order.number.lower()) == ["Ada"]


def test_a_corrected_name_is_found_and_the_former_is_not(loyal: Customer) -> None:
    Customer.objects.filter(pk=loyal.pk).update(name="王鹿鸣")
    assert found("wlm") == ["王鹿鸣"]
    assert found("lx") == []


def test_customers_are_sorted_by_the_sound_of_their_names(owners_browser: Client, regulars: None) -> None:
    entries = owners_browser.get("/customers/?sort=customer").context["entries"]
    names = [each.customer.name for each in entries]
    assert names == ["Émile Zola", "Emma O'Neil", "José Carlos de Oliveira Souza", "林婉清", "欧阳静姝", "单雄信"]


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "\U0010ffff", "٣٤٥٦", "𝟚𝟠𝟘𝟟", "..", "cus_", "cus_\u0130"])
def test_signs_and_foreign_digits_find_nobody_and_break_nothing(regulars: None, typed: str) -> None:
    assert found(typed) == []


def test_four_digits_read_nothing_about_the_phone_itself(regulars: None) -> None:
    endings = Identifier.objects.filter(kind="phone").values_list("ending", flat=True)
    assert not {"2807", "7718", "6650", "0194", "5678"} & set(endings)
    assert len(set(endings)) == 5


def test_sources_and_stores_are_found_by_leaps(two_identities: Customer) -> None:
    assert list(SourceProfile.objects.origins()) == [("own", "tea"), ("wechat", "tea-mini")]


def test_people_from_before_are_spelled_by_the_migration(regulars: None) -> None:
    bulk.update(Customer, ["sort_name", "folded_name", "given_name", "initials"],
                [("", "", "", "", pk) for pk in Customer.objects.values_list("pk", flat=True)])  # fmt: skip
    Customer.objects.order_by().update(third_word=None, fourth_word=None, last_word=None)
    Identifier.objects.update(ending=None)
    assert found("lwq") == found("林") == found("2807") == found("oliveira") == found("souza") == []
    migration = import_module("guanxi.customers.migrations.0005_spell_names_for_search")
    migration.spell(apps, None)
    migration.end(apps, None)
    import_module("guanxi.customers.migrations.0007_find_every_word_of_a_name").spell(apps, None)
    assert found("oliveira") == found("souza") == ["José Carlos de Oliveira Souza"]
    assert found("lwq") == found("林") == found("2807") == ["林婉清"]


def test_a_name_that_many_bear_is_found_all_the_same(regulars: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_COUNTED", 1)
    assert found("e") == ["Emma O'Neil", "Émile Zola"]
    Customer.objects.filter(name__contains="Em").update(name="2807 Tea")
    Customer.objects.filter(name__contains="mi").update(name="2807 Coffee")
    assert found("2807") == ["2807 Coffee", "2807 Tea", "林婉清"]


def test_no_way_of_finding_reads_the_whole_table(regulars: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in the words of SQLite")
    for typed in ("林", "lwq", "taylor", "2807", "18300002807", "T00001"):
        with CaptureQueriesContext(connection) as asked:
            list(matching(Customer.objects.all(), typed))
        for each in [query["sql"] for query in asked if "customers_" in query["sql"]]:
            plan = str(connection.cursor().execute(f"explain query plan {each}").fetchall())
            assert "SCAN customers_" not in plan.replace("SCAN customers_sourceprofile USING COVERING", ""), plan


def test_whose_role_sees_no_phone_finds_nobody_by_one(regulars: None, agents_browser: Client, owner: Staff) -> None:
    phone = Identifier.objects.filter(kind=Identifier.Kind.PHONE).order_by("pk")[0].plain
    typed = (phone[-4:], phone, phone.removeprefix("+86"))
    seen = [agents_browser.get("/customers/", {"q": text}).context["listing"].total for text in typed]
    assert all(seen)
    RoleRules.change(Role.AGENT, {"personal.phone.see": False, "personal.phone.reveal": False}, by=owner)
    assert [agents_browser.get("/customers/", {"q": text}).context["listing"].total for text in typed] == [0, 0, 0]
    for text in typed:
        assert "/customers/cus_" not in agents_browser.post("/palette/", {"q": text}).content.decode()
