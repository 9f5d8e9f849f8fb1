-- sales_by_part: what was sold on every day of the company in total, and by channel, category and product.
-- grain      one row per day, part and entry with trade up to as_of
-- parameters as_of date (last day observed),
--            most_categories integer, most_products integer (those that sold most in the year up to as_of are told)
-- columns    day date, the company's | part varchar, all, channel, category or product
--            entry varchar, which channel, category or product_id; of all and of every other one nothing
--            net_minor bigint, base currency; of categories and products before what orders as a whole lost
--            orders bigint, paid; of categories and products those with each, so that they add up to more
--            units double, of paid sales | unpriced bigint, orders and refunds without an exchange rate, in no sum
-- source     own; net sales and orders of all and of channels are those of sales_by_day, categories and products add up lines
with goods as (
    select
        day,
        category,
        product_id,
        sales_base - returned_base as net,
        product_orders,
        category_orders,
        cast(quantity as double)   as units
    from product_days
    where day <= $as_of
),
categories as (
    select category, row_number() over (order by sum(net) desc, category) as place
    from goods
    where category <> '' and day > $as_of - 365
    group by category
    having sum(net) > 0
),
best as (
    select product_id, row_number() over (order by sum(net) desc, cast(product_id as varchar)) as place
    from goods
    where product_id is not null and day > $as_of - 365
    group by product_id
    having sum(net) > 0
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
    select day, 'all', '', cast(0 as double), cast(0 as bigint), sum(cast(quantity as double)), cast(0 as bigint)
    from sold_lines
    where day <= $as_of
    group by day
    union all
    select day, 'channel', channel, cast(0 as double), cast(0 as bigint), sum(cast(quantity as double)), cast(0 as bigint)
    from sold_lines
    where day <= $as_of
    group by day, channel
    union all
    select
        goods.day, 'category', coalesce(categories.category, ''), sum(net), sum(category_orders), sum(units), cast(0 as bigint)
    from goods
    left join categories on categories.category = goods.category and categories.place <= $most_categories
    group by goods.day, categories.category
    union all
    select
        goods.day, 'product', coalesce(cast(best.product_id as varchar), ''), sum(net), sum(product_orders), sum(units),
        cast(0 as bigint)
    from goods
    left join best on best.product_id = goods.product_id and best.place <= $most_products
    group by goods.day, best.product_id
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
