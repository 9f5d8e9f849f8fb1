-- customer_category_next: when each customer will probably buy of a category again.
-- grain      one row per customer_id and category bought up to as_of
-- parameters as_of date (last day observed), prior_gaps integer (for how many gaps the category's mean counts, above 0)
-- columns    customer_id bigint | category varchar | days integer, days on which they bought of it
--            last_on date | gap_days integer, days expected between two of them; null where nobody came twice
--            next_on date, last_on and gap_days later; null as gap_days | late_days integer, days from next_on to as_of
-- source     own. The mean of their gaps, drawn to the mean of the category's gaps as if prior_gaps more had been seen;
--            a category in which nobody came twice takes the shop's mean
with days as (
    select customer_id, category, placed_on
    from sold_lines
    where is_purchase and customer_id is not null and placed_on <= $as_of and category <> '' and quantity > 0
    group by customer_id, category, placed_on
),
pairs as (
    select
        customer_id,
        category,
        count(*)                                        as days,
        date_diff('day', min(placed_on), max(placed_on)) as in_days,
        max(placed_on)                                  as last_on
    from days
    group by customer_id, category
),
categories as (
    select category, cast(sum(in_days) as double) / nullif(sum(days - 1), 0) as mean_gap
    from pairs
    group by category
),
shop as (
    select cast(sum(in_days) as double) / nullif(sum(days - 1), 0) as mean_gap
    from pairs
),
expected as (
    select
        pairs.*,
        cast(round(
            (pairs.in_days + $prior_gaps * coalesce(categories.mean_gap, shop.mean_gap))
            / greatest(pairs.days - 1 + $prior_gaps, 1)
        ) as integer) as gap_days
    from pairs
    join categories on categories.category = pairs.category
    cross join shop
)
select
    customer_id,
    category,
    cast(days as integer)                                          as days,
    last_on,
    gap_days,
    last_on + gap_days                                             as next_on,
    cast(date_diff('day', last_on, $as_of) - gap_days as integer)  as late_days
from expected
