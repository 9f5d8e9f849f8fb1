-- customer_spend: what every customer spent.
-- grain      one row per customer_id with at least one paid sale up to as_of
-- parameters as_of date (last day observed)
-- columns    customer_id bigint | sales integer, paid sales
--            net_minor bigint, base currency
-- source     none, it is a sum
with paid as (
    select customer_id, net_minor
    from sales
    where is_paid and customer_id is not null and placed_on <= $as_of
)
select
    customer_id,
    cast(count(*) as integer)               as sales,
    cast(sum(net_minor) as bigint)          as net_minor
from paid
group by customer_id
