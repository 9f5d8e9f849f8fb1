-- customer_rhythm: how often a customer comes, and for how long they have not come.
-- grain      one row per customer_id who bought on at least three days up to as_of
-- parameters as_of date (last day observed)
-- columns    customer_id bigint | buying_days integer, the stores' days on which they bought
--            gap_days integer, mean days between two of them | silent_days integer, days from the last one to as_of
-- source     own
with counted as (
    select
        customer_id,
        sum(cast(opens_day as integer)) as buying_days,
        min(placed_on)                  as first_on,
        max(placed_on)                  as last_on
    from sold_orders
    where is_purchase and customer_id is not null and placed_on <= $as_of
    group by customer_id
)
select
    customer_id,
    cast(buying_days as integer)                                                          as buying_days,
    cast(round(date_diff('day', first_on, last_on) / greatest(buying_days - 1, 1)) as integer) as gap_days,
    cast(date_diff('day', last_on, $as_of) as integer)                                    as silent_days
from counted
where buying_days >= 3
