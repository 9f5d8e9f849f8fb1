-- customer_firsts: when, where and with what every customer began to buy, and when they came back.
-- grain      one row per customer_id with a paid order or a refund up to as_of
-- parameters as_of date (last day observed; as customer_months was computed)
-- columns    customer_id bigint | first_month date, of the first purchase; null = never bought
--            first_document_month date, of the first paid order of any kind or refund
--            first_on date, day of the first purchase | second_on date, day of the second; may be the same
--            purchases bigint, paid orders of goods that cost something
--            channel varchar, of the first purchase; '' = not known, or never bought
--            category varchar, of the good that cost most in the first purchase; '' = not known
--            product_id bigint, of that good; null = not known
--            category_place bigint, 1 the category most customers began with; null where the category is not known
--            product_place bigint, 1 the product most customers began with; null where the product is not known
-- source     own. Days are the stores'
with bought as (
    select
        customer_id,
        order_id,
        placed_on,
        channel,
        row_number() over (partition by customer_id order by placed_on, placed_at, order_id)    as nth,
        lead(placed_on) over (partition by customer_id order by placed_on, placed_at, order_id) as next_on,
        count(*) over (partition by customer_id)                                                as purchases
    from sold_orders
    where is_purchase and customer_id is not null and placed_on <= $as_of
),
firsts as (
    select customer_id, order_id, placed_on, channel, next_on, purchases
    from bought
    where nth = 1
),
goods as (
    select
        firsts.order_id,
        sold_lines.category,
        sold_lines.product_id,
        row_number() over (
            partition by firsts.order_id order by sold_lines.amount_minor desc, sold_lines.line_number
        ) as place
    from firsts
    join sold_lines on sold_lines.order_id = firsts.order_id
),
dearest as (
    select order_id, category, product_id
    from goods
    where place = 1
),
by_category as (
    select category, row_number() over (order by count(*) desc, category) as place
    from dearest
    where category <> ''
    group by category
),
by_product as (
    select product_id, row_number() over (order by count(*) desc, product_id) as place
    from dearest
    where product_id is not null
    group by product_id
),
known as (
    select customer_id, min(month) as first_document_month
    from customer_months
    group by customer_id
)
select
    known.customer_id,
    cast(date_trunc('month', firsts.placed_on) as date) as first_month,
    known.first_document_month,
    firsts.placed_on                                    as first_on,
    firsts.next_on                                      as second_on,
    coalesce(firsts.purchases, 0)                       as purchases,
    coalesce(firsts.channel, '')                        as channel,
    coalesce(dearest.category, '')                      as category,
    dearest.product_id,
    by_category.place                                   as category_place,
    by_product.place                                    as product_place
from known
left join firsts on firsts.customer_id = known.customer_id
left join dearest on dearest.order_id = firsts.order_id
left join by_category on by_category.category = dearest.category
left join by_product on by_product.product_id = dearest.product_id
