-- cohort_months: of the customers who began in a month, who came in each later month, and what they brought.
-- grain      one row per basis, dimension, segment, cohort_month and months_since in which a document of theirs lies
-- parameters groups integer (how many categories and products stand alone; the smaller ones are one segment)
-- columns    basis varchar, purchases: counted from the first purchase, by purchases; documents: by paid orders of any kind and refunds
--            dimension varchar, all, channel, category or product: those of the first purchase
--            segment varchar, the channel, category or product_id; '' = not known, '*' = the smaller ones together
--            cohort_month date, in which they began | months_since integer, 0 the month they began
--            members bigint, customers who began in the month | customers bigint, of them active in the later one
--            orders bigint, purchases or documents | sold_minor bigint, purchases before refunds, base currency
--            net_minor bigint, net sales, refunds in the month they were made, base currency
--            unpriced bigint, orders and refunds without an exchange rate, in no sum
-- source     own. Computed from customer_months and customer_firsts; what lies before the first purchase counts with
--            documents alone
with grouped as (
    select
        customer_id,
        first_month,
        first_document_month,
        channel,
        case when category_place > $groups then '*' else category end as category,
        case
            when product_place > $groups then '*'
            else coalesce(cast(product_id as varchar), '')
        end as product
    from customer_firsts
),
members as (
    select customer_id, 'purchases' as basis, first_month as cohort_month, channel, category, product
    from grouped
    where first_month is not null
    union all
    select customer_id, 'documents', first_document_month, channel, category, product
    from grouped
),
came as (
    select
        members.*,
        (year(customer_months.month) - year(members.cohort_month)) * 12
            + month(customer_months.month) - month(members.cohort_month) as months_since,
        case
            when members.basis = 'documents' then customer_months.documents else customer_months.purchases
        end as orders,
        customer_months.sold_minor,
        customer_months.net_minor,
        customer_months.unpriced
    from members
    join customer_months on customer_months.customer_id = members.customer_id
    where customer_months.month >= members.cohort_month
),
fine as (
    select
        basis,
        channel,
        category,
        product,
        cohort_month,
        months_since,
        count(*) filter (where orders > 0) as customers,
        sum(orders)                        as orders,
        sum(sold_minor)                    as sold_minor,
        sum(net_minor)                     as net_minor,
        sum(unpriced)                      as unpriced
    from came
    group by basis, channel, category, product, cohort_month, months_since
),
spread as (
    select *, 'all' as dimension, '' as segment from fine
    union all
    select *, 'channel', channel from fine
    union all
    select *, 'category', category from fine
    union all
    select *, 'product', product from fine
),
summed as (
    select
        basis,
        dimension,
        segment,
        cohort_month,
        months_since,
        sum(customers)  as customers,
        sum(orders)     as orders,
        sum(sold_minor) as sold_minor,
        sum(net_minor)  as net_minor,
        sum(unpriced)   as unpriced
    from spread
    group by basis, dimension, segment, cohort_month, months_since
)
select
    basis,
    dimension,
    segment,
    cohort_month,
    cast(months_since as integer)  as months_since,
    cast(max(case when months_since = 0 then customers end) over (
        partition by basis, dimension, segment, cohort_month
    ) as bigint)                   as members,
    cast(customers as bigint)      as customers,
    cast(orders as bigint)         as orders,
    cast(sold_minor as bigint)     as sold_minor,
    cast(net_minor as bigint)      as net_minor,
    cast(unpriced as bigint)       as unpriced
from summed
order by basis, dimension, segment, cohort_month, months_since
