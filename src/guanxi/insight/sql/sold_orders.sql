-- sold_orders: every paid sale: whose it is, what it brought, and what its customer bought before.
-- grain      one row per order_id of a paid sale
-- parameters time_zone varchar (the company's), base_currency varchar (the company's),
--            since date (first day computed), until date (the day after the last one)
-- columns    order_id bigint | customer_id bigint, null = a guest | store varchar | channel varchar
--            placed_at timestamp, UTC | placed_on date, the store's day | day date, the company's
--            is_first boolean, the customer's first paid sale, by the store's day, then by the moment
--            is_purchase boolean, whether its goods cost something
--            is_kept boolean, whether something of what it brought was kept
--            previous_on date, of a purchase the day of the customer's purchase before, placed_on of a second one in a day
--            opens_day boolean, one purchase of each customer and placed_on
--            goods_minor bigint, after discounts, before refunds, minor units of `currency` | refunded_minor bigint
--            currency varchar | rate double, minor units of the base currency for one of `currency`; null = no exchange rate
--            net_base_minor bigint, net sales, base currency; null = no exchange rate
-- slices     placed_on; orders ..0
-- source     own. As one purchase of each day of a customer is marked, the days they bought on are counted by adding up
with sales as (
    select
        order_id,
        customer_id,
        store,
        coalesce(channel, '')                                               as channel,
        placed_at,
        placed_on,
        goods_minor > 0                                                     as is_purchase,
        net_minor >= 0 and (net_minor > 0 or refunded_minor = 0)            as is_kept,
        goods_minor - discount_minor                                        as goods_minor,
        refunded_minor,
        currency,
        case
            when currency = $base_currency then cast(1 as double)
            when net_base_minor is null then cast(null as double)
            else coalesce(cast(net_base_minor as double) / nullif(net_minor, 0), base_rate)
        end                                                                 as rate,
        net_base_minor
    from orders
    where is_paid and kind = 'sale' and placed_on >= $since and placed_on < $until
),
before as (
    select customer_id, max(case when goods_minor > 0 then placed_on end) as purchase_on
    from orders
    where is_paid and kind = 'sale' and customer_id is not null and placed_on < $since
    group by customer_id
),
followed as (
    select
        *,
        row_number() over (
            partition by coalesce(customer_id, -order_id) order by placed_on, placed_at, order_id
        ) as nth,
        max(case when is_purchase then placed_on end) over (
            partition by coalesce(customer_id, -order_id) order by placed_on, placed_at, order_id
            rows between unbounded preceding and 1 preceding
        ) as purchase_on
    from sales
),
told as (
    select
        followed.*,
        followed.customer_id is not null and followed.nth = 1 and before.customer_id is null        as is_first,
        case when followed.is_purchase then coalesce(followed.purchase_on, before.purchase_on) end  as previous_on
    from followed
    left join before on before.customer_id = followed.customer_id
)
select
    order_id,
    customer_id,
    store,
    channel,
    placed_at,
    placed_on,
    cast(placed_at at time zone 'UTC' at time zone $time_zone as date)                        as day,
    is_first,
    is_purchase,
    is_kept,
    previous_on,
    is_purchase and customer_id is not null and coalesce(previous_on < placed_on, true)       as opens_day,
    cast(goods_minor as bigint)                                                               as goods_minor,
    cast(refunded_minor as bigint)                                                            as refunded_minor,
    currency,
    rate,
    cast(net_base_minor as bigint)                                                            as net_base_minor
from told
order by order_id
