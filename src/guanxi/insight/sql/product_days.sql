-- product_days: what each good sold and what came back, day by day.
-- grain      one row per sku, currency and placed_on with paid sales or returns up to as_of
-- parameters as_of date (last day observed), since date (first day computed), until date (the day after the last one)
-- columns    sku varchar | currency varchar | placed_on date, day of the order, or of the refund
--            quantity decimal(38,4), units of paid sales | orders bigint, paid orders with the good
--            product_orders bigint, those of them whose first variant of the product this is, by sku
--            sales_minor bigint, after line discounts, before returns, minor units of currency
--            returned_minor bigint, what returns of the good gave back, minor units of currency
-- slices     placed_on; orders 0..0 with order_lines; refunds 0..0 with refund_lines; products (sku, product_id)
-- source     plain sums; no method
with paid as (
    select order_id, currency, placed_on
    from orders
    where is_paid and kind = 'sale' and placed_on <= $as_of and placed_on >= $since and placed_on < $until
),
-- an order may name a good on several lines
goods as (
    select
        order_lines.order_id,
        order_lines.sku,
        paid.currency,
        paid.placed_on,
        sum(order_lines.quantity)                                   as quantity,
        sum(order_lines.amount_minor - order_lines.discount_minor) as sales_minor
    from order_lines
    join paid on paid.order_id = order_lines.order_id
    where order_lines.sku <> '' and order_lines.placed_on >= $since and order_lines.placed_on < $until
    group by order_lines.order_id, order_lines.sku, paid.currency, paid.placed_on
),
several as (
    select goods.order_id, products.product_id, min(goods.sku) as first_sku
    from goods
    join products on products.sku = goods.sku
    where products.product_id is not null
    group by goods.order_id, products.product_id
    having count(*) > 1
),
beside as (
    select goods.order_id, goods.sku
    from goods
    join products on products.sku = goods.sku
    join several on several.order_id = goods.order_id and several.product_id = products.product_id
    where goods.sku <> several.first_sku
),
sold as (
    select
        goods.sku,
        goods.currency,
        goods.placed_on,
        sum(goods.quantity)              as quantity,
        count(*)                         as orders,
        count(*) - count(beside.sku)     as product_orders,
        sum(goods.sales_minor)           as sales_minor
    from goods
    left join beside on beside.order_id = goods.order_id and beside.sku = goods.sku
    group by goods.sku, goods.currency, goods.placed_on
),
returned as (
    select
        refund_lines.sku,
        refunds.currency,
        refunds.refunded_on                as placed_on,
        sum(abs(refund_lines.amount_minor)) as returned_minor
    from refund_lines
    join refunds on refunds.refund_id = refund_lines.refund_id
    where refund_lines.sku <> '' and refunds.refunded_on <= $as_of
        and refunds.refunded_on >= $since and refunds.refunded_on < $until
    group by refund_lines.sku, refunds.currency, refunds.refunded_on
),
moved as (
    select sku, currency, placed_on, quantity, orders, product_orders, sales_minor, 0 as returned_minor
    from sold
    union all
    select sku, currency, placed_on, 0, 0, 0, 0, returned_minor
    from returned
)
select
    sku,
    currency,
    placed_on,
    cast(sum(quantity) as decimal(38, 4))       as quantity,
    cast(sum(orders) as bigint)                 as orders,
    cast(sum(product_orders) as bigint)         as product_orders,
    cast(sum(sales_minor) as bigint)            as sales_minor,
    cast(sum(returned_minor) as bigint)         as returned_minor
from moved
group by sku, currency, placed_on
order by sku, placed_on
