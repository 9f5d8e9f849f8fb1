-- customer_classes: the class of every customer on a day, and a month, a quarter and a year before, by the same rules.
-- grain      one row per customer_id with at least one paid order up to as_of
-- parameters as_of date (last day observed), month_ago date (earlier days), quarter_ago date, year_ago date,
--            recency_window_days integer (orders of so many days up to a day count), frequency_window_days integer,
--            monetary_window_days integer,
--            recency_limit_1 integer (days; all four empty: by quintile), recency_limit_2 integer,
--            recency_limit_3 integer, recency_limit_4 integer,
--            frequency_limit_1 integer (orders; all four empty: by quintile), frequency_limit_2 integer,
--            frequency_limit_3 integer, frequency_limit_4 integer,
--            monetary_limit_1 bigint (minor units of the base currency; all four empty: by quintile),
--            monetary_limit_2 bigint, monetary_limit_3 bigint, monetary_limit_4 bigint,
--            recency_weight integer (percent), frequency_weight integer, monetary_weight integer,
--            class_1 varchar (key of the highest class), class_2 varchar, class_3 varchar, class_4 varchar,
--            class_5 varchar, class_6 varchar (key of the lowest class),
--            class_1_from integer (hundredths of the score), class_2_from integer, class_3_from integer,
--            class_4_from integer, class_5_from integer
-- columns    customer_id bigint | class varchar, key of the class on as_of
--            class_month varchar, on month_ago; null where they had not bought yet
--            class_quarter varchar, on quarter_ago | class_year varchar, on year_ago
--            recency_days integer, days from the last order to as_of, over all time
--            monetary_minor bigint, net sales in the window up to as_of, base currency
-- source     Hughes, A. M. (1994), Strategic Database Marketing, as in customer_rfm; where limits are quintiles, those
--            of each day's own buyers
with seen as (
    select
        customer_id,
        max(placed_on) as last_now,
        count(*) filter (where placed_on > $as_of - $frequency_window_days) as orders_now,
        sum(net_base_minor) filter (where placed_on > $as_of - $monetary_window_days) as net_now,
        max(placed_on) filter (where placed_on <= $month_ago) as last_month,
        count(*) filter (where placed_on <= $month_ago and placed_on > $month_ago - $frequency_window_days)
            as orders_month,
        sum(net_base_minor) filter (where placed_on <= $month_ago and placed_on > $month_ago - $monetary_window_days)
            as net_month,
        max(placed_on) filter (where placed_on <= $quarter_ago) as last_quarter,
        count(*) filter (where placed_on <= $quarter_ago and placed_on > $quarter_ago - $frequency_window_days)
            as orders_quarter,
        sum(net_base_minor) filter (where placed_on <= $quarter_ago and placed_on > $quarter_ago - $monetary_window_days)
            as net_quarter,
        max(placed_on) filter (where placed_on <= $year_ago) as last_year,
        count(*) filter (where placed_on <= $year_ago and placed_on > $year_ago - $frequency_window_days)
            as orders_year,
        sum(net_base_minor) filter (where placed_on <= $year_ago and placed_on > $year_ago - $monetary_window_days)
            as net_year
    from orders
    where is_paid and customer_id is not null and placed_on <= $as_of
    group by customer_id
),
measured as (
    select
        'now' as part,
        customer_id,
        date_diff('day', last_now, $as_of) as recency_days,
        orders_now as frequency,
        coalesce(net_now, 0) as monetary_minor
    from seen
    union all
    select
        'month',
        customer_id,
        date_diff('day', last_month, $month_ago),
        orders_month,
        coalesce(net_month, 0)
    from seen
    where last_month is not null
    union all
    select
        'quarter',
        customer_id,
        date_diff('day', last_quarter, $quarter_ago),
        orders_quarter,
        coalesce(net_quarter, 0)
    from seen
    where last_quarter is not null
    union all
    select
        'year',
        customer_id,
        date_diff('day', last_year, $year_ago),
        orders_year,
        coalesce(net_year, 0)
    from seen
    where last_year is not null
),
days as (
    select part from measured group by part
),
-- the buyers in the window of each dimension that is scored by quintile
observed as (
    select part, 'recency' as dimension, cast(recency_days as bigint) as value
    from measured
    where $recency_limit_1 is null and recency_days < $recency_window_days
    union all
    select part, 'frequency', cast(frequency as bigint)
    from measured
    where $frequency_limit_1 is null and recency_days < $frequency_window_days
    union all
    select part, 'monetary', cast(monetary_minor as bigint)
    from measured
    where $monetary_limit_1 is null and recency_days < $monetary_window_days
),
counted as (
    select part, dimension, value, count(*) as buyers
    from observed
    group by part, dimension, value
),
shared as (
    select
        part,
        dimension,
        value,
        sum(buyers) over (partition by part, dimension order by value) as buyers_up_to,
        sum(buyers) over (partition by part, dimension)                as buyers_in_all
    from counted
),
limits as (
    select
        part,
        dimension,
        min(value) filter (where 5 * buyers_up_to >= 1 * buyers_in_all) as limit_1,
        min(value) filter (where 5 * buyers_up_to >= 2 * buyers_in_all) as limit_2,
        min(value) filter (where 5 * buyers_up_to >= 3 * buyers_in_all) as limit_3,
        min(value) filter (where 5 * buyers_up_to >= 4 * buyers_in_all) as limit_4
    from shared
    group by part, dimension
    union all
    select part, 'recency', $recency_limit_1, $recency_limit_2, $recency_limit_3, $recency_limit_4
    from days
    where $recency_limit_1 is not null
    union all
    select part, 'frequency', $frequency_limit_1, $frequency_limit_2, $frequency_limit_3, $frequency_limit_4
    from days
    where $frequency_limit_1 is not null
    union all
    select part, 'monetary', $monetary_limit_1, $monetary_limit_2, $monetary_limit_3, $monetary_limit_4
    from days
    where $monetary_limit_1 is not null
),
banded as (
    select
        measured.part,
        measured.customer_id,
        measured.recency_days,
        measured.monetary_minor,
        case
            when recency_days >= $recency_window_days then 1
            else 5 - cast(recency_days > recency.limit_1 as integer) - cast(recency_days > recency.limit_2 as integer)
                - cast(recency_days > recency.limit_3 as integer) - cast(recency_days > recency.limit_4 as integer)
        end as r,
        case
            when recency_days >= $frequency_window_days then 1
            else 1 + cast(frequency > frequency.limit_1 as integer) + cast(frequency > frequency.limit_2 as integer)
                + cast(frequency > frequency.limit_3 as integer) + cast(frequency > frequency.limit_4 as integer)
        end as f,
        case
            when recency_days >= $monetary_window_days then 1
            else 1 + cast(monetary_minor > monetary.limit_1 as integer) + cast(monetary_minor > monetary.limit_2 as integer)
                + cast(monetary_minor > monetary.limit_3 as integer) + cast(monetary_minor > monetary.limit_4 as integer)
        end as m
    from measured
    left join limits as recency on recency.part = measured.part and recency.dimension = 'recency'
    left join limits as frequency on frequency.part = measured.part and frequency.dimension = 'frequency'
    left join limits as monetary on monetary.part = measured.part and monetary.dimension = 'monetary'
),
scored as (
    select
        part,
        customer_id,
        recency_days,
        monetary_minor,
        cast($recency_weight * r + $frequency_weight * f + $monetary_weight * m as integer) as points
    from banded
),
classed as (
    select
        part,
        customer_id,
        recency_days,
        monetary_minor,
        case
            when points >= $class_1_from then $class_1
            when points >= $class_2_from then $class_2
            when points >= $class_3_from then $class_3
            when points >= $class_4_from then $class_4
            when points >= $class_5_from then $class_5
            else $class_6
        end as class
    from scored
)
select
    customer_id,
    max(class) filter (where part = 'now')                                    as class,
    max(class) filter (where part = 'month')                                  as class_month,
    max(class) filter (where part = 'quarter')                                as class_quarter,
    max(class) filter (where part = 'year')                                   as class_year,
    cast(max(recency_days) filter (where part = 'now') as integer)            as recency_days,
    cast(max(monetary_minor) filter (where part = 'now') as bigint)           as monetary_minor
from classed
group by customer_id
