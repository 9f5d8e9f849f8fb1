"""A column that another table tells costs a join: only queries that may use it pay."""

import pytest

from guanxi.warehouse.queries import may_take

TAKES = (
    "select * from orders",
    "select orders.* from orders",
    "select o.customer_id from orders as o",
    "select * exclude (customer_id) from orders",
    "select columns('c.*') from orders",
    "select order_id from orders natural join refunds",
    "select order_id from orders join refunds using (customer_id)",
    "select order_id from (orders join refunds using (customer_id))",
    "select order_id from refunds, orders where customer_id = 1",
    "select (select max(1) from refunds where refunds.customer_id = orders.customer_id) from orders",
    "select orders from orders",
    "select customer_id from (select * from orders)",
    "from orders",
    "this is no query",
)
DOES_WITHOUT = (
    "select order_id from orders",
    "select count(*) from orders",
    "with some as (select order_id from orders) select order_id as customer_id from some",
    "select refunds.*, orders.order_id from refunds join orders on orders.order_id = refunds.order_id",
)


@pytest.mark.parametrize("query", TAKES)
def test_a_query_that_may_use_the_column_takes_it(query: str) -> None:
    assert may_take(query, "orders", ("customer_id",))


@pytest.mark.parametrize("query", DOES_WITHOUT)
def test_a_query_that_cannot_use_the_column_does_without(query: str) -> None:
    assert not may_take(query, "orders", ("customer_id",))
