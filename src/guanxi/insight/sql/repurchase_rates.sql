-- repurchase_rates: of the customers who first bought in a month, how many bought again within so many days.
-- grain      one row per dimension, segment, cohort_month and within_days
-- parameters as_of date (last day observed; as customer_firsts was computed),
--            groups integer (how many categories and products stand alone; the smaller ones are one segment)
-- columns    dimension varchar, all, channel, category or product: those of the first purchase
--            segment varchar, the channel, category or product_id; '' = not known, '*' = the smaller ones together
--            cohort_month date, of the first purchase | within_days integer, 30, 60, 90, 180, 365; 0 = ever
--            customers bigint, observed for that long: none of them could still come in time
--            returned bigint, of them with a second purchase within these days, the same day among them
-- source     own. The customers observed too short a time are left out, so that young cohorts do not look worse
with lengths as (
    select 0 as within_days
    union all
    select 30
    union all
    select 60
    union all
    select 90
    union all
    select 180
    union all
    select 365
),
grouped as (
    select
        first_month,
        channel,
        case when category_place > $groups then '*' else category end as category,
        case
            when product_place > $groups then '*'
            else coalesce(cast(product_id as varchar), '')
        end                                        as product,
        date_diff('day', first_on, $as_of)         as observed_days,
        date_diff('day', first_on, second_on)      as waited_days
    from customer_firsts
    where first_month is not null
),
fine as (
    select
        grouped.channel,
        grouped.category,
        grouped.product,
        grouped.first_month,
        lengths.within_days,
        count(*) as customers,
        count(*) filter (
            where grouped.waited_days is not null
                and (lengths.within_days = 0 or grouped.waited_days <= lengths.within_days)
        )        as returned
    from grouped
    join lengths on grouped.observed_days >= lengths.within_days
    group by grouped.channel, grouped.category, grouped.product, grouped.first_month, lengths.within_days
),
spread as (
    select *, 'all' as dimension, '' as segment from fine
    union all
    select *, 'channel', channel from fine
    union all
    select *, 'category', category from fine
    union all
    select *, 'product', product from fine
)
select
    dimension,
    segment,
    first_month                     as cohort_month,
    cast(within_days as integer)    as within_days,
    cast(sum(customers) as bigint)  as customers,
    cast(sum(returned) as bigint)   as returned
from spread
group by dimension, segment, first_month, within_days
order by dimension, segment, cohort_month, within_days
