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
ways as (
    select 'source' as told_by, source as way, who, visit_at, day from days
    union all
    select 'campaign', campaign, who, visit_at, day from days
),
followed as (
    select told_by, way, day, lag(day) over (partition by told_by, who, way order by visit_at) as before_on
    from ways
)
select told_by, way, day as visited_on, before_on, count(*) as times
from followed
group by told_by, way, day, before_on
