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
    select order_id, customer_id, placed_on, coalesce(net_base_minor, 0) as net_minor
    from orders
    where is_paid and kind = 'sale' and goods_minor > 0 and customer_id is not null and placed_on <= $as_of
),
spent as (
    select
        customer_id,
        sum(net_minor)            as spend,
        count(distinct placed_on) as days,
        max(placed_on)            as last_on
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
bought_of as (
    select customer_id, category, sum(cast(opens_category as integer)) as orders
    from lines
    group by customer_id, category
),
placed as (
    select customer_id, category, row_number() over (partition by customer_id order by orders desc, category) as nth
    from bought_of
),
liked as (
    select customer_id, category from placed where nth = 1
),
banded as (
    select
        liked.customer_id,
        1 + cast(coalesce(lines.unit_price > quarters.first_quarter, true) as integer)
            + cast(coalesce(lines.unit_price > quarters.half, true) as integer)
            + cast(coalesce(lines.unit_price > quarters.third_quarter, true) as integer) as band
    from lines
    join liked on liked.customer_id = lines.customer_id and liked.category = lines.category
    join quarters on quarters.category = lines.category
    where lines.is_priced
),
liked_bands as (
    select customer_id, band, row_number() over (partition by customer_id order by count(*) desc, band) as nth
    from banded
    group by customer_id, band
),
preferred as (
    select liked.customer_id, liked.category, liked_bands.band
    from liked
    left join liked_bands on liked_bands.customer_id = liked.customer_id and liked_bands.nth = 1
),
days as (
    select customer_id, placed_on from bought group by customer_id, placed_on
),
followed as (
    select
        customer_id,
        date_diff('day', lag(placed_on) over (partition by customer_id order by placed_on), placed_on) as gap_days
    from days
),
gaps as (
    select coalesce(preferred.category, '') as category, followed.gap_days, count(*) as gaps
    from followed
    left join preferred on preferred.customer_id = followed.customer_id
    where followed.gap_days is not null
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
