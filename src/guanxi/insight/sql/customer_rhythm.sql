-- customer_rhythm: how often a customer comes, and for how long they have not come.
-- grain      one row per customer_id who bought on at least three days up to as_of
-- parameters as_of date (last day observed), time_zone varchar (the company's: its days are counted)
-- columns    customer_id bigint | buying_days integer, days with a paid order
--            gap_days integer, mean days between two of them | silent_days integer, days from the last one to as_of
-- source     own
with days as (
    select customer_id, cast(placed_at at time zone 'UTC' at time zone $time_zone as date) as day
    from orders
    where is_paid and kind = 'sale' and customer_id is not null
    group by 1, 2
),
counted as (
    select customer_id, count(*) as buying_days, min(day) as first_on, max(day) as last_on
    from days
    where day <= $as_of
    group by customer_id
)
select
    customer_id,
    cast(buying_days as integer)                                                          as buying_days,
    cast(round(date_diff('day', first_on, last_on) / greatest(buying_days - 1, 1)) as integer) as gap_days,
    cast(date_diff('day', last_on, $as_of) as integer)                                    as silent_days
from counted
where buying_days >= 3
