-- customer_rfm: recency, frequency and monetary value of every customer who bought, in five bands, with score and class.
-- grain      one row per customer_id with at least one paid order up to as_of
-- parameters as_of date (last day observed),
--            recency_window_days integer (orders of so many days up to as_of count), frequency_window_days integer,
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
-- columns    customer_id bigint | recency_days integer, days from the last order to as_of, over all time
--            frequency integer, orders in the window | monetary_minor bigint, net sales in the window, base currency
--            r integer, band 1 to 5 | f integer, band 1 to 5 | m integer, band 1 to 5
--            score decimal(3,2), weighted bands, 1 to 5 | class varchar, key of the class
-- source     Hughes, A. M. (1994), Strategic Database Marketing. By quintile: limit k is the smallest value that at
--            least k fifths of the buyers in the window do not exceed, so equal values have equal bands
with paid as (
    select
        customer_id,
        placed_on,
        net_base_minor,
        placed_on > $as_of - $frequency_window_days as is_counted,
        placed_on > $as_of - $monetary_window_days  as is_summed
    from orders
    where is_paid and customer_id is not null and placed_on <= $as_of
),
measured as (
    select
        customer_id,
        cast(date_diff('day', max(placed_on), $as_of) as integer)                as recency_days,
        cast(count(*) filter (where is_counted) as integer)                      as frequency,
        cast(coalesce(sum(net_base_minor) filter (where is_summed), 0) as bigint) as monetary_minor
    from paid
    group by customer_id
),
-- the buyers in the window of each dimension that is scored by quintile
observed as (
    select 'recency' as dimension, cast(recency_days as bigint) as value
    from measured
    where $recency_limit_1 is null and recency_days < $recency_window_days
    union all
    select 'frequency', cast(frequency as bigint)
    from measured
    where $frequency_limit_1 is null and recency_days < $frequency_window_days
    union all
    select 'monetary', monetary_minor
    from measured
    where $monetary_limit_1 is null and recency_days < $monetary_window_days
),
counted as (
    select dimension, value, count(*) as buyers
    from observed
    group by dimension, value
),
shared as (
    select
        dimension,
        value,
        sum(buyers) over (partition by dimension order by value) as buyers_up_to,
        sum(buyers) over (partition by dimension)                as buyers_in_all
    from counted
),
limits as (
    select
        dimension,
        min(value) filter (where 5 * buyers_up_to >= 1 * buyers_in_all) as limit_1,
        min(value) filter (where 5 * buyers_up_to >= 2 * buyers_in_all) as limit_2,
        min(value) filter (where 5 * buyers_up_to >= 3 * buyers_in_all) as limit_3,
        min(value) filter (where 5 * buyers_up_to >= 4 * buyers_in_all) as limit_4
    from shared
    group by dimension
    union all
    select 'recency', $recency_limit_1, $recency_limit_2, $recency_limit_3, $recency_limit_4
    where $recency_limit_1 is not null
    union all
    select 'frequency', $frequency_limit_1, $frequency_limit_2, $frequency_limit_3, $frequency_limit_4
    where $frequency_limit_1 is not null
    union all
    select 'monetary', $monetary_limit_1, $monetary_limit_2, $monetary_limit_3, $monetary_limit_4
    where $monetary_limit_1 is not null
),
banded as (
    select
        measured.*,
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
    left join limits as recency on recency.dimension = 'recency'
    left join limits as frequency on frequency.dimension = 'frequency'
    left join limits as monetary on monetary.dimension = 'monetary'
),
scored as (
    select *, cast($recency_weight * r + $frequency_weight * f + $monetary_weight * m as integer) as points
    from banded
)
select
    customer_id,
    recency_days,
    frequency,
    monetary_minor,
    cast(r as integer)                    as r,
    cast(f as integer)                    as f,
    cast(m as integer)                    as m,
    cast(points * 0.01 as decimal(3, 2))  as score,
    case
        when points >= $class_1_from then $class_1
        when points >= $class_2_from then $class_2
        when points >= $class_3_from then $class_3
        when points >= $class_4_from then $class_4
        when points >= $class_5_from then $class_5
        else $class_6
    end                                   as class
from scored
