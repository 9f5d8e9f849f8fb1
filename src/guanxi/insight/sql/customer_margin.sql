-- customer_margin: what of a customer's goods is margin, where their costs are known.
-- grain      one row per customer_id with at least one paid order up to as_of in the base currency
-- parameters as_of date (last day observed), base_currency varchar (the company's)
-- columns    customer_id bigint | sold_minor bigint, goods whose cost is known, after discounts, base currency
--            cost_minor bigint, what these cost by the newest cost of each | unknown_minor bigint, goods of unknown cost
-- source     own: sums over order lines. Refunds leave the share of the margin as it is, so they are not taken out
with sold as (
    select
        sold_lines.customer_id,
        sold_lines.amount_minor,
        sold_lines.quantity * products.cost_minor as cost_minor
    from sold_lines
    left join products on products.sku = sold_lines.sku and products.currency = $base_currency
    where sold_lines.currency = $base_currency and sold_lines.placed_on <= $as_of and sold_lines.customer_id is not null
)
select
    customer_id,
    cast(coalesce(sum(amount_minor) filter (where cost_minor is not null), 0) as bigint) as sold_minor,
    cast(coalesce(round(sum(cost_minor)), 0) as bigint)                                  as cost_minor,
    cast(coalesce(sum(amount_minor) filter (where cost_minor is null), 0) as bigint)     as unknown_minor
from sold
group by customer_id
