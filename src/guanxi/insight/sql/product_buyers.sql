-- product_buyers: who buys each product most, in whichever variant, and how many buy it at all.
-- grain      one row per product_id and customer_id, the first twenty of each product by orders, then by the last order
-- parameters as_of date (last day observed)
-- columns    product_id bigint | customer_id bigint | orders bigint, paid orders with the product
--            quantity decimal(38,4), units | last_on date, day of the last one
--            place bigint, 1 the first | buyers bigint, known customers who bought the product
--            buyers_again bigint, those of them with two orders of it or more
-- source     plain counts; no method. An order with two variants of a product is one order of it
with paid as (
    select order_id, placed_on
    from orders
    where is_paid and kind = 'sale' and placed_on <= $as_of
),
bought as (
    select products.product_id, order_lines.customer_id, order_lines.order_id, order_lines.quantity, paid.placed_on
    from order_lines
    join products on products.sku = order_lines.sku
    join paid on paid.order_id = order_lines.order_id
    where order_lines.customer_id is not null and products.product_id is not null
),
summed as (
    select
        product_id,
        customer_id,
        count(*)                              as lines,
        cast(sum(quantity) as decimal(38, 4)) as quantity,
        max(placed_on)                        as last_on
    from bought
    group by product_id, customer_id
),
-- counting orders apart is dear, and needed only where there are several lines
often as (
    select bought.product_id, bought.customer_id, count(distinct bought.order_id) as orders
    from bought
    join summed on summed.product_id = bought.product_id and summed.customer_id = bought.customer_id
    where summed.lines > 1
    group by bought.product_id, bought.customer_id
),
each_buyer as (
    select
        summed.product_id,
        summed.customer_id,
        coalesce(often.orders, 1) as orders,
        summed.quantity,
        summed.last_on
    from summed
    left join often on often.product_id = summed.product_id and often.customer_id = summed.customer_id
),
placed as (
    select
        *,
        row_number() over (partition by product_id order by orders desc, last_on desc, customer_id) as place,
        count(*) over (partition by product_id)                                                     as buyers,
        cast(sum(case when orders > 1 then 1 else 0 end) over (partition by product_id) as bigint)  as buyers_again
    from each_buyer
)
select product_id, customer_id, orders, quantity, last_on, place, buyers, buyers_again
from placed
where place <= 20
order by product_id, place
