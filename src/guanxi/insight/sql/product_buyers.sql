-- product_buyers: who buys each product most, in whichever variant, and how many buy it at all.
-- grain      one row per product_id and customer_id, the first twenty of each product by orders, then by the last order
-- parameters as_of date (last day observed)
-- columns    product_id bigint | customer_id bigint | orders bigint, paid orders with the product
--            quantity decimal(38,4), units | last_on date, day of the last one
--            place bigint, 1 the first | buyers bigint, known customers who bought the product
--            buyers_again bigint, those of them with two orders of it or more
-- source     plain counts; no method. An order with two variants of a product is one order of it
with each_buyer as (
    select product_id, customer_id, count(*) as orders, max(placed_on) as last_on
    from sold_lines
    where opens_product and customer_id is not null and product_id is not null and placed_on <= $as_of
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
),
told as (
    select placed.*, counted.buyers, counted.buyers_again
    from placed
    join counted on counted.product_id = placed.product_id
    where placed.place <= 20
),
taken as (
    select told.product_id, told.customer_id, cast(sum(sold_lines.quantity) as decimal(38, 4)) as quantity
    from told
    join sold_lines on sold_lines.product_id = told.product_id and sold_lines.customer_id = told.customer_id
    where sold_lines.placed_on <= $as_of
    group by told.product_id, told.customer_id
)
select
    told.product_id,
    told.customer_id,
    told.orders,
    taken.quantity,
    told.last_on,
    told.place,
    told.buyers,
    told.buyers_again
from told
join taken on taken.product_id = told.product_id and taken.customer_id = told.customer_id
order by told.product_id, told.place
