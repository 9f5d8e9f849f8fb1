-- price_bands: at which prices the shop sells, and what each band of prices brings.
-- grain      one row per scale and band in which something was sold
-- parameters as_of date (last day observed), window_days integer,
--            major_minor integer (how many minor units one unit of it has)
-- columns    scale varchar, round: limits 0, 1, 2, 5, 10 … of the base currency; fifths: about a fifth of the units each
--            band integer, 1 the cheapest | lower_minor bigint, the limit, or the lowest price of a fifth, base currency
--            upper_minor bigint, below which a round band ends, null of the last; the highest price of a fifth
--            products bigint, different goods | orders bigint, paid, with something of the band
--            units double | net_minor bigint, after line discounts, before returns, base currency
-- source     own. A price is what a line cost after its discounts, by the unit; equal prices are in one band. What has no
--            exchange rate, or no quantity above nothing, is left out
with lines as (
    select
        order_id,
        coalesce(cast(product_id as varchar), sku) as product,
        cast(quantity as double)                   as units,
        amount_minor * rate                        as net
    from sold_lines
    where quantity > 0 and rate is not null and placed_on <= $as_of and placed_on > $as_of - $window_days
),
sold as (
    select *, cast(greatest(round(net / nullif(units, 0)), 0) as bigint) as price_minor
    from lines
),
prices as (
    select price_minor, sum(units) as units
    from sold
    group by price_minor
),
steps as (
    select 0 as step
    union all select 1 union all select 2 union all select 5 union all select 10 union all select 20
    union all select 50 union all select 100 union all select 200 union all select 500 union all select 1000
    union all select 2000 union all select 5000 union all select 10000 union all select 20000
    union all select 50000 union all select 100000
),
limits as (
    select
        cast(row_number() over (order by step) as integer)              as band,
        cast(step as bigint) * $major_minor                             as lower_minor,
        cast(lead(step) over (order by step) as bigint) * $major_minor  as upper_minor
    from steps
),
weighed as (
    select
        price_minor,
        units,
        sum(units) over (order by price_minor rows between unbounded preceding and current row) as upto,
        sum(units) over ()                                                                       as whole
    from prices
),
fifths as (
    select
        price_minor,
        cast(least(floor(5 * (upto - units / 2) / nullif(whole, 0)), 4) as integer) + 1 as band
    from weighed
),
bands as (
    select 'round' as scale, limits.band, prices.price_minor, limits.lower_minor, limits.upper_minor
    from prices
    join limits on prices.price_minor >= limits.lower_minor
        and (limits.upper_minor is null or prices.price_minor < limits.upper_minor)
    union all
    select 'fifths', band, price_minor, price_minor, price_minor
    from fifths
),
goods as (
    select product, price_minor, sum(units) as units, sum(net) as net
    from sold
    group by product, price_minor
),
orders_each as (
    select bands.scale, bands.band, sold.order_id
    from sold
    join bands on bands.price_minor = sold.price_minor
    group by bands.scale, bands.band, sold.order_id
),
counted as (
    select scale, band, count(*) as orders
    from orders_each
    group by scale, band
),
summed as (
    select
        bands.scale,
        bands.band,
        min(bands.lower_minor)          as lower_minor,
        max(bands.upper_minor)          as upper_minor,
        count(distinct goods.product)   as products,
        sum(goods.units)                as units,
        sum(goods.net)                  as net
    from goods
    join bands on bands.price_minor = goods.price_minor
    group by bands.scale, bands.band
)
select
    summed.scale,
    summed.band,
    summed.lower_minor,
    summed.upper_minor,
    summed.products,
    counted.orders,
    summed.units,
    cast(round(summed.net) as bigint) as net_minor
from summed
join counted on counted.scale = summed.scale and counted.band = summed.band
order by summed.scale, summed.band
