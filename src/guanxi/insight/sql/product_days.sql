-- product_days: what each good sold and what came back, day by day.
-- grain      one row per sku, category, currency, placed_on and day with paid sales or returns
-- parameters time_zone varchar (the company's), base_currency varchar (the company's),
--            since date (first day computed), until date (the day after the last one)
-- columns    sku varchar, '' = none | product_id bigint, null where no product stands for it
--            category varchar, the product's, else the line's; '' = not known | currency varchar
--            placed_on date, the store's day of the order, or of the refund | day date, the same as the company's day
--            quantity decimal(38,4), units of paid sales | orders bigint, paid orders with the good
--            product_orders bigint, one for each order with its product, told of one of its goods
--            category_orders bigint, the same of its category
--            sales_minor bigint, after line discounts, before returns, minor units of currency
--            returned_minor bigint, what returns of the good gave back, minor units of currency
--            sales_base double, sales_minor in the base currency | returned_base double
--            unpriced bigint, lines in money without an exchange rate, in neither of these two
-- slices     placed_on; sold_lines 0..0; orders ..0; refunds 0..0 with refund_lines; products (sku, product_id, category)
-- source     plain sums; no method. Orders of a product, or of a category, add up over its goods
with rated as (
    select
        order_id,
        case
            when currency = $base_currency then cast(1 as double)
            when net_base_minor is null then cast(null as double)
            else coalesce(cast(net_base_minor as double) / nullif(net_minor, 0), base_rate)
        end as rate
    from orders
    where order_id in (select order_id from refunds where refunded_on >= $since and refunded_on < $until)
),
returned as (
    select
        coalesce(refund_lines.sku, '')       as sku,
        products.product_id,
        coalesce(products.category, '')      as category,
        refunds.currency,
        refunds.refunded_on                  as placed_on,
        cast(refunds.refunded_at at time zone 'UTC' at time zone $time_zone as date) as day,
        abs(refund_lines.amount_minor)       as amount_minor,
        coalesce(rated.rate, case when refunds.currency = $base_currency then cast(1 as double) end) as rate
    from refund_lines
    join refunds on refunds.refund_id = refund_lines.refund_id
    left join rated on rated.order_id = refunds.order_id
    left join products on products.sku = refund_lines.sku and refund_lines.sku <> ''
    where refunds.refunded_on >= $since and refunds.refunded_on < $until
),
moved as (
    select
        sku,
        product_id,
        category,
        currency,
        placed_on,
        day,
        quantity,
        cast(opens_sku as integer)                   as orders,
        cast(opens_product as integer)               as product_orders,
        cast(opens_category as integer)              as category_orders,
        amount_minor                                 as sales_minor,
        0                                            as returned_minor,
        amount_minor * rate                          as sales_base,
        cast(0 as double)                            as returned_base,
        case when rate is null then 1 else 0 end     as unpriced
    from sold_lines
    where placed_on >= $since and placed_on < $until
    union all
    select
        sku, product_id, category, currency, placed_on, day, 0, 0, 0, 0, 0, amount_minor, cast(0 as double),
        amount_minor * rate, case when rate is null then 1 else 0 end
    from returned
)
select
    sku,
    product_id,
    category,
    currency,
    placed_on,
    day,
    cast(sum(quantity) as decimal(38, 4))              as quantity,
    cast(sum(orders) as bigint)                        as orders,
    cast(sum(product_orders) as bigint)                as product_orders,
    cast(sum(category_orders) as bigint)               as category_orders,
    cast(sum(sales_minor) as bigint)                   as sales_minor,
    cast(sum(returned_minor) as bigint)                as returned_minor,
    coalesce(sum(sales_base), cast(0 as double))       as sales_base,
    coalesce(sum(returned_base), cast(0 as double))    as returned_base,
    cast(sum(unpriced) as bigint)                      as unpriced
from moved
group by sku, product_id, category, currency, placed_on, day
