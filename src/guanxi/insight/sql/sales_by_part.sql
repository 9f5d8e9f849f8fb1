-- sales_by_part: what was sold on every day of the company in total, and by channel, category and product.
-- grain      one row per day, part and entry with trade up to as_of
-- parameters as_of date (last day observed), time_zone varchar (the company's), base_currency varchar (the company's),
--            most_categories integer, most_products integer (those that sold most in the year up to as_of are told)
-- columns    day date, the company's | part varchar, all, channel, category or product
--            entry varchar, which channel, category or product_id; of all and of every other one nothing
--            net_minor bigint, base currency; of categories and products before what orders as a whole lost
--            orders bigint, paid; of categories and products those with one of them, so that they add up to more
--            units double, of paid sales | unpriced bigint, orders and refunds without an exchange rate, in no sum
-- source     own; net sales and orders of all and of channels are those of sales_by_day, categories and products add up lines
with rated as (
    select
        order_id,
        channel,
        cast(placed_at at time zone 'UTC' at time zone $time_zone as date) as day,
        is_paid and kind = 'sale'                                           as is_sale,
        case
            when currency = $base_currency then cast(1 as double)
            when net_base_minor is null then cast(null as double)
            else coalesce(cast(net_base_minor as double) / nullif(net_minor, 0), base_rate)
        end as rate
    from orders
),
lines as (
    select
        rated.day,
        rated.channel,
        rated.order_id,
        coalesce(nullif(products.category, ''), order_lines.category, '')                          as category,
        coalesce(cast(products.product_id as varchar), '')                                          as product,
        (order_lines.amount_minor - coalesce(order_lines.discount_minor, 0)) * rated.rate           as net,
        cast(order_lines.quantity as double)                                                        as units
    from order_lines
    join rated on rated.order_id = order_lines.order_id
    left join products on products.sku = order_lines.sku and order_lines.sku <> ''
    where rated.is_sale and rated.day <= $as_of
    union all
    select
        cast(refunds.refunded_at at time zone 'UTC' at time zone $time_zone as date),
        coalesce(rated.channel, ''),
        cast(null as bigint),
        coalesce(products.category, ''),
        coalesce(cast(products.product_id as varchar), ''),
        -abs(refund_lines.amount_minor)
            * coalesce(rated.rate, case when refunds.currency = $base_currency then cast(1 as double) end),
        cast(0 as double)
    from refund_lines
    join refunds on refunds.refund_id = refund_lines.refund_id
    left join rated on rated.order_id = refunds.order_id
    left join products on products.sku = refund_lines.sku and refund_lines.sku <> ''
    where cast(refunds.refunded_at at time zone 'UTC' at time zone $time_zone as date) <= $as_of
),
categories as (
    select category, row_number() over (order by sum(net) desc, category) as place
    from lines
    where category <> '' and day > $as_of - 365
    group by category
    having sum(net) > 0
),
goods as (
    select product, row_number() over (order by sum(net) desc, product) as place
    from lines
    where product <> '' and day > $as_of - 365
    group by product
    having sum(net) > 0
),
named as (
    select
        lines.*,
        case when categories.place <= $most_categories then lines.category else '' end as told_category,
        case when goods.place <= $most_products then lines.product else '' end         as told_product
    from lines
    left join categories on categories.category = lines.category
    left join goods on goods.product = lines.product
),
shop as (
    select day, channel, orders, new_net_minor + returning_net_minor + guest_net_minor as net, unpriced
    from sales_by_day
    where day <= $as_of
),
entries as (
    select day, 'all' as part, '' as entry, cast(net as double) as net, orders, cast(0 as double) as units, unpriced
    from shop
    union all
    select day, 'channel', channel, cast(net as double), orders, cast(0 as double), unpriced
    from shop
    union all
    select day, 'all', '', cast(0 as double), cast(0 as bigint), units, cast(0 as bigint)
    from lines
    union all
    select day, 'channel', channel, cast(0 as double), cast(0 as bigint), units, cast(0 as bigint)
    from lines
    union all
    select day, 'category', told_category, sum(net), count(distinct order_id), sum(units), cast(0 as bigint)
    from named
    group by day, told_category
    union all
    select day, 'product', told_product, sum(net), count(distinct order_id), sum(units), cast(0 as bigint)
    from named
    group by day, told_product
)
select
    day,
    part,
    entry,
    cast(round(coalesce(sum(net), 0)) as bigint) as net_minor,
    cast(sum(orders) as bigint)                  as orders,
    coalesce(sum(units), cast(0 as double))      as units,
    cast(sum(unpriced) as bigint)                as unpriced
from entries
group by day, part, entry
