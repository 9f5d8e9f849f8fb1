"""A sample of every kind of chart, for the gallery: gaps, festivals and a period that is not over included."""

import datetime as dt
import math
from collections.abc import Callable

from guanxi.pages.charts import Chart, Column

Say = Callable[[str, str], str]
FIRST = dt.date(2026, 10, 22)
FESTIVAL = dt.date(2026, 11, 11)
LAST = dt.date(2026, 11, 20)


def charts(say: Say) -> list[tuple[str, Chart]]:
    """Make one chart of every kind, each with the title of its card."""
    return [
        (say("Net sales by day", "每日净销售额"), _stacked(say)),
        (say("Orders by month", "每月订单"), _bars(say)),
        (say("Net sales for a thousand people", "每千人累计净销售额"), _line(say)),
        (say("Repurchase rate", "复购率"), _gaps(say)),
        (say("Best sellers", "卖得最好的茶"), _horizontal(say)),
        (say("From plan to order", "从计划到下单"), _funnel(say)),
        (say("What campaigns added", "活动多挣了多少"), _interval(say)),
        (say("When people buy", "什么时候下单"), _heat(say)),
        (say("Where customers moved", "客户在往哪里走"), _sankey(say)),
        (say("An empty chart", "空的图"), _empty(say)),
    ]


def _sales(day: dt.date, share: float) -> int:
    """Make up the sales of a day: quiet weeks around a peak."""
    peak = 17_000_000 * math.exp(-abs((day - FESTIVAL).days) / 1.7)
    return round((3_600_000 + 500_000 * math.sin(day.toordinal()) + peak) * share)


def _stacked(say: Say) -> Chart:
    days = [FIRST + dt.timedelta(days=at) for at in range(30)]
    return Chart(
        name="net-sales-by-day",
        kind="stacked",
        finding=say(
            "11 November alone sold ¥214k, 18% more than last year; every day since has stayed ahead.",
            "11 月 11 日一天卖出 ¥21.4 万，比去年多 18%；此后每天仍高于去年，全靠老客。",
        ),
        columns=(
            Column("day", say("Day", "日期"), form="day"),
            Column("returning", say("Returning", "老客"), form="money", series=1),
            Column("new", say("New", "新客"), form="money", series=2),
            Column("last_year", say("Last year, total", "去年同期合计"), form="money", series="past"),
        ),
        rows=[
            {"day": day, "returning": _sales(day, 0.62), "new": _sales(day, 0.38), "last_year": _sales(day, 0.86)}
            for day in days
        ],
        marks={
            FESTIVAL - dt.timedelta(days=2): say("Presale ends", "预售截止"),
            FESTIVAL: say("Double 11", "双11"),
        },
        hrefs="?day={day}",
        unfinished=LAST,
    )


