"""Components say in words what their colours say, and let no foreign markup through."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone

from guanxi.pages import formats
from guanxi.pages.components import Metric, Part, Progress, Reach
from guanxi.pages.drawing import widths
from guanxi.pages.shell import AsOf

HOSTILE = "<script>alert(1)</script>"


def drawn(source: str, **context: object) -> str:
    return Template("{% load gx %}" + source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% tag x %}",
        "{% tag x href=x tone='good' %}",
        "{% avatar x %}",
        "{% tier x level=9 %}",
        "{% customer_class x %}",
        "{% difference x x %}",
        "{% icon 'users' title=x %}",
        "{% popover label=x %}{{ x }}{% endpopover %}",
        "{% card title=x note=x %}{{ x }}{% endcard %}",
        "{% confirm name=x title=x verb=x action=x %}{{ x }}{% endconfirm %}",
        "{% panel x title=x %}",
        "{{ x|or_missing }}",
    ],
)
def test_no_foreign_markup_gets_through(source: str) -> None:
    assert "<script" not in drawn(source, x=HOSTILE)


@pytest.mark.parametrize(
    "source", ["{% icon 'users' %}", "{% dots 3 %}", "{% split parts %}", "{% sparkline series %}", "{% bar 0.63 %}"]
)
def test_nothing_is_drawn_with_inline_styles(source: str) -> None:
    assert "style=" not in drawn(source, parts=[Part(1, 1), Part(3, 2)], series=[1, 2, 3])


def test_channels_stand_in_their_fixed_order_with_the_reason_of_each() -> None:
    html = drawn(
        "{% reach channels %}",
        channels=[Reach("sms", open=True), Reach("email", open=False, reason="consent withdrawn")],
    )
    assert "<i></i><b></b><i></i><i></i>" in html
    assert 'title="consent withdrawn: E-mail; reachable: SMS; not reachable: WeChat, Push"' in html


def test_a_score_is_read_aloud() -> None:
    html = drawn("{% dots 4 %}")
    assert 'aria-label="4 of 5"' in html
    assert html.count("class=on") == 4


def test_a_change_carries_an_arrow_and_a_word_besides_its_colour() -> None:
    html = drawn("{% change moved %}", moved=formats.change(-0.206))
    assert 'aria-label="down"' in html
    assert "20.6%" in html


def test_figures_turn_stale_after_twice_the_promised_age() -> None:
    fresh = AsOf(timezone.now() - dt.timedelta(minutes=29))
    stale = AsOf(timezone.now() - dt.timedelta(minutes=31), reason="The last sync failed")
    assert "gx-asof-stale" not in drawn("{% as_of moment %}", moment=fresh)
    assert 'title="The last sync failed"' in drawn("{% as_of moment %}", moment=stale)


def test_a_missing_value_says_why_it_is_missing() -> None:
    assert "Not given" in drawn("{{ none|or_missing }}", none=None)
    assert 'title="Not given"' in drawn("{{ none|or_missing:'dash' }}", none="")
    assert drawn("{{ zero|or_missing }}", zero=0) == "0"


def test_a_course_of_one_point_is_not_drawn() -> None:
    assert drawn("{% sparkline series %}", series=[3]) == ""


def test_small_parts_of_a_whole_stay_visible() -> None:
    parts = widths([Part(12_000, 0), Part(0, 1), Part(1, 4)])
    assert [series for _start, _width, series in parts] == [0, 4]
    assert parts[1][1] >= 0.5
    assert parts[-1][0] + parts[-1][1] == pytest.approx(100, abs=0.1)


def test_the_unit_of_a_metric_is_set_smaller() -> None:
    html = drawn(
        "{% metrics figures %}", figures=[Metric("Net sales", formats.Figure("¥1.71", "M")), Metric("Orders", "7,412")]
    )
    assert "¥1.71<small>M</small>" in html
    assert ">7,412</span>" in html


def test_time_left_is_only_told_where_it_is_known() -> None:
    assert Progress("Import", 10).left is None
    assert Progress("Import", 10, 30, per_second=10).left == dt.timedelta(seconds=2)


def test_a_panel_reserves_its_height_and_offers_another_try() -> None:
    html = drawn("{% panel '/orders/' title='Orders' height=4 %}")
    assert 'hx-get="/orders/"' in html
    assert "gx-tall-4" in html
    assert "data-gx-retry" in html
    assert '<noscript><p class="gx-card-body"><a href="/orders/">' in html


@pytest.mark.parametrize(("count", "typed"), [(0, False), (99, False), (100, True), (8_214, True)])
def test_an_act_on_many_is_confirmed_by_typing_how_many(count: int, typed: bool) -> None:
    html = drawn("{% confirm name='x' title='x' verb='x' action='#' count=n %}{% endconfirm %}", n=count)
    assert ('name="count"' in html) is typed
    assert (f'pattern="{count}"' in html) is typed
