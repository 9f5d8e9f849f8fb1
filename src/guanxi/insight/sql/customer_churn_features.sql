-- customer_churn_features: what is known of every customer now and at two earlier days, and whether they came after these.
-- grain      one row per step and customer_id with at least one purchase before the step's day
-- parameters as_of date (last day observed), fewest_gaps integer (a purchase cycle is read from no fewer gaps),
--            usual_days integer (the days looked ahead, and between purchases, where there are fewer gaps),
--            prior_gaps integer (for how many gaps the shop's mean counts, above 0),
--            least_days integer, most_days integer (the days looked ahead at least and at most)
-- columns    step integer, how many windows before as_of the day lies, 0, 1 or 2 | customer_id bigint
--            window_days integer, days looked ahead: half of all gaps are no longer; a third of the time seen at most
--            days integer, days on which they bought | silent_days integer, from the last of them to the step's day
--            age_days integer, from the first | recent_days integer, days bought on in the two windows before
--            gap_days double, days between two purchases of theirs, drawn to the shop's mean
--            year_minor bigint, net sales of the 365 days before, base currency
--            came boolean, whether they bought in the window after the step's day; null for step 0
-- source     own. A step's row reads nothing placed later, but for the shop's mean gap and the length of the window
with days as (
    select
        customer_id,
        opens_day,
        date_diff('day', placed_on, $as_of)       as ago,
        date_diff('day', previous_on, placed_on)  as gap_days,
        coalesce(net_base_minor, 0)               as net_minor
    from sold_orders
    where is_purchase and customer_id is not null and placed_on <= $as_of
),
gaps as (
    select gap_days, count(*) as gaps from days where opens_day and gap_days is not null group by gap_days
),
shared as (
    select *, sum(gaps) over (order by gap_days) as up_to, sum(gaps) over () as in_all from gaps
),
cycle as (
    select
        coalesce(max(in_all), 0)                                              as gaps,
        min(gap_days) filter (where 2 * up_to >= in_all)                      as median_gap,
        cast(sum(gap_days * gaps) as double) / nullif(sum(gaps), 0)           as mean_gap
    from shared
),
seen as (
    select max(ago) as seen_days from days
),
frame as (
    select
        greatest(
            $least_days,
            least(
                $most_days,
                case when cycle.gaps >= $fewest_gaps then cycle.median_gap else $usual_days end,
                cast(floor(coalesce(seen.seen_days, 0) / 3.0) as integer)
            )
        )                                                                     as window_days,
        case when cycle.gaps > 0 then cycle.mean_gap else $usual_days end     as mean_gap
    from cycle
    cross join seen
),
-- what lies before each of the three days, a customer a row
counted as (
    select
        days.customer_id,
        max(frame.window_days)                                                      as window_days,
        max(frame.mean_gap)                                                         as mean_gap,
        max(ago)                                                                    as first_ago,
        min(ago)                                                                    as last_ago_0,
        min(ago) filter (where ago >= frame.window_days)                            as last_ago_1,
        min(ago) filter (where ago >= 2 * frame.window_days)                        as last_ago_2,
        count(*) filter (where opens_day)                                           as days_0,
        count(*) filter (where opens_day and ago >= frame.window_days)              as days_1,
        count(*) filter (where opens_day and ago >= 2 * frame.window_days)          as days_2,
        count(*) filter (where opens_day and ago >= 3 * frame.window_days)          as days_3,
        count(*) filter (where opens_day and ago >= 4 * frame.window_days)          as days_4,
        coalesce(sum(net_minor) filter (where ago < 365), 0)                        as year_minor_0,
        coalesce(sum(net_minor) filter (
            where ago >= frame.window_days and ago < frame.window_days + 365
        ), 0)                                                                       as year_minor_1,
        coalesce(sum(net_minor) filter (
            where ago >= 2 * frame.window_days and ago < 2 * frame.window_days + 365
        ), 0)                                                                       as year_minor_2
    from days
    cross join frame
    group by days.customer_id
),
told as (
    select
        0 as step, customer_id, window_days, mean_gap, first_ago, last_ago_0 as last_ago, days_0 as days,
        days_0 - days_2 as recent_days, year_minor_0 as year_minor, cast(null as boolean) as came
    from counted
    union all
    select
        1, customer_id, window_days, mean_gap, first_ago, last_ago_1, days_1, days_1 - days_3, year_minor_1, days_0 > days_1
    from counted
    where days_1 > 0
    union all
    select
        2, customer_id, window_days, mean_gap, first_ago, last_ago_2, days_2, days_2 - days_4, year_minor_2, days_1 > days_2
    from counted
    where days_2 > 0
)
select
    cast(step as integer)                                                     as step,
    customer_id,
    cast(window_days as integer)                                              as window_days,
    cast(days as integer)                                                     as days,
    cast(last_ago - step * window_days as integer)                            as silent_days,
    cast(first_ago - step * window_days as integer)                           as age_days,
    cast(recent_days as integer)                                              as recent_days,
    cast(first_ago - last_ago + $prior_gaps * mean_gap as double) / greatest(days - 1 + $prior_gaps, 1) as gap_days,
    cast(year_minor as bigint)                                                as year_minor,
    came
from told
