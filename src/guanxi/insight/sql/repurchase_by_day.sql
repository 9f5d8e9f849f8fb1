-- repurchase_by_day: how many customers bought in the days up to each day, and how many of them more than once.
-- grain      one row per day of the company on which a figure changes; between two of them the earlier one holds
-- parameters window_days integer
-- columns    day date | buyers bigint, customers with a paid order in the window | repeat_buyers bigint, with two or more
-- source     own. A customer's orders follow each other, so each is counted from its day until the next one takes over or
--            the window has passed, and counted as a repeat while the one before it is still in the window
with followed as (
    select
        day,
        lag(day) over (partition by customer_id order by day, order_id)  as day_before,
        lead(day) over (partition by customer_id order by day, order_id) as day_after
    from sold_orders
    where customer_id is not null
),
spans as (
    select
        day,
        least(day + $window_days, coalesce(day_after, day + $window_days))        as ends_on,
        least(day_before + $window_days, coalesce(day_after, day + $window_days)) as repeat_ends_on,
        case when day_before + $window_days > day then true else false end        as is_repeat
    from followed
),
steps as (
    select day, 1 as buyers, cast(is_repeat as integer) as repeat_buyers
    from spans
    union all
    select ends_on, -1, 0
    from spans
    union all
    select repeat_ends_on, 0, -1
    from spans
    where is_repeat
),
daily as (
    select day, sum(buyers) as buyers, sum(repeat_buyers) as repeat_buyers
    from steps
    group by day
)
select
    day,
    cast(sum(buyers) over (order by day) as bigint)        as buyers,
    cast(sum(repeat_buyers) over (order by day) as bigint) as repeat_buyers
from daily
where buyers <> 0 or repeat_buyers <> 0
