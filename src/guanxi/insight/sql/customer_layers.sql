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
    select
        bought.customer_id,
        bought.order_id,
        order_lines.category,
        count(*) over (partition by order_lines.category order by order_lines.unit_price) as up_to,
        count(*) over (partition by order_lines.category)                                 as in_all
    from order_lines
    join bought on bought.order_id = order_lines.order_id
    where order_lines.quantity > 0 and order_lines.unit_price > 0 and order_lines.category <> ''
),
banded as (
    select
        customer_id,
        order_id,
        category,
        case
            when 4 * up_to <= in_all then 1
            when 2 * up_to <= in_all then 2
            when 4 * up_to <= 3 * in_all then 3
            else 4
        end as band
    from lines
),
liked as (
    select
        customer_id,
        category,
        row_number() over (partition by customer_id order by count(distinct order_id) desc, category) as nth
    from banded
    group by customer_id, category
),
liked_bands as (
    select
        banded.customer_id,
        banded.category,
        banded.band,
        row_number() over (partition by banded.customer_id order by count(*) desc, banded.band) as nth
    from banded
    join liked on liked.customer_id = banded.customer_id and liked.category = banded.category and liked.nth = 1
    group by banded.customer_id, banded.category, banded.band
),
preferred as (
    select customer_id, category, band from liked_bands where nth = 1
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
