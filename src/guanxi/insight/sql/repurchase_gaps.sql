-- repurchase_gaps: how many days lie between one buying day of a customer and the next.
-- grain      one row per dimension and segment with a customer who bought on two days
-- parameters as_of date (last day observed; as customer_firsts was computed),
--            groups integer (how many categories and products stand alone; the smaller ones are one segment)
-- columns    dimension varchar, all, channel, category or product: those of the first purchase
--            segment varchar, the channel, category or product_id; '' = not known, '*' = the smaller ones together
--            gaps bigint | lower_days integer, lower quartile | median_days integer | upper_days integer, upper quartile
-- source     own. Orders of one day are one visit. A quartile is the smallest number of days that at least so many of
--            the gaps do not exceed, so that it is one that was seen
with followed as (
    select customer_id, date_diff('day', previous_on, placed_on) as gap_days
    from sold_orders
    where opens_day and placed_on <= $as_of
),
fine as (
    select
        customer_firsts.channel,
        case when category_place > $groups then '*' else category end as category,
        case
            when product_place > $groups then '*'
            else coalesce(cast(product_id as varchar), '')
        end      as product,
        followed.gap_days,
        count(*) as gaps
    from followed
    join customer_firsts on customer_firsts.customer_id = followed.customer_id
    where followed.gap_days is not null
    group by 1, 2, 3, followed.gap_days
),
spread as (
    select *, 'all' as dimension, '' as segment from fine
    union all
    select *, 'channel', channel from fine
    union all
    select *, 'category', category from fine
    union all
    select *, 'product', product from fine
),
counted as (
    select dimension, segment, gap_days, sum(gaps) as gaps
    from spread
    group by dimension, segment, gap_days
),
shared as (
    select
        dimension,
        segment,
        gap_days,
        gaps,
        sum(gaps) over (partition by dimension, segment order by gap_days) as up_to,
        sum(gaps) over (partition by dimension, segment)                   as in_all
    from counted
)
select
    dimension,
    segment,
    cast(sum(gaps) as bigint)                                            as gaps,
    cast(min(gap_days) filter (where 4 * up_to >= in_all) as integer)     as lower_days,
    cast(min(gap_days) filter (where 2 * up_to >= in_all) as integer)     as median_days,
    cast(min(gap_days) filter (where 4 * up_to >= 3 * in_all) as integer) as upper_days
from shared
group by dimension, segment
order by dimension, segment
