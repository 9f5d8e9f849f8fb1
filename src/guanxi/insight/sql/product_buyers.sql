-- product_buyers: who buys each good most, and how many buy it at all.
-- grain      one row per sku and customer_id, the first twenty of each sku by orders, then by the last order
-- parameters as_of date (last day observed)
-- columns    sku varchar | customer_id bigint | orders bigint, paid orders with the good
--            quantity decimal(38,4), units | last_on date, day of the last one
--            place bigint, 1 the first | buyers bigint, known customers who bought the good
--            buyers_again bigint, those of them with two orders of it or more
-- source     plain counts; no method
with bought as (
    select order_lines.sku, order_lines.customer_id, order_lines.order_id, order_lines.quantity, orders.placed_on
    from order_lines
    join orders on orders.order_id = order_lines.order_id
    where orders.is_paid and orders.kind = 'sale' and orders.placed_on <= $as_of
        and order_lines.customer_id is not null and order_lines.sku <> ''
),
each_buyer as (
    select
        sku,
        customer_id,
        count(distinct order_id)              as orders,
        cast(sum(quantity) as decimal(38, 4)) as quantity,
        max(placed_on)                        as last_on
    from bought
    group by sku, customer_id
),
placed as (
    select
        *,
        row_number() over (partition by sku order by orders desc, last_on desc, customer_id)   as place,
        count(*) over (partition by sku)                                                       as buyers,
        cast(sum(case when orders > 1 then 1 else 0 end) over (partition by sku) as bigint)    as buyers_again
    from each_buyer
)
select sku, customer_id, orders, quantity, last_on, place, buyers, buyers_again
from placed
where place <= 20
order by sku, place
