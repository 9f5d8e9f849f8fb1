"""Queries to begin with: each answers a question of a shop, runs as it stands, and has its chart."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.insight.notebook.cells import TITLES, Cell, Drawn


@dataclass(frozen=True)
class Example:
    """One query: what it answers, what to notice, its SQL and its chart."""

    key: str
    title: Promise
    words: Promise
    sql: str
    chart: Drawn

    @property
    def drawn(self) -> Promise:
        """How its answer is drawn."""
        return TITLES[self.chart.kind]

    @property
    def cells(self) -> list[Cell]:
        """The cells of a notebook that begins with it."""
        return [Cell(1, "text", str(self.words)), Cell(2, "sql", self.sql, self.chart)]


EXAMPLES = {
    each.key: each
    for each in (
        Example(
            "weeks",
            _("What was sold week by week, and to whom?"),
            _("Net sales of the last half year. Amounts end in _minor: they are minor units, and charts show them as "
              "money. New customers are those whose first paid order it was."),
            "select\n"
            "    cast(date_trunc('week', day) as date) as week,\n"
            "    sum(new_net_minor)       as new_net_minor,\n"
            "    sum(returning_net_minor) as returning_net_minor\n"
            "from sales_by_day\n"
            "where day >= (select max(day) from sales_by_day) - 182\n"
            "group by week\n"
            "order by week",
            Drawn("line", "week"),
        ),
        Example(
            "channels",
            _("Which channel brings which sales, month by month?"),
            _("One column is named as series, so its values become the colours of the chart."),
            "select\n"
            "    cast(date_trunc('month', day) as date) as month,\n"
            "    channel,\n"
            "    sum(new_net_minor + returning_net_minor + guest_net_minor) as net_minor\n"
            "from sales_by_day\n"
            "where day >= (select max(day) from sales_by_day) - 365\n"
            "group by month, channel\n"
            "order by month, channel",
            Drawn("stacked", "month", "net_minor", "channel"),
        ),
        Example(
            "classes",
            _("How many customers are in each class, and what do they bring?"),
            _("customer_rfm holds one row per customer. Whoever spends much is not always many."),
            "select\n"
            "    class,\n"
            "    count(*)            as customers,\n"
            "    sum(monetary_minor) as monetary_minor\n"
            "from customer_rfm\n"
            "group by class\n"
            "order by customers desc",
            Drawn("horizontal", "class", "customers"),
        ),
        Example(
            "again",
            _("Does who begins with one category come back more often?"),
            _("Share of the customers of each first category who bought again within 90 days. Categories with few "
              "customers say little: look at the column customers."),
            "select\n"
            "    segment as category,\n"
            "    sum(customers) as customers,\n"
            "    round(100.0 * sum(returned) / nullif(sum(customers), 0), 1) as returned_percent\n"
            "from repurchase_rates\n"
            "where dimension = 'category' and within_days = 90 and segment not in ('', '*')\n"
            "group by segment\n"
            "order by returned_percent desc",
            Drawn("bars", "category", "returned_percent"),
        ),
        Example(
            "silence",
            _("Who used to come often and stays away?"),
            _("Customers who are silent for more than twice their usual pause, and what they spent. The number is "
              "the customer's number in the lake; no name is in it."),
            "select\n"
            "    customer_id,\n"
            "    r.gap_days,\n"
            "    r.silent_days,\n"
            "    f.monetary_minor\n"
            "from customer_rhythm r\n"
            "join customer_rfm f using (customer_id)\n"
            "where r.silent_days > 2 * r.gap_days\n"
            "order by f.monetary_minor desc\n"
            "limit 100",
            Drawn(),
        ),
        Example(
            "spread",
            _("How is spending spread over customers?"),
            _("Customers in ten groups of the same size, those who spent most first. How much of all sales do the "
              "first two groups make?"),
            "with ranked as (\n"
            "    select monetary_minor, ntile(10) over (order by monetary_minor desc) as tenth\n"
            "    from customer_rfm\n"
            ")\n"
            "select\n"
            "    tenth,\n"
            "    count(*)            as customers,\n"
            "    sum(monetary_minor) as monetary_minor\n"
            "from ranked\n"
            "group by tenth\n"
            "order by tenth",
            Drawn("bars", "tenth", "monetary_minor"),
        ),
        Example(
            "goods",
            _("Which goods sold most in the last 90 days, and what came back?"),
            _("product_days holds one row per good and day. Returns count on the day they came back."),
            "select\n"
            "    d.sku,\n"
            "    sum(d.sales_minor)    as sales_minor,\n"
            "    sum(d.returned_minor) as returned_minor,\n"
            "    sum(d.orders)         as orders\n"
            "from product_days d\n"
            "where d.placed_on >= (select max(placed_on) from product_days) - 90\n"
            "group by d.sku\n"
            "order by sales_minor desc\n"
            "limit 20",
            Drawn("horizontal", "sku", "sales_minor"),
        ),
        Example(
            "hours",
            _("At which hours do customers order?"),
            _("The table orders holds one row per order. Its instants are UTC; the second “at time zone” is the "
              "shop's."),
            "select\n"
            "    extract(hour from placed_at at time zone 'UTC' at time zone 'Asia/Shanghai') as hour,\n"
            "    count(*) as orders\n"
            "from orders\n"
            "where is_paid and kind = 'sale'\n"
            "group by hour\n"
            "order by hour",
            Drawn("bars", "hour", "orders"),
        ),
    )
}  # fmt: skip