def _bars(say: Say) -> Chart:
    counts = (1620, 1540, 1715, 1890, None, 2210, 1980, 2640, 2010, 2105, 1870, 904)
    return Chart(
        name="orders-by-month",
        kind="bars",
        finding=say("June was the best month; April was never imported.", "6 月最好；4 月的订单没有导入过。"),
        columns=(
            Column("month", say("Month", "月份"), form="month"),
            Column("orders", say("Orders", "订单"), form="count", series=1),
        ),
        rows=[
            {"month": dt.date(2025 + (11 + at) // 12, (11 + at) % 12 + 1, 1), "orders": count}
            for at, count in enumerate(counts)
        ],
        unfinished=dt.date(2026, 11, 1),
    )


def _line(say: Say) -> Chart:
    treated = (90_000, 460_000, 1_480_000, 2_010_000, 2_410_000, 2_620_000, 2_800_000, 2_917_000)
    return Chart(
        name="treated-and-hold-out",
        kind="line",
        finding=say(
            "Without the campaign a thousand people buy ¥21,600; with it ¥7,570 more.",
            "不发，每千人也会买 ¥21,600；发了多 ¥7,570，差距在第 3 天拉开。",
        ),
        columns=(
            Column("day", say("Day", "日期"), form="day"),
            Column("treated", say("Treated", "发送组"), form="money", series=1),
            Column("hold_out", say("Hold-out", "留白组"), form="money", series="past"),
            Column("low", say("Low", "下限"), form="money", series="low"),
            Column("high", say("High", "上限"), form="money", series="high"),
        ),
        rows=[
            {
                "day": dt.date(2026, 11, 9) + dt.timedelta(days=at),
                "treated": value,
                "hold_out": round(value * 0.74),
                "low": round(value * 0.93),
                "high": round(value * 1.07),
            }
            for at, value in enumerate(treated)
        ],
    )


def _gaps(say: Say) -> Chart:
    rates = (0.28, 0.29, None, 0.3, None, 0.31, 0.33, 0.32, 0.34, 0.342)
    return Chart(
        name="repurchase-rate",
        kind="line",
        finding=say("One customer in three comes back.", "三位客户里有一位会回来。"),
        columns=(
            Column("month", say("Month", "月份"), form="month"),
            Column("rate", say("Repurchase rate", "复购率"), form="percent", series=1),
        ),
        rows=[{"month": dt.date(2026, at + 1, 1), "rate": rate} for at, rate in enumerate(rates)],
        height="s",
        unfinished=dt.date(2026, 10, 1),
    )


def _horizontal(say: Say) -> Chart:
    teas = (
        (say("Silver Needle 50 g", "白毫银针 50g"), 38_420_00),
        (say("Osmanthus Oolong", "桂花乌龙"), 27_110_00),
        (say("Shoumei cake 357 g", "寿眉饼 357g"), 12_960_00),
        (say("Gaiwan", "盖碗"), 4_210_00),
        (say("A very long name of a tea from a very high hill", "名字特别特别长的高山老树单丛茶礼盒"), 1_120_00),
        (say("Returns", "退货"), -900_00),
    )
    return Chart(
        name="best-sellers",
        kind="horizontal",
        finding=say("Two teas make three quarters of the sales.", "两款茶占了销售额的四分之三。"),
        columns=(
            Column("tea", say("Product", "商品")),
            Column("net", say("Net sales", "净销售额"), form="money", series=1),
        ),
        rows=[{"tea": tea, "net": net} for tea, net in teas],
        hrefs="?tea={tea}",
    )


def _funnel(say: Say) -> Chart:
    stages = (
        (say("Planned", "计划"), 8214),
        (say("Allowed", "可以发"), 7200),
        (say("Treated", "发送组"), 6120),
        (say("Delivered", "送达"), 6003),
        (say("Clicked", "点击"), 817),
        (say("Ordered", "下单"), 722),
    )
    return Chart(
        name="plan-to-order",
        kind="funnel",
        finding=say("1,014 people were not written to.", "1,014 人没有发：一半是本周已收满 3 条。"),
        columns=(
            Column("stage", say("Stage", "阶段")),
            Column("people", say("People", "人数"), form="count", series=1),
        ),
        rows=[{"stage": stage, "people": people} for stage, people in stages],
        hrefs="?stage={stage}",
    )


def _interval(say: Say) -> Chart:
    campaigns = (
        (say("Double 11 for regulars", "双11 老客专场"), 18_420_00, 7_900_00, 28_900_00),
        (say("White-tea refill", "白茶补货提醒"), 9_810_00, 3_100_00, 15_600_00),
        (say("90-day win-back", "沉睡 90 天唤回"), 3_600_00, -8_000_00, 9_900_00),
        (say("Autumn SMS", "秋季新品短信"), -1_900_00, -7_200_00, 2_800_00),
    )
    return Chart(
        name="campaigns",
        kind="interval",
        finding=say("Two campaigns earned money; two are not proven yet.", "两个活动有效，两个还不能定。"),
        columns=(
            Column("campaign", say("Campaign", "营销活动")),
            Column("added", say("Added profit", "净增利润"), form="money", series=1),
            Column("low", say("Low", "下限"), form="money", series="low"),
            Column("high", say("High", "上限"), form="money", series="high"),
        ),
        rows=[dict(zip(("campaign", "added", "low", "high"), each, strict=True)) for each in campaigns],
        height="s",
    )


def _heat(say: Say) -> Chart:
    days = say("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日").split()
    return Chart(
        name="hours",
        kind="heat",
        finding=say("People buy in the evening, most of all on Sundays.", "晚上下单最多，尤其是周日。"),
        columns=(
            Column("hour", say("Hour", "时段")),
            Column("day", say("Weekday", "星期")),
            Column("orders", say("Orders", "订单"), form="count", series=1),
        ),
        rows=[
            {
                "hour": f"{hour}:00",
                "day": day,
                "orders": round(4 + (at + 2) * 9 * math.exp(-((hour - 21) ** 2) / 18)) if hour > 6 else None,
            }
            for at, day in enumerate(days)
            for hour in range(0, 24, 2)
        ],
    )


def _sankey(say: Say) -> Chart:
    names = {
        "new": say("New", "新客"),
        "active": say("Active", "活跃"),
        "dormant": say("Dormant", "沉睡"),
        "lost": say("Lost", "流失"),
    }
    flows = (
        ("new", "active", 684),
        ("new", "dormant", 210),
        ("active", "active", 7218),
        ("active", "dormant", 530),
        ("dormant", "active", 412),
        ("dormant", "dormant", 4960),
        ("dormant", "lost", 388),
        ("lost", "lost", 3643),
    )
    return Chart(
        name="moves",
        kind="sankey",
        finding=say("412 dormant customers came back, 530 fell asleep.", "412 位沉睡客户回来了，但有 530 位新睡。"),
        columns=(
            Column("from", say("From", "从")),
            Column("to", say("To", "到")),
            Column("people", say("People", "人数"), form="count", series=1),
        ),
        rows=[{"from": names[start], "to": names[end], "people": people} for start, end, people in flows],
        hrefs="?from={from}&to={to}",
    )


def _empty(say: Say) -> Chart:
    return Chart(
        name="nothing",
        kind="bars",
        finding=say("Nothing was sold yet.", "还没有卖出东西。"),
        columns=(
            Column("day", say("Day", "日期"), form="day"),
            Column("net", say("Net", "净额"), form="money", series=1),
        ),
        rows=[],
        height="s",
    )
