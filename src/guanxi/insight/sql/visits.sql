-- visits: what people did in the shop with no pause of more than half an hour, how they came, and what they then bought.
-- grain      one row per person and visit
-- parameters as_of date (last day observed), keep_days integer (of visits), window_days integer (from visit to order)
-- columns    who bigint, customer_id, or the profile_id with a minus where nobody knows who it is
--            visit_at timestamp, UTC, when it began | source varchar, utm_source, else the host of the page before, or empty
--            medium varchar, utm_medium | campaign varchar, utm_campaign
--            order_id bigint, the next paid order of the customer; null where none came in time
--            ordered_at timestamp, UTC | is_first boolean, whether it is the customer's first paid order
--            net_minor bigint, its net sales in base currency, 0 where no exchange rate is known
-- source     own. A visit leads to one order at most, the next one; an order may have had several visits.
with gaps as (
    select
        coalesce(customer_id, -profile_id) as who,
        event_id,
        occurred_at,
        properties,
        name in ('Order Completed', 'Order Paid', 'Order Placed') as is_order,
        lag(occurred_at) over (partition by coalesce(customer_id, -profile_id) order by occurred_at, event_id) as earlier
    from events
    where profile_id is not null
        and occurred_at >= cast($as_of - $keep_days as timestamp)
        and source <> 'guanxi'
        and name not in (
            'Item Refunded', 'Message Delivered', 'Message Opened', 'Order Cancelled', 'Order Delivered',
            'Order Refunded', 'Order Shipped', 'Order Updated', 'Points Earned', 'Consent Given',
            'Consent Withdrawn', 'Consent Restored', 'Consent Retracted', 'Email Delivered', 'Email Opened',
            'Email Bounced', 'Email Marked as Spam', 'Unsubscribed'
        )
),
seen as (
    select
        *,
        max(case when earlier is null or occurred_at > earlier + interval '30' minute then occurred_at end)
            over (partition by who order by occurred_at, event_id)      as visit_at
    from gaps
),
-- the first thing somebody did in a visit tells how they came; an order alone tells of no visit
landed as (
    select who, visit_at, arg_min(properties, event_id) as properties
    from (
        select
            who, visit_at, event_id, properties, occurred_at,
            min(occurred_at) over (partition by who, visit_at) as began_at
        from seen
        where not is_order
    ) as done
    where occurred_at = began_at
    group by who, visit_at
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
    select
        order_id,
        customer_id,
        placed_at,
        coalesce(net_base_minor, 0)                                              as net_minor,
        row_number() over (partition by customer_id order by placed_at, order_id) = 1  as is_first
    from orders
    where is_paid and kind = 'sale' and customer_id is not null
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
