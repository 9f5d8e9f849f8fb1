-- customer_layers: the three layers of every customer: what they are worth, what they like, and where they stand.
-- grain      one row per customer_id with at least one purchase up to as_of
-- parameters as_of date (last day observed), top_percent integer (so many percent, by spend, are of top value),
--            fewest_gaps integer (a purchase cycle is read from no fewer gaps),
--            dormant_days integer, lost_days integer (the limits where there are fewer)
-- columns    customer_id bigint | spend_minor bigint, net sales, base currency | place bigint, 1 the highest spend
--            is_top boolean, of top value | category varchar, where most purchases lie; '' = not known
--            band integer, 1 the cheapest quarter of what is sold in that category to 4 the dearest; null = not known
--            dormant_after integer, days | lost_after integer, days | limits varchar, category, shop or fixed: whose they are
--            silent_days integer, from the last purchase to as_of | state varchar, new, active, dormant or lost
-- source     own. Dormant after the gap that four of five do not exceed, lost after the one that 19 of 20 do not, and
--            after twice the first at least. Who spent as much as the last of top value is of top value too. New is who
--            bought on one day alone and is not yet dormant
with bought as (
    select customer_id, placed_on, previous_on, opens_day, coalesce(net_base_minor, 0) as net_minor
    from sold_orders
    where is_purchase and customer_id is not null and placed_on <= $as_of
),
spent as (
    select
        customer_id,
        sum(net_minor)                  as spend,
        sum(cast(opens_day as integer)) as days,
        max(placed_on)                  as last_on
    from bought
    group by customer_id
),
ranked as (
    select *, rank() over (order by spend desc) as place, count(*) over () as people
    from spent
),
lines as (
    select customer_id, category, opens_category, unit_price, quantity > 0 and unit_price > 0 as is_priced
    from sold_lines
    where is_purchase and customer_id is not null and placed_on <= $as_of and category <> ''
),
prices as (
    select category, unit_price, count(*) as lines
    from lines
    where is_priced
    group by category, unit_price
),
dearer as (
    select
        category,
        unit_price,
        sum(lines) over (partition by category order by unit_price) as up_to,
        sum(lines) over (partition by category)                     as in_all
    from prices
),
quarters as (
    select
        category,
        max(unit_price) filter (where 4 * up_to <= in_all)     as first_quarter,
        max(unit_price) filter (where 2 * up_to <= in_all)     as half,
        max(unit_price) filter (where 4 * up_to <= 3 * in_all) as third_quarter
    from dearer
    group by category
),
banded as (
    select
        lines.customer_id,
        lines.category,
        case
            when lines.is_priced then 1 + cast(coalesce(lines.unit_price > quarters.first_quarter, true) as integer)
                + cast(coalesce(lines.unit_price > quarters.half, true) as integer)
                + cast(coalesce(lines.unit_price > quarters.third_quarter, true) as integer)
        end as band,
        lines.opens_category
    from lines
    left join quarters on quarters.category = lines.category
),
bought_of as (
    select
        customer_id,
        category,
        sum(cast(opens_category as integer)) as orders,
        count(*) filter (where band = 1)     as firsts,
        count(*) filter (where band = 2)     as seconds,
        count(*) filter (where band = 3)     as thirds,
        count(*) filter (where band = 4)     as fourths
    from banded
    group by customer_id, category
),
placed as (
    select *, row_number() over (partition by customer_id order by orders desc, category) as nth
    from bought_of
),
preferred as (
    select
        customer_id,
        category,
        case greatest(firsts, seconds, thirds, fourths)
            when 0 then null
            when firsts then 1
            when seconds then 2
            when thirds then 3
            else 4
        end as band
    from placed
    where nth = 1
),
gaps as (
    select
        coalesce(preferred.category, '')                          as category,
        date_diff('day', bought.previous_on, bought.placed_on)    as gap_days,
        count(*)                                                  as gaps
    from bought
    left join preferred on preferred.customer_id = bought.customer_id
    where bought.opens_day and bought.previous_on is not null
    group by 1, 2
),
spread as (
    select 'category' as whose, category, gap_days, gaps from gaps where category <> ''
    union all
    select 'shop', '', gap_days, sum(gaps) from gaps group by gap_days
),
shared as (
    select
        *,
        sum(gaps) over (partition by whose, category order by gap_days) as up_to,
        sum(gaps) over (partition by whose, category)                   as in_all
    from spread
),
cycles as (
    select
        whose,
        category,
        min(gap_days) filter (where 5 * up_to >= 4 * in_all)   as dormant_after,
        min(gap_days) filter (where 20 * up_to >= 19 * in_all) as lost_after
    from shared
    where in_all >= $fewest_gaps
    group by whose, category
),
limited as (
    select
        ranked.*,
        coalesce(preferred.category, '')                                      as liked_category,
        preferred.band,
        coalesce(own.dormant_after, shop.dormant_after, $dormant_days)        as dormant_after,
        coalesce(own.lost_after, shop.lost_after, $lost_days)                 as lost_after,
        case
            when own.whose is not null then 'category'
            when shop.whose is not null then 'shop'
            else 'fixed'
        end as limits,
        date_diff('day', ranked.last_on, $as_of)                              as silent_days
    from ranked
    left join preferred on preferred.customer_id = ranked.customer_id
    left join cycles as own on own.whose = 'category' and own.category = preferred.category
    left join cycles as shop on shop.whose = 'shop'
)
select
    customer_id,
    cast(spend as bigint)                                            as spend_minor,
    cast(place as bigint)                                            as place,
    spend > 0 and 100 * (place - 1) < $top_percent * people          as is_top,
    liked_category                                                   as category,
    cast(band as integer)                                            as band,
    cast(dormant_after as integer)                                   as dormant_after,
    cast(greatest(lost_after, 2 * dormant_after) as integer)         as lost_after,
    limits,
    cast(silent_days as integer)                                     as silent_days,
    case
        when silent_days > greatest(lost_after, 2 * dormant_after) then 'lost'
        when silent_days > dormant_after then 'dormant'
        when days = 1 then 'new'
        else 'active'
    end                                                              as state
from limited
