-- customer_purchases: on how many days every customer bought, when, and for how much; as of a day, and as of one before.
-- grain      one row per customer_id who bought on at least one day up to as_of
-- parameters as_of date (last day observed),
--            cut date (an earlier day: what was known on it, and what was bought since; as_of where none is asked for)
-- columns    customer_id bigint | repeats integer, days on which they bought after the first
--            recency_days integer, days from the first to the last of them | age_days integer, days from the first to as_of
--            first_minor bigint, brought on the first day, base currency
--            later_minor bigint, brought on all days after it, base currency
--            priced integer, days after the first whose orders all have an amount in the base currency
--            repeats_before integer, as repeats but up to the cut; null where they had not bought yet
--            recency_before integer | age_before integer
--            earlier integer, days on which they bought within as many days up to the cut as lie after it
--            made integer, days on which they bought after the cut
-- source     what BG/NBD, Pareto/NBD and Gamma-Gamma need (Fader, Hardie, Lee 2005): a purchase is a day on which a known
--            customer placed a paid order. Orders given back whole and adjustments are none, orders of nothing are one;
--            an amount is net of discounts and of what was given back, without tax and shipping
with bought as (
    select
        customer_id,
        placed_on,
        cast(coalesce(sum(net_base_minor), 0) as bigint)              as value_minor,
        cast(case when count(*) = count(net_base_minor) then 1 else 0 end as integer) as is_priced
    from sold_orders
    where is_kept and customer_id is not null and placed_on <= $as_of
    group by customer_id, placed_on
),
seen as (
    select
        customer_id,
        count(*)                                                as days,
        min(placed_on)                                          as first_on,
        max(placed_on)                                          as last_on,
        sum(value_minor)                                        as value_minor,
        arg_min(value_minor, placed_on)                         as first_minor,
        sum(is_priced)                                          as priced,
        arg_min(is_priced, placed_on)                           as first_priced,
        count(*) filter (where placed_on <= $cut)               as days_before,
        max(placed_on) filter (where placed_on <= $cut)         as last_before,
        count(*) filter (
            where placed_on <= $cut and date_diff('day', placed_on, $cut) < date_diff('day', $cut, $as_of)
        )                                                       as earlier
    from bought
    group by customer_id
)
select
    customer_id,
    cast(days - 1 as integer)                                                                as repeats,
    cast(date_diff('day', first_on, last_on) as integer)                                     as recency_days,
    cast(date_diff('day', first_on, $as_of) as integer)                                      as age_days,
    cast(first_minor as bigint)                                                              as first_minor,
    cast(value_minor - first_minor as bigint)                                                as later_minor,
    cast(priced - first_priced as integer)                                                   as priced,
    cast(case when days_before > 0 then days_before - 1 end as integer)                      as repeats_before,
    cast(case when days_before > 0 then date_diff('day', first_on, last_before) end as integer) as recency_before,
    cast(case when days_before > 0 then date_diff('day', first_on, $cut) end as integer)     as age_before,
    cast(earlier as integer)                                                                 as earlier,
    cast(days - days_before as integer)                                                      as made
from seen
