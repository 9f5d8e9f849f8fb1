-- product_days: what each good sold and what came back, day by day.
-- grain      one row per sku, currency and placed_on with paid sales or returns up to as_of
-- parameters as_of date (last day observed)
-- columns    sku varchar | currency varchar | placed_on date, day of the order, or of the refund
--            quantity decimal(38,4), units of paid sales | orders bigint, paid orders with the good
--            product_orders bigint, those of them whose first variant of the product this is, by sku
--            sales_minor bigint, after line discounts, before returns, minor units of currency
--            returned_minor bigint, what returns of the good gave back, minor units of currency
-- source     plain sums; no method
with sold as (
    select
        order_lines.sku,
        orders.currency,
        orders.placed_on,
        order_lines.order_id,
        order_lines.quantity,
        order_lines.amount_minor - order_lines.discount_minor                                 as sales_minor,
        0                                                                                     as returned_minor,
        min(order_lines.sku) over (partition by order_lines.order_id, products.product_id) as first_sku
    from order_lines
    join orders on orders.order_id = order_lines.order_id
    left join products on products.sku = order_lines.sku
    where orders.is_paid and orders.kind = 'sale' and orders.placed_on <= $as_of and order_lines.sku <> ''
),
returned as (
    select
        refund_lines.sku,
        refunds.currency,
        refunds.refunded_on           as placed_on,
        cast(null as bigint)          as order_id,
        0                             as quantity,
        0                             as sales_minor,
        abs(refund_lines.amount_minor) as returned_minor,
        cast(null as varchar)         as first_sku
    from refund_lines
    join refunds on refunds.refund_id = refund_lines.refund_id
    where refunds.refunded_on <= $as_of and refund_lines.sku <> ''
),
moved as (
    select * from sold
    union all
    select * from returned
)
select
    sku,
    currency,
    placed_on,
    cast(sum(quantity) as decimal(38, 4))                          as quantity,
    count(distinct order_id)                                       as orders,
    count(distinct case when first_sku = sku then order_id end)    as product_orders,
    cast(sum(sales_minor) as bigint)                               as sales_minor,
    cast(sum(returned_minor) as bigint)                            as returned_minor
from moved
group by sku, currency, placed_on
order by sku, placed_on
