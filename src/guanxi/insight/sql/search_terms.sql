-- search_terms: what people look for, how often nothing is found, and how often they buy afterwards.
-- grain      one row per days and term that somebody looked for in those days
-- parameters as_of date (last day observed), time_zone varchar (the company's: its days are counted)
-- columns    days integer, 30, 90 or 365 up to as_of | term varchar, in small letters, a hundred of them at most
--            searches bigint | people bigint, who looked for it | in_vain bigint, searches that are known to have found nothing
--            bought bigint, searches after which the same person ordered within seven days
--            unbought bigint, searches after which they did not
--            place bigint, 1 the term after which most searches were without an order
-- source     own. What was ordered need not be what was looked for
with told as (
    select
        coalesce(customer_id, -profile_id)                                      as who,
        occurred_at,
        event_id,
        cast(occurred_at at time zone 'UTC' at time zone $time_zone as date)    as day,
        case when name = 'Products Searched' then 0 else 1 end                  as is_order,
        left(lower(trim(coalesce(properties ->> '$.query', ''))), 100)          as term,
        case
            when coalesce(
                properties ->> '$.results', properties ->> '$.results_count', properties ->> '$.number_of_results'
            ) in ('0', '0.0') then 1
            else 0
        end as in_vain
    from events
    where name in ('Products Searched', 'Order Completed', 'Order Paid', 'Product Purchased') and profile_id is not null
        and occurred_at >= cast($as_of - 366 as timestamp) and occurred_at < cast($as_of + 2 as timestamp)
),
followed as (
    select
        *,
        min(case when is_order = 1 then occurred_at end) over (
            partition by who order by occurred_at, is_order, event_id
            rows between current row and unbounded following
        ) as ordered_at
    from told
),
searched as (
    select
        who,
        term,
        in_vain,
        case when ordered_at <= occurred_at + interval '7' day then 1 else 0 end as bought,
        case when day > $as_of - 30 then 30 when day > $as_of - 90 then 90 else 365 end         as age
    from followed
    where is_order = 0 and term <> '' and day <= $as_of and day > $as_of - 365
),
mine as (
    select term, who, age, count(*) as searches, sum(in_vain) as in_vain, sum(bought) as bought
    from searched
    group by term, who, age
),
spans as (
    select 30 as days
    union all select 90
    union all select 365
),
summed as (
    select
        spans.days,
        mine.term,
        sum(mine.searches)          as searches,
        count(distinct mine.who)    as people,
        sum(mine.in_vain)           as in_vain,
        sum(mine.bought)            as bought
    from spans
    join mine on mine.age <= spans.days
    group by spans.days, mine.term
)
select
    cast(days as integer)               as days,
    term,
    cast(searches as bigint)            as searches,
    people,
    cast(in_vain as bigint)             as in_vain,
    cast(bought as bigint)              as bought,
    cast(searches - bought as bigint)   as unbought,
    row_number() over (partition by days order by searches - bought desc, in_vain desc, term) as place
from summed
order by days, place
