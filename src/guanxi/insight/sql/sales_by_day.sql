-- sales_by_day: what every store sold on every day of the company, and how much of it to new customers.
-- grain      one row per day and store on which it sold something or gave money back
-- parameters time_zone varchar (the company's: its days are counted), base_currency varchar (the company's),
--            since date (first day computed), until date (the day after the last one)
-- columns    day date, the company's | store varchar | channel varchar | orders bigint, paid
--            new_customers bigint, whose first paid order it is
--            new_net_minor bigint, net sales of first orders, base currency
--            returning_net_minor bigint, net sales of later orders of known customers, base currency
--            guest_net_minor bigint, net sales of orders without a customer, base currency
--            unpriced bigint, orders and refunds without an exchange rate, in no sum
-- slices     day; sold_orders ..1; refunds ..1
-- source     own. Net sales are paid goods after discounts, without tax and shipping, less refunds on their own day. A
--            refund is split as the order it belongs to; one of an unknown order is a returning customer's, or a guest's.
--            An order loses no more than its goods brought; what it gave back without a document counts on its own day.
--            Foreign money counts at the rate of the order; one given back whole has none left, so at that of its day
with touched as (
    select distinct order_id
    from refunds
    where order_id is not null and refunded_on >= $since - 2 and refunded_on < $until + 2
),
documented as (
    select order_id, sum(amount_minor) as refunded_minor
    from refunds
    where order_id is not null
    group by order_id
),
brought as (
    select
        sold_orders.*,
        least(
            greatest(sold_orders.goods_minor, 0),
            greatest(sold_orders.refunded_minor - coalesce(documented.refunded_minor, 0), 0)
        ) as undated_minor
    from sold_orders
    left join documented on documented.order_id = sold_orders.order_id
    where sold_orders.placed_on >= $since - 2 and sold_orders.placed_on < $until + 2
        or sold_orders.order_id in (select order_id from touched)
),
sales as (
    select
        order_id,
        store,
        channel,
        day,
        goods_minor - undated_minor                 as sold_minor,
        greatest(goods_minor, 0) - undated_minor    as returnable_minor,
        rate,
        case
            when customer_id is null then 'guest'
            when is_first then 'new'
            else 'returning'
        end                                         as buyer
    from brought
),
-- how much of an order's refunds had gone back before and after each of them, never more than it brought
given_back as (
    select
        sales.channel,
        sales.rate,
        sales.buyer,
        refunds.store,
        refunds.refunded_at,
        least(sales.returnable_minor, sum(refunds.amount_minor) over (
            partition by refunds.order_id order by refunds.refunded_at, refunds.refund_id
            rows between unbounded preceding and current row
        )) as after_minor,
        least(sales.returnable_minor, coalesce(sum(refunds.amount_minor) over (
            partition by refunds.order_id order by refunds.refunded_at, refunds.refund_id
            rows between unbounded preceding and 1 preceding
        ), 0)) as before_minor
    from refunds
    inner join sales on sales.order_id = refunds.order_id
),
channels as (
    select store, max(channel) as channel
    from sold_orders
    group by store
),
entries as (
    select day, store, channel, buyer, 1 as orders, rate, sold_minor as net_minor
    from sales
    union all
    select
        cast(refunded_at at time zone 'UTC' at time zone $time_zone as date), store, channel, buyer, 0, rate,
        before_minor - after_minor
    from given_back
    union all
    select
        cast(refunds.refunded_at at time zone 'UTC' at time zone $time_zone as date),
        refunds.store,
        coalesce(channels.channel, ''),
        case when refunds.customer_id is null then 'guest' else 'returning' end,
        0,
        case when refunds.currency = $base_currency then cast(1 as double) end,
        -refunds.amount_minor
    from refunds
    left join channels on channels.store = refunds.store
    where refunds.order_id is null
),
priced as (
    select *, cast(round(net_minor * rate) as bigint) as base_minor
    from entries
    where day >= $since and day < $until
)
select
    day,
    store,
    max(channel)                                                              as channel,
    cast(sum(orders) as bigint)                                               as orders,
    cast(count(*) filter (where buyer = 'new' and orders = 1) as bigint)      as new_customers,
    cast(coalesce(sum(base_minor) filter (where buyer = 'new'), 0) as bigint) as new_net_minor,
    cast(coalesce(sum(base_minor) filter (where buyer = 'returning'), 0) as bigint) as returning_net_minor,
    cast(coalesce(sum(base_minor) filter (where buyer = 'guest'), 0) as bigint) as guest_net_minor,
    cast(count(*) filter (where rate is null) as bigint)                      as unpriced
from priced
group by day, store
