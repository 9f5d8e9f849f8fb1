-- channel_contacts: by which ways people came before an order or left without one, what came next, and what is put down to each.
-- grain      one row per told_by, way, next_way, contacted_on, next_on, over_on, is_order and is_first
-- parameters time_zone varchar (the company's: its days are counted)
-- columns    told_by varchar, source or campaign | way varchar, as visits tell it, empty of those who came directly
--            next_way varchar, of the next visit before the same order, or of the person's next one without; null if none
--            contacted_on date, of the order, or of the visit where none followed
--            next_on date, of the next contact, the same way
--            over_on date, where no order followed: of the twentieth visit after it, from which on it does not count
--            is_order boolean, whether an order followed | is_first boolean, whether that was its customer's first
--            contacts bigint, of an order the last twenty
--            last_orders double, what is put down to them of the orders: to the last contact all of it
--            first_orders double, to the first all of it | linear_orders double, to each the same
--            position_orders double, to the first and the last two fifths each, and the rest to those between
--            last_minor double, the same of their net sales, base currency
--            first_minor double | linear_minor double | position_minor double
-- source     Shao, Li (2011), Data-driven multi-touch attribution models; Anderl and others (2016), whose chain has these steps
with days as (
    select
        who,
        visit_at,
        cast(visit_at at time zone 'UTC' at time zone $time_zone as date)   as visited_on,
        order_id,
        cast(ordered_at at time zone 'UTC' at time zone $time_zone as date) as ordered_on,
        is_first,
        net_minor,
        source,
        campaign
    from visits
),
backwards as (
    select
        *,
        row_number() over (partition by order_id order by visit_at desc) as back,
        count(*) over (partition by order_id)                            as every
    from days
    where order_id is not null
),
placed as (
    select
        source,
        campaign,
        lead(source) over (partition by order_id order by visit_at)   as next_source,
        lead(campaign) over (partition by order_id order by visit_at) as next_campaign,
        ordered_on,
        is_first,
        cast(net_minor as double)                                     as net_minor,
        back,
        least(every, 20)                                              as contacts
    from backwards
    where back <= 20
),
shared as (
    select
        *,
        case when back = 1 then cast(1 as double) else cast(0 as double) end        as last_share,
        case when back = contacts then cast(1 as double) else cast(0 as double) end as first_share,
        cast(1 as double) / greatest(contacts, 1)                                   as linear_share,
        case
            when contacts < 3 then cast(1 as double) / greatest(contacts, 1)
            when back = 1 or back = contacts then cast(0.4 as double)
            else cast(0.2 as double) / greatest(contacts - 2, 1)
        end                                                                         as position_share
    from placed
),
bought as (
    select 'source' as told_by, source as way, next_source as next_way, * from shared
    union all
    select 'campaign', campaign, next_campaign, * from shared
),
away as (
    select
        source,
        campaign,
        visited_on,
        lead(source) over (partition by who order by visit_at)         as next_source,
        lead(campaign) over (partition by who order by visit_at)       as next_campaign,
        lead(visited_on) over (partition by who order by visit_at)     as next_on,
        lead(visited_on, 20) over (partition by who order by visit_at) as over_on
    from days
    where order_id is null
),
lost as (
    select 'source' as told_by, source as way, next_source as next_way, visited_on, next_on, over_on from away
    union all
    select 'campaign', campaign, next_campaign, visited_on, next_on, over_on from away
)
select
    told_by,
    way,
    next_way,
    ordered_on                                         as contacted_on,
    case when next_way is not null then ordered_on end as next_on,
    cast(null as date)                                 as over_on,
    true                                               as is_order,
    is_first,
    count(*)                                           as contacts,
    sum(last_share)                                    as last_orders,
    sum(first_share)                                   as first_orders,
    sum(linear_share)                                  as linear_orders,
    sum(position_share)                                as position_orders,
    sum(last_share * net_minor)                        as last_minor,
    sum(first_share * net_minor)                       as first_minor,
    sum(linear_share * net_minor)                      as linear_minor,
    sum(position_share * net_minor)                    as position_minor
from bought
group by told_by, way, next_way, ordered_on, is_first
union all
select
    told_by, way, next_way, visited_on, next_on, over_on, false, false, count(*),
    cast(0 as double), cast(0 as double), cast(0 as double), cast(0 as double),
    cast(0 as double), cast(0 as double), cast(0 as double), cast(0 as double)
from lost
group by told_by, way, next_way, visited_on, next_on, over_on
