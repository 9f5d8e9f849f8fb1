-- product_pairs: which products lie in one order, in whichever variants, more often than chance would put them there.
-- grain      one row per product_id and other_product_id, the first ten of each product by orders with both
-- parameters as_of date (last day observed), window_days integer
-- columns    product_id bigint | other_product_id bigint | together bigint, paid orders with both in the window
--            orders bigint, with product_id | lift double, together over what chance would give: 1 = no more than chance
--            place bigint, 1 the first | other_orders bigint, with other_product_id | baskets bigint, all orders that count
-- source     Brin, S., Motwani, R., Ullman, J. and Tsur, S. (1997), Dynamic itemset counting. Pairs need five orders and
--            two standard deviations above chance (Poisson); orders of more than fifty products are left out
with baskets as (
    select order_id, product_id
    from sold_lines
    where opens_product and product_id is not null and placed_on <= $as_of and placed_on > $as_of - $window_days
),
sizes as (
    select order_id, count(*) as products
    from baskets
    group by order_id
),
counted as (
    select baskets.order_id, baskets.product_id
    from baskets
    join sizes on sizes.order_id = baskets.order_id
    where sizes.products <= 50
),
whole as (
    select count(distinct order_id) as orders from counted
),
alone as (
    select product_id, count(*) as orders
    from counted
    group by product_id
),
joined as (
    select one.product_id, other.product_id as other_product_id, count(*) as together
    from counted as one
    join counted as other on other.order_id = one.order_id and other.product_id <> one.product_id
    group by one.product_id, other.product_id
),
measured as (
    select
        joined.product_id,
        joined.other_product_id,
        joined.together,
        mine.orders,
        theirs.orders as other_orders,
        whole.orders  as baskets,
        cast(mine.orders as double) * theirs.orders / nullif(whole.orders, 0) as by_chance
    from joined
    join alone as mine on mine.product_id = joined.product_id
    join alone as theirs on theirs.product_id = joined.other_product_id
    cross join whole
    where joined.together >= 5
),
proven as (
    select
        *,
        row_number() over (partition by product_id order by together desc, by_chance, other_product_id) as place
    from measured
    where together - by_chance >= 2 * sqrt(by_chance)
)
select product_id, other_product_id, together, orders, together / nullif(by_chance, 0) as lift, place, other_orders, baskets
from proven
where place <= 10
order by product_id, place
