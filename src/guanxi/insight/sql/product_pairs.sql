-- product_pairs: which goods lie in one order more often than chance would put them there.
-- grain      one row per sku and other_sku, the first ten of each sku by orders with both
-- parameters as_of date (last day observed), window_days integer
-- columns    sku varchar | other_sku varchar | together bigint, paid orders with both in the window
--            orders bigint, with sku | lift double, together over what chance would give: 1 = no more than chance
--            place bigint, 1 the first
-- source     Brin, S., Motwani, R., Ullman, J. and Tsur, S. (1997), Dynamic itemset counting. Pairs need five orders and
--            two standard deviations above chance (Poisson); orders of more than fifty goods are left out
with baskets as (
    select distinct order_lines.order_id, order_lines.sku
    from order_lines
    join orders on orders.order_id = order_lines.order_id
    where orders.is_paid and orders.kind = 'sale' and order_lines.sku <> ''
        and orders.placed_on <= $as_of and orders.placed_on > $as_of - $window_days
),
sizes as (
    select order_id, count(*) as goods
    from baskets
    group by order_id
),
counted as (
    select baskets.order_id, baskets.sku
    from baskets
    join sizes on sizes.order_id = baskets.order_id
    where sizes.goods <= 50
),
whole as (
    select count(distinct order_id) as orders from counted
),
alone as (
    select sku, count(*) as orders
    from counted
    group by sku
),
joined as (
    select one.sku, other.sku as other_sku, count(*) as together
    from counted as one
    join counted as other on other.order_id = one.order_id and other.sku <> one.sku
    group by one.sku, other.sku
),
measured as (
    select
        joined.sku,
        joined.other_sku,
        joined.together,
        mine.orders,
        cast(mine.orders as double) * theirs.orders / nullif(whole.orders, 0) as by_chance
    from joined
    join alone as mine on mine.sku = joined.sku
    join alone as theirs on theirs.sku = joined.other_sku
    cross join whole
    where joined.together >= 5
),
proven as (
    select
        *,
        row_number() over (partition by sku order by together desc, by_chance, other_sku) as place
    from measured
    where together - by_chance >= 2 * sqrt(by_chance)
)
select sku, other_sku, together, orders, together / nullif(by_chance, 0) as lift, place
from proven
where place <= 10
order by sku, place
