"""Samples of every component in every state, for the gallery that the makers of pages look at."""

import datetime as dt
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html

from guanxi.pages import formats, gallery_charts, shell
from guanxi.pages.components import Day, Metric, Occurrence, Part, Progress, Reach, Step, Tab, Tone
from guanxi.pages.forms import SampleForm
from guanxi.pages.listing import Column, Heading, Listing

COURSE = (3, 4, 3.5, 5, 4.5, 6, 7, 12, 9, 6, 5, 4.5)


def everything() -> dict[str, Any]:
    """Gather the samples for the gallery's template."""
    return {
        "metrics": _metrics(),
        "difference_metrics": _difference_metrics(),
        "parts": [Part(1902, 1), Part(318, 3), Part(10231, 0), Part(29, 4)],
        "days": _days(),
        "tabs": [
            Tab(_s("All", "全部"), "#", 20418),
            Tab(_s("High-value", "高价值"), "#", 1021, active=True),
            Tab(_s("New", "新客"), "#", 214),
        ],
        "choices": [
            Tab(_s("Changed", "有变化"), "#", 318, active=True),
            Tab(_s("New", "新增"), "#"),
            Tab(_s("Same", "相同"), "#"),
        ],
        "steps": [
            Step(_s(en, zh), "#")
            for en, zh in (("File", "文件"), ("Columns", "列"), ("Dry run", "试运行"), ("Import", "导入"))
        ],
        "progress": Progress(
            _s("Importing orders", "正在导入订单"), 8214, 12480, per_second=2100, pause_url="#", cancel_url="#"
        ),
        "reach": [
            Reach("email", open=True),
            Reach("sms", open=True),
            Reach("wechat", open=False, reason=_s("consent withdrawn", "已撤回授权")),
        ],
        "fresh": shell.AsOf(timezone.now()),
        "stale": shell.AsOf(timezone.now() - dt.timedelta(days=1), reason=_s("The last sync failed", "上次同步失败")),
        "form": SampleForm({"name": "", "note": "x"}),
        "listing": _listing(),
        "people": _people(),
    }


def charts() -> dict[str, Any]:
    """Gather a chart of every kind; they come after the page, as charts in panels do."""
    return {"charts": gallery_charts.charts(_s)}


def _s(en: str, zh: str) -> str:
    """Give a sample word in the page's language; samples are no strings of the product."""
    return zh if formats.chinese() else en


def _metrics() -> list[Metric]:
    """Make the six metrics of a home page."""
    last_year = _s("vs last year", "比去年同期")
    return [
        Metric(
            _s("Net sales", "净销售额"),
            formats.money_large(170_800_000, "CNY"),
            formats.change(0.086),
            last_year,
            "#",
            COURSE,
        ),
        Metric(_s("Orders", "订单"), formats.count(7412), formats.change(0.052), last_year, "#", COURSE),
        Metric(_s("New customers", "新客"), formats.count(2581), formats.change(-0.206), last_year, "#", COURSE[::-1]),
        Metric(
            _s("Repurchase rate", "复购率"),
            formats.Figure("34.2", "%"),
            formats.change_points(0.029),
            "",
            "#",
            sorted(COURSE),
        ),
        Metric(_s("Customers", "客户"), formats.count(20418), formats.change(0.0), last_year),
        Metric(
            _s("Reachable", "可触达"), formats.count(14206), note=_s("69.6% of all", "占客户 69.6%"), series=(1, 1, 1)
        ),
    ]


def _difference_metrics() -> list[Metric]:
    """Make the counts of a dry run."""
    return [
        Metric(
            _s("New orders", "新增订单"),
            formats.count(1902),
            note=_s("from 208 new customers", "来自 208 位新客"),
            swatch=1,
        ),
        Metric(
            _s("Changed", "有变化"), formats.count(318), note=_s("refunds, parcel states", "退款、物流状态"), swatch=3
        ),
        Metric(
            _s("Same as before", "与之前相同"),
            formats.count(10231),
            note=_s("already here, will be skipped", "已有，将跳过"),
            swatch=0,
        ),
        Metric(
            _s("Rejected", "退回"),
            formats.count(29),
            note=_s("kept in a file for you to correct", "存成文件，改好再传"),
            swatch=4,
        ),
    ]


def _days() -> list[Day]:
    """Make two days of a timeline."""
    now = timezone.localtime()
    order = format_html(
        "{}<b>{}</b>{}",
        _s("Ordered 3 items on ", "在"),
        _s("Tmall", "天猫"),
        _s(": Shoumei cake 357 g, gaiwan", "下单 3 件：寿眉饼 357g、盖碗"),
    )
    mail = _s("Opened “Winter tasting”, no click", "打开邮件「冬茶试饮」，未点击")
    complaint = _s("Complaint: the corner of the box was crushed", "投诉：礼盒一角压坏（快递）")
    return [
        Day(now.date(), [Occurrence(now, mail, "mail-opened", Tone.INFO)]),
        Day(
            now.date() - dt.timedelta(days=3),
            [
                Occurrence(
                    now,
                    order,
                    "shopping-bag",
                    Tone.MONEY,
                    _s("Used “¥60 off ¥500”", "用券「满 500 减 60」"),
                    formats.money(74600, "CNY"),
                ),
                Occurrence(now, complaint, "message-exclamation", Tone.DANGER),
                Occurrence(
                    now,
                    _s("Two profiles were joined", "两个身份合并为一人"),
                    "git-merge",
                    cause=_s("same phone", "手机号相同"),
                ),
            ],
            note=_s("Double 11", "双11"),
        ),
    ]


def _listing() -> Listing[Any]:
    """Make the head and the pages of a list."""
    columns = [
        (Column("customer", _s("Customer", "客户")), ""),
        (Column("tier", _s("Tier", "等级")), ""),
        (Column("class", _s("Class", "分层")), ""),
        (Column("net", _s("Net spend", "累计净消费"), "net", numeric=True), "descending"),
        (Column("orders", _s("Orders", "订单"), "orders", numeric=True), ""),
        (Column("last", _s("Last order", "最近下单"), "last"), ""),
        (Column("reach", _s("Reachable", "可触达")), ""),
        (Column("tags", _s("Tags", "标签")), ""),
    ]
    headings = [Heading(column, "#" if column.order_by else "", order) for column, order in columns]
    return Listing(
        asked=QueryDict(), rows=_people(), total=1021, first=51, headings=headings, chips=[], previous="#", next="#"
    )


def _people() -> list[dict[str, Any]]:
    """Make the rows of a list."""
    today = timezone.localdate()
    people = (
        ("林**", "183****2807", 4, 3_842_000, 61, 3),
        ("Emma T.", "+44 7*** 0194", 3, 2_711_420, 29, 41),
        ("何**", "188****9026", 2, 1_956_000, 33, 1),
    )
    return [
        {
            "name": name,
            "phone": phone,
            "level": level,
            "net": net,
            "orders": orders,
            "last": today - dt.timedelta(days=days),
        }
        for name, phone, level, net, orders, days in people
    ]
