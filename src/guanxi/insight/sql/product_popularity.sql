-- product_popularity: which products most customers bought lately, in whichever variants: of all, and of each category.
-- grain      one row per product_id sold within half a year
-- parameters as_of date (last day observed)
-- columns    product_id bigint | category varchar, empty where it has none
--            buyers bigint, customers who bought it within 90 days | orders bigint, with it within half a year
--            last_on date, the last day with an order | place bigint, 1 what most bought
--            category_place bigint, the same among those of its category
-- source     the baseline of Cremonesi, Koren, Turrin (2010), Performance of recommender algorithms on top-N tasks
with sold as (
    select product_id, customer_id, order_id, placed_on, placed_on > $as_of - 90 as is_late
    from sold_lines
    where is_kept and product_id is not null and quantity > 0 and placed_on <= $as_of and placed_on > $as_of - 180
),
named as (
    select product_id, coalesce(min(category), '') as category
    from products
    group by product_id
),
counted as (
    select
        sold.product_id,
        min(named.category) as category,
        count(distinct case when is_late then customer_id end) as buyers,
        count(distinct order_id) as orders,
        max(placed_on) as last_on
    from sold
    join named on named.product_id = sold.product_id
    group by sold.product_id
)
select
    product_id,
    category,
    buyers,
    orders,
    last_on,
    row_number() over (order by buyers desc, orders desc, product_id) as place,
    row_number() over (partition by category order by buyers desc, orders desc, product_id) as category_place
from counted
order by place
