-- basket_rules: of two products in one order, how often who buys the one buys the other, and how sure that is.
-- grain      one row per product_id and other_product_id of product_pairs where the lift is surely above one
-- parameters fewest_orders integer (with both, at least)
-- columns    product_id bigint | other_product_id bigint | together bigint, paid orders with both
--            orders bigint, with product_id | other_orders bigint, with the other one | baskets bigint, all that count
--            support double, share of all orders that hold both
--            confidence double, share of the orders with product_id that hold the other one
--            confidence_low double, what that share is at least, 39 times of 40
--            lift double, confidence over what chance would give | lift_low double, the same of confidence_low
--            place bigint, 1 the highest lift_low
-- source     Agrawal, Imielinski, Swami (1993), Mining association rules between sets of items; the lower end is that of
--            Wilson, E. B. (1927), Probable inference, so that a few orders by chance do not come first
with counted as (
    select
        product_id,
        other_product_id,
        together,
        orders,
        other_orders,
        baskets,
        cast(together as double) / nullif(orders, 0)                    as confidence,
        cast(other_orders as double) / nullif(baskets, 0)               as by_chance,
        1.96 * 1.96 / nullif(cast(orders as double), 0)                 as doubt
    from product_pairs
    where together >= $fewest_orders
),
bounded as (
    select
        *,
        (confidence + doubt / 2 - sqrt(doubt * (confidence * (1 - confidence) + doubt / 4)))
            / nullif(1 + doubt, 0) as confidence_low
    from counted
),
lifted as (
    select *, confidence / nullif(by_chance, 0) as lift, confidence_low / nullif(by_chance, 0) as lift_low
    from bounded
)
select
    product_id,
    other_product_id,
    together,
    orders,
    other_orders,
    baskets,
    cast(together as double) / nullif(baskets, 0)                                                       as support,
    confidence,
    confidence_low,
    lift,
    lift_low,
    row_number() over (order by lift_low desc, together desc, product_id, other_product_id)            as place
from lifted
where lift_low > 1
order by place
