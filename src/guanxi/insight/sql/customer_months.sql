-- customer_months: what every customer bought and gave back, month by month.
-- grain      one row per customer_id and month with a paid order or a refund of theirs up to as_of
-- parameters as_of date (last day observed), base_currency varchar (the company's),
--            since date (first day computed), until date (the day after the last one)
-- columns    customer_id bigint | month date, its first day, in the stores' days
--            purchases bigint, paid orders of goods that cost something | documents bigint, paid orders of any kind and refunds
--            sold_minor bigint, purchases after discounts, before refunds, base currency
--            net_minor bigint, net sales, refunds in the month they were made, base currency
--            unpriced bigint, orders and refunds without an exchange rate, in no sum
-- slices     month; sold_orders ..0; orders ..0; refunds ..0
-- source     own. Net sales are paid goods after discounts, without tax and shipping, less refunds on their own day. An
--            order loses no more than its goods brought; what it gave back without a document counts on its own day.
--            A refund belongs to whoever is named in it, else to the customer of its order. Guests do not count
with touched as (
    select distinct order_id
    from refunds
    where order_id is not null and refunded_on >= $since and refunded_on < $until
),
documented as (
    select order_id, sum(amount_minor) as refunded_minor
    from refunds
    where order_id is not null
    group by order_id
),
-- the sales of these days, and those of which something came back in them
brought as (
    select
        sold_orders.order_id,
        sold_orders.customer_id,
        sold_orders.placed_on,
        sold_orders.is_purchase,
        sold_orders.goods_minor,
        least(
            greatest(sold_orders.goods_minor, 0),
            greatest(sold_orders.refunded_minor - coalesce(documented.refunded_minor, 0), 0)
        ) as undated_minor,
        sold_orders.rate
    from sold_orders
    left join documented on documented.order_id = sold_orders.order_id
    where sold_orders.placed_on <= $as_of and (
        sold_orders.placed_on >= $since and sold_orders.placed_on < $until
        or sold_orders.order_id in (select order_id from touched)
    )
),
others as (
    select order_id, customer_id, placed_on
    from orders
    where is_paid and kind <> 'sale' and placed_on <= $as_of
),
-- how much of an order's refunds had gone back before and after each of them, never more than it brought
given_back as (
    select
        coalesce(refunds.customer_id, brought.customer_id, others.customer_id) as customer_id,
        refunds.refunded_on,
        case
            when brought.order_id is not null then brought.rate
            when refunds.order_id is not null then cast(1 as double)
            when refunds.currency = $base_currency then cast(1 as double)
        end as rate,
        case
            when brought.order_id is not null then
                least(greatest(brought.goods_minor, 0) - brought.undated_minor, sum(refunds.amount_minor) over (
                    partition by refunds.order_id order by refunds.refunded_at, refunds.refund_id
                    rows between unbounded preceding and current row
                )) - least(greatest(brought.goods_minor, 0) - brought.undated_minor, coalesce(sum(refunds.amount_minor) over (
                    partition by refunds.order_id order by refunds.refunded_at, refunds.refund_id
                    rows between unbounded preceding and 1 preceding
                ), 0))
            when refunds.order_id is null then refunds.amount_minor
            else 0
        end as back_minor
    from refunds
    left join brought on brought.order_id = refunds.order_id
    left join others on others.order_id = refunds.order_id
    where refunds.refunded_on <= $as_of
),
entries as (
    select
        customer_id,
        placed_on                                       as day,
        cast(is_purchase as integer)                    as purchases,
        rate,
        case when is_purchase then goods_minor else 0 end as sold_minor,
        goods_minor - undated_minor                     as net_minor
    from brought
    union all
    select customer_id, placed_on, 0, cast(1 as double), 0, 0
    from others
    union all
    select customer_id, refunded_on, 0, rate, 0, -back_minor
    from given_back
)
select
    customer_id,
    cast(date_trunc('month', day) as date)                         as month,
    cast(sum(purchases) as bigint)                                 as purchases,
    count(*)                                                       as documents,
    cast(coalesce(sum(cast(round(sold_minor * rate) as bigint)), 0) as bigint) as sold_minor,
    cast(coalesce(sum(cast(round(net_minor * rate) as bigint)), 0) as bigint)  as net_minor,
    cast(count(*) filter (where rate is null) as bigint)           as unpriced
from entries
where customer_id is not null and day >= $since and day < $until
group by customer_id, 2
