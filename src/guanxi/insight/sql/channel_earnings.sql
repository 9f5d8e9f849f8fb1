-- channel_earnings: what customers whose first order followed a visit have bought since, by the way that first led to it.
-- grain      one row per told_by, way, met_on and after_days
-- parameters time_zone varchar (the company's: its days are counted)
-- columns    told_by varchar, source or campaign | way varchar, of the first visit before the first order
--            met_on date, of the first order | after_days integer, from the first order to these, 0 its own
--            net_minor bigint, net sales of paid orders, base currency; orders without an exchange rate bring nothing
-- source     own. The days add up: those who were first met in a span are those of each of its days.
with first_contacts as (
    select order_id, min(visit_at) as visit_at
    from visits
    where is_first
    group by order_id
),
acquired as (
    select
        visits.order_id,
        visits.who                                                                 as customer_id,
        visits.ordered_at,
        cast(visits.ordered_at at time zone 'UTC' at time zone $time_zone as date) as met_on,
        visits.source,
        visits.campaign
    from visits
    join first_contacts on first_contacts.order_id = visits.order_id and first_contacts.visit_at = visits.visit_at
),
bought as (
    select
        acquired.met_on,
        acquired.source,
        acquired.campaign,
        date_diff('day', cast(acquired.ordered_at as date), cast(sold.placed_at as date)) as after_days,
        coalesce(sold.net_base_minor, 0)                                                  as net_minor
    from acquired
    join sold_orders as sold on sold.customer_id = acquired.customer_id and sold.placed_at >= acquired.ordered_at
),
ways as (
    select 'source' as told_by, source as way, met_on, after_days, net_minor from bought
    union all
    select 'campaign', campaign, met_on, after_days, net_minor from bought
)
select
    told_by,
    way,
    met_on,
    cast(after_days as integer)    as after_days,
    cast(sum(net_minor) as bigint) as net_minor
from ways
group by told_by, way, met_on, after_days
