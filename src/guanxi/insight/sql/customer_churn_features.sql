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
        placed_on,
        date_diff('day', placed_on, $as_of) as ago,
        sum(coalesce(net_base_minor, 0))    as net_minor
    from orders
    where is_paid and kind = 'sale' and goods_minor > 0 and customer_id is not null and placed_on <= $as_of
    group by customer_id, placed_on
),
followed as (
    select date_diff('day', lag(placed_on) over (partition by customer_id order by placed_on), placed_on) as gap_days
    from days
),
gaps as (
    select gap_days, count(*) as gaps from followed where gap_days is not null group by gap_days
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
steps as (
    select 0 as step union all select 1 union all select 2
),
placed as (
    select steps.step, frame.window_days, frame.mean_gap, days.*, days.ago - steps.step * frame.window_days as before_days
    from days
    cross join steps
    cross join frame
),
counted as (
    select
        step,
        customer_id,
        window_days,
        mean_gap,
        count(*) filter (where before_days >= 0)                                            as days,
        min(before_days) filter (where before_days >= 0)                                    as silent_days,
        max(before_days)                                                                    as age_days,
        count(*) filter (where before_days >= 0 and before_days < 2 * window_days)          as recent_days,
        coalesce(sum(net_minor) filter (where before_days >= 0 and before_days < 365), 0)   as year_minor,
        count(*) filter (where before_days < 0 and before_days >= -window_days)             as later
    from placed
    group by step, customer_id, window_days, mean_gap
)
select
    cast(step as integer)                                                     as step,
    customer_id,
    cast(window_days as integer)                                              as window_days,
    cast(days as integer)                                                     as days,
    cast(silent_days as integer)                                              as silent_days,
    cast(age_days as integer)                                                 as age_days,
    cast(recent_days as integer)                                              as recent_days,
    cast(age_days - silent_days + $prior_gaps * mean_gap as double) / greatest(days - 1 + $prior_gaps, 1) as gap_days,
    cast(year_minor as bigint)                                                as year_minor,
    case when step > 0 then later > 0 end                                     as came
from counted
where days > 0
