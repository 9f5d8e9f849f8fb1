-- visits: what people did in the shop with no pause of more than half an hour, how they came, and what they then bought.
-- grain      one row per person and visit
-- parameters as_of date (last day observed), keep_days integer (of visits, their months whole),
--            window_days integer (from visit to order), since date (first day computed), until date (the day after the last one)
-- columns    who bigint, customer_id, or the profile_id with a minus where nobody knows who it is
--            visit_at timestamp, UTC, when it began | source varchar, utm_source, else the host of the page before, or empty
--            medium varchar, utm_medium | campaign varchar, utm_campaign
--            order_id bigint, the next paid order of the customer; null where none came in time
--            ordered_at timestamp, UTC | is_first boolean, whether it is the customer's first paid order
--            net_minor bigint, its net sales in base currency, 0 where no exchange rate is known
-- slices     visit_at; events -1..1; sold_orders ..2
-- source     own. A visit leads to one order at most, the next one; an order may have had several visits.
with done as (
    select
        coalesce(customer_id, -profile_id) as who,
        event_id,
        occurred_at,
        name in ('Order Completed', 'Order Paid', 'Order Placed') as is_order
    from events
    where profile_id is not null
        and occurred_at >= cast($since - 1 as timestamp) and occurred_at < cast($until + 1 as timestamp)
        and source <> 'guanxi'
        and name not in (
            'Item Refunded', 'Message Delivered', 'Message Opened', 'Order Cancelled', 'Order Delivered',
            'Order Refunded', 'Order Shipped', 'Order Updated', 'Points Earned', 'Consent Given',
            'Consent Withdrawn', 'Consent Restored', 'Consent Retracted', 'Email Delivered', 'Email Opened',
            'Email Bounced', 'Email Marked as Spam', 'Unsubscribed'
        )
),
followed_up as (
    select *, lag(occurred_at) over (partition by who order by occurred_at, event_id) as earlier
    from done
),
begun as (
    select
        who,
        event_id,
        occurred_at                                                               as visit_at,
        is_order,
        lead(occurred_at) over (partition by who order by occurred_at, event_id) as next_at
    from followed_up
    where earlier is null or occurred_at > earlier + interval '30' minute
),
counted as (
    select *
    from begun
    where visit_at >= cast($since as timestamp) and visit_at < cast($until as timestamp)
        and visit_at >= cast(date_trunc('month', cast($as_of - $keep_days as date)) as timestamp)
),
-- the first thing somebody did in a visit tells how they came; an order alone tells of no visit
later as (
    select counted.who, counted.visit_at, done.event_id, done.occurred_at
    from counted
    join done on done.who = counted.who and done.occurred_at >= counted.visit_at
    where counted.is_order and not done.is_order and (counted.next_at is null or done.occurred_at < counted.next_at)
),
soonest as (
    select who, visit_at, min(occurred_at) as occurred_at
    from later
    group by who, visit_at
),
landed as (
    select who, visit_at, event_id
    from counted
    where not is_order
    union all
    select later.who, later.visit_at, min(later.event_id)
    from later
    join soonest on soonest.who = later.who and soonest.visit_at = later.visit_at
        and soonest.occurred_at = later.occurred_at
    group by later.who, later.visit_at
),
told as (
    select
        who,
        visit_at,
        coalesce(properties ->> '$.utm_source', '')   as utm_source,
        coalesce(properties ->> '$.referrer', '')     as referrer,
        coalesce(properties ->> '$.utm_medium', '')   as medium,
        coalesce(properties ->> '$.utm_campaign', '') as campaign
    from landed
    join events on events.event_id = landed.event_id
    where events.occurred_at >= cast($since as timestamp) and events.occurred_at < cast($until + 1 as timestamp)
),
came as (
    select
        who,
        visit_at,
        case
            when utm_source <> '' then utm_source
            when contains(referrer, '/') then substring(referrer, 1, strpos(referrer, '/') - 1)
            else referrer
        end as source,
        medium,
        campaign
    from told
),
bought as (
    select order_id, customer_id, placed_at, is_first, coalesce(net_base_minor, 0) as net_minor
    from sold_orders
    where customer_id is not null and placed_on >= $since - 2 and placed_on < $until + $window_days + 3
),
followed as (
    select came.who, came.visit_at, arg_min(bought.order_id, bought.placed_at) as order_id
    from came
    join bought on bought.customer_id = came.who and bought.placed_at >= came.visit_at
    where date_diff('day', cast(came.visit_at as date), cast(bought.placed_at as date)) <= $window_days
    group by came.who, came.visit_at
)
select
    came.who,
    came.visit_at,
    came.source,
    came.medium,
    came.campaign,
    followed.order_id,
    bought.placed_at                      as ordered_at,
    coalesce(bought.is_first, false)      as is_first,
    cast(coalesce(bought.net_minor, 0) as bigint) as net_minor
from came
left join followed on followed.who = came.who and followed.visit_at = came.visit_at
left join bought on bought.order_id = followed.order_id
