-- channel_visits: how many visits came by each way on each day, and when the same people had last come by it.
-- grain      one row per told_by, way, visited_on and before_on
-- parameters time_zone varchar (the company's: its days are counted)
-- columns    told_by varchar, source or campaign | way varchar, as visits tell it, empty of those who came directly
--            visited_on date | before_on date, when the same person had come by this way before; null where never
--            times bigint, how many such visits
-- source     own. Of any span of days the people are those visits whose before_on lies before it or nowhere: days add up.
with days as (
    select who, visit_at, cast(visit_at at time zone 'UTC' at time zone $time_zone as date) as day, source, campaign
    from visits
),
followed as (
    select
        source,
        campaign,
        day,
        lag(day) over (partition by who, source order by visit_at)   as source_on,
        lag(day) over (partition by who, campaign order by visit_at) as campaign_on
    from days
)
select 'source' as told_by, source as way, day as visited_on, source_on as before_on, count(*) as times
from followed
group by source, day, source_on
union all
select 'campaign', campaign, day, campaign_on, count(*)
from followed
group by campaign, day, campaign_on
