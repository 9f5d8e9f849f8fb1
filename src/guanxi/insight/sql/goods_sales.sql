-- goods_sales: what each product and each category sold in the last days, in those before, and which make most of it.
-- grain      one row per days, part and entry with sales or returns in those days or in the ones before
-- parameters as_of date (last day observed), base_currency varchar (the company's),
--            most_percent integer (class A makes so much of net sales), next_percent integer (A and B together)
-- columns    days integer, 30, 90 or 365 up to as_of; 0 = all time | part varchar, product or category
--            entry varchar, product_id, a sku that no product stands for, or the category; '' = not known
--            product_id bigint, null of categories and unknown goods
--            net_minor bigint, after line discounts and returns, base currency | returned_minor bigint, base currency
--            orders bigint, paid, with it | units double, of paid sales
--            net_before_minor bigint, of as many days before; null of all time | orders_before bigint | units_before double
--            place bigint, 1 what sold for most; null of what is not known
--            cumulative_share double, of it and all before it in what sold for more than nothing; null where nothing did
--            class varchar, A, B or C; null of what is not known
--            unpriced bigint, lines in money without an exchange rate, in no sum
-- source     ABC analysis: Dickie, H. F. (1951), ABC inventory analysis shoots for dollars not pennies. Days are the stores'
with rated as (
    select
        order_id,
        placed_on,
        is_paid and kind = 'sale' as is_sale,
        case
            when currency = $base_currency then cast(1 as double)
            when net_base_minor is null then cast(null as double)
            else coalesce(cast(net_base_minor as double) / nullif(net_minor, 0), base_rate)
        end as rate
    from orders
),
moved as (
    select
        order_lines.sku,
        coalesce(order_lines.category, '')                                                        as line_category,
        rated.placed_on                                                                           as day,
        rated.order_id,
        (order_lines.amount_minor - coalesce(order_lines.discount_minor, 0)) * rated.rate         as net,
        cast(0 as double)                                                                         as returned,
        cast(order_lines.quantity as double)                                                      as units,
        case when rated.rate is null then 1 else 0 end                                            as unpriced
    from order_lines
    join rated on rated.order_id = order_lines.order_id
    where rated.is_sale and rated.placed_on <= $as_of
    union all
    select
        refund_lines.sku,
        '',
        refunds.refunded_on,
        cast(null as bigint),
        -abs(refund_lines.amount_minor)
            * coalesce(rated.rate, case when refunds.currency = $base_currency then cast(1 as double) end),
        abs(refund_lines.amount_minor)
            * coalesce(rated.rate, case when refunds.currency = $base_currency then cast(1 as double) end),
        cast(0 as double),
        case when rated.rate is null and refunds.currency <> $base_currency then 1 else 0 end
    from refund_lines
    join refunds on refunds.refund_id = refund_lines.refund_id
    left join rated on rated.order_id = refunds.order_id
    where refunds.refunded_on <= $as_of
),
named as (
    select
        moved.*,
        products.product_id,
        coalesce(cast(products.product_id as varchar), moved.sku, '')       as product,
        coalesce(nullif(products.category, ''), moved.line_category)        as category,
        case
            when day > $as_of - 30 then 1
            when day > $as_of - 60 then 2
            when day > $as_of - 90 then 3
            when day > $as_of - 180 then 4
            when day > $as_of - 365 then 5
            when day > $as_of - 730 then 6
            else 7
        end as age
    from moved
    left join products on products.sku = moved.sku and moved.sku <> ''
),
-- an order lies in one age, so that counts of orders add up over ages
aged as (
    select
        'product'                as part,
        product                  as entry,
        max(product_id)          as product_id,
        age,
        sum(net)                 as net,
        sum(returned)            as returned,
        count(distinct order_id) as orders,
        sum(units)               as units,
        sum(unpriced)            as unpriced
    from named
    group by product, age
    union all
    select
        'category', category, cast(null as bigint), age, sum(net), sum(returned), count(distinct order_id), sum(units),
        sum(unpriced)
    from named
    group by category, age
),
spans as (
    select 30 as days, 1 as last_age, 2 as last_age_before
    union all
    select 90, 3, 4
    union all
    select 365, 5, 6
    union all
    select 0, 7, 7
),
summed as (
    select
        spans.days,
        aged.part,
        aged.entry,
        max(aged.product_id)                                                                              as product_id,
        cast(round(coalesce(sum(case when age <= last_age then net end), 0)) as bigint)                   as net_minor,
        cast(round(coalesce(sum(case when age <= last_age then returned end), 0)) as bigint)              as returned_minor,
        cast(sum(case when age <= last_age then orders else 0 end) as bigint)                             as orders,
        sum(case when age <= last_age then units else cast(0 as double) end)                              as units,
        cast(round(coalesce(sum(case when age > last_age then net end), 0)) as bigint)                    as net_before_minor,
        cast(sum(case when age > last_age then orders else 0 end) as bigint)                              as orders_before,
        sum(case when age > last_age then units else cast(0 as double) end)                               as units_before,
        cast(sum(unpriced) as bigint)                                                                     as unpriced
    from spans
    join aged on aged.age <= spans.last_age_before
    group by spans.days, aged.part, aged.entry
),
placed as (
    select
        *,
        row_number() over (partition by days, part order by entry = '', net_minor desc, entry)    as nth,
        sum(case when entry <> '' then greatest(net_minor, 0) else 0 end) over (
            partition by days, part order by entry = '', net_minor desc, entry
            rows between unbounded preceding and current row
        )                                                                                          as upto_minor,
        sum(case when entry <> '' then greatest(net_minor, 0) else 0 end) over (partition by days, part) as whole_minor
    from summed
)
select
    cast(days as integer)                                                         as days,
    part,
    entry,
    product_id,
    net_minor,
    returned_minor,
    orders,
    units,
    case when days > 0 then net_before_minor end                                  as net_before_minor,
    case when days > 0 then orders_before end                                     as orders_before,
    case when days > 0 then units_before end                                      as units_before,
    case when entry <> '' then nth end                                            as place,
    case when entry <> '' then cast(upto_minor as double) / nullif(cast(whole_minor as double), 0) end as cumulative_share,
    case
        when entry = '' then null
        when net_minor > 0 and (upto_minor - net_minor) * 100 < whole_minor * $most_percent then 'A'
        when net_minor > 0 and (upto_minor - net_minor) * 100 < whole_minor * $next_percent then 'B'
        else 'C'
    end                                                                           as class,
    unpriced
from placed
order by days, part, nth
