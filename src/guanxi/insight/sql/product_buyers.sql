-- product_buyers: who buys each product most, in whichever variant, and how many buy it at all.
-- grain      one row per product_id and customer_id, the first twenty of each product by orders, then by the last order
-- parameters as_of date (last day observed)
-- columns    product_id bigint | customer_id bigint | orders bigint, paid orders with the product
--            quantity decimal(38,4), units | last_on date, day of the last one
--            place bigint, 1 the first | buyers bigint, known customers who bought the product
--            buyers_again bigint, those of them with two orders of it or more
-- source     plain counts; no method. An order with two variants of a product is one order of it
with each_buyer as (
    select
        product_id,
        customer_id,
        sum(cast(opens_product as integer))   as orders,
        cast(sum(quantity) as decimal(38, 4)) as quantity,
        max(placed_on)                        as last_on
    from sold_lines
    where customer_id is not null and product_id is not null and placed_on <= $as_of
    group by product_id, customer_id
),
placed as (
    select
        *,
        row_number() over (partition by product_id order by orders desc, last_on desc, customer_id) as place
    from each_buyer
),
counted as (
    select product_id, count(*) as buyers, count(*) filter (where orders > 1) as buyers_again
    from each_buyer
    group by product_id
)
select
    placed.product_id,
    placed.customer_id,
    cast(placed.orders as bigint) as orders,
    placed.quantity,
    placed.last_on,
    placed.place,
    counted.buyers,
    counted.buyers_again
from placed
join counted on counted.product_id = placed.product_id
where placed.place <= 20
order by placed.product_id, placed.place
