-- sold_lines: every line of paid sales: who bought it, which product it is, and what it brought.
-- grain      one row per order_id and line_number of a paid sale
-- parameters since date (first day computed), until date (the day after the last one)
-- columns    order_id bigint | line_number integer | placed_on date, the store's day | day date, the company's
--            channel varchar | customer_id bigint, null = a guest
--            is_purchase boolean, whether the order's goods cost something
--            is_kept boolean, whether something of what the order brought was kept
--            sku varchar, '' = none | product_id bigint, null where no product stands for it
--            category varchar, the product's, else the line's; '' = not known
--            opens_sku boolean, one line of each sku in the order
--            opens_product boolean, one of each product; where none is known, of each sku
--            opens_category boolean, one of each category
--            quantity decimal(18,4) | unit_price decimal(18,4), in `currency` | currency varchar
--            amount_minor bigint, after line discounts, before returns, minor units of `currency`
--            rate double, minor units of the base currency for one of `currency`; null without an exchange rate
-- slices     placed_on; sold_orders 0..0 with order_lines; products (sku, product_id, category)
-- source     own. As one line of everything in an order is marked, orders with it are counted by adding up
with paid as (
    select order_id, placed_on, day, channel, customer_id, is_purchase, is_kept, currency, rate
    from sold_orders
    where placed_on >= $since and placed_on < $until
),
lines as (
    select
        order_lines.order_id,
        order_lines.line_number,
        coalesce(order_lines.sku, '')                                                  as sku,
        products.product_id,
        coalesce(cast(products.product_id as varchar), order_lines.sku, '')             as good,
        coalesce(nullif(products.category, ''), order_lines.category, '')               as category,
        order_lines.quantity,
        order_lines.unit_price,
        order_lines.amount_minor - coalesce(order_lines.discount_minor, 0)              as amount_minor
    from order_lines
    join paid on paid.order_id = order_lines.order_id
    left join products on products.sku = order_lines.sku and order_lines.sku <> ''
),
-- what the order tells comes in behind: these rows are sorted twice, and few columns sort faster
marked as (
    select
        *,
        coalesce(lag(sku) over (partition by order_id order by good, sku, line_number) <> sku, true)          as opens_sku,
        coalesce(lag(good) over (partition by order_id order by good, sku, line_number) <> good, true)        as opens_product,
        coalesce(lag(category) over (partition by order_id order by category, line_number) <> category, true) as opens_category
    from lines
)
select
    marked.order_id,
    marked.line_number,
    paid.placed_on,
    paid.day,
    paid.channel,
    paid.customer_id,
    paid.is_purchase,
    paid.is_kept,
    marked.sku,
    marked.product_id,
    marked.category,
    marked.opens_sku,
    marked.opens_product,
    marked.opens_category,
    marked.quantity,
    marked.unit_price,
    paid.currency,
    marked.amount_minor,
    paid.rate
from marked
join paid on paid.order_id = marked.order_id
