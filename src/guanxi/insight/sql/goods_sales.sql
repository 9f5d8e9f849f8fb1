-- goods_sales: what each product and each category sold in the last days, in those before, and which make most of it.
-- grain      one row per days, part and entry with sales or returns in those days or in the ones before
-- parameters as_of date (last day observed),
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
with aged as (
    select
        product_id,
        coalesce(cast(product_id as varchar), sku) as product,
        category,
        sales_base - returned_base                 as net,
        returned_base                              as returned,
        product_orders,
        category_orders,
        cast(quantity as double)                   as units,
        unpriced,
        case
            when placed_on > $as_of - 30 then 1
            when placed_on > $as_of - 60 then 2
            when placed_on > $as_of - 90 then 3
            when placed_on > $as_of - 180 then 4
            when placed_on > $as_of - 365 then 5
            when placed_on > $as_of - 730 then 6
            else 7
        end as age
    from product_days
    where placed_on <= $as_of
),
-- an order lies in one age, so that counts of orders add up over ages
entries as (
    select
        'product'           as part,
        product             as entry,
        max(product_id)     as product_id,
        age,
        sum(net)            as net,
        sum(returned)       as returned,
        sum(product_orders) as orders,
        sum(units)          as units,
        sum(unpriced)       as unpriced
    from aged
    group by product, age
    union all
    select
        'category', category, cast(null as bigint), age, sum(net), sum(returned), sum(category_orders), sum(units),
        sum(unpriced)
    from aged
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
        entries.part,
        entries.entry,
        max(entries.product_id)                                                                           as product_id,
        cast(round(coalesce(sum(case when age <= last_age then net end), 0)) as bigint)                   as net_minor,
        cast(round(coalesce(sum(case when age <= last_age then returned end), 0)) as bigint)              as returned_minor,
        cast(sum(case when age <= last_age then orders else 0 end) as bigint)                             as orders,
        sum(case when age <= last_age then units else cast(0 as double) end)                              as units,
        cast(round(coalesce(sum(case when age > last_age then net end), 0)) as bigint)                    as net_before_minor,
        cast(sum(case when age > last_age then orders else 0 end) as bigint)                              as orders_before,
        sum(case when age > last_age then units else cast(0 as double) end)                               as units_before,
        cast(sum(unpriced) as bigint)                                                                     as unpriced
    from spans
    join entries on entries.age <= spans.last_age_before
    group by spans.days, entries.part, entries.entry
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
