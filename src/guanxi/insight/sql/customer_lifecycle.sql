-- customer_lifecycle: where every customer stands on a day, and where they stood some days before.
-- grain      one row per customer_id with at least one paid order up to as_of
-- parameters as_of date (last day of the company observed),
--            step_days integer (how far back the earlier day lies), new_days integer (new for so long after the first order),
--            dormant_days integer (dormant after so long without an order), lost_days integer (lost after so long)
-- columns    customer_id bigint | state varchar, new, active, dormant or lost
--            state_before varchar, the same step_days earlier; null where they had not bought yet
-- source     own
with seen as (
    select
        customer_id,
        min(day)                                              as first_on,
        max(day)                                              as last_on,
        max(day) filter (where day <= $as_of - $step_days)    as last_before_on
    from sold_orders
    where customer_id is not null and day <= $as_of
    group by customer_id
)
select
    customer_id,
    case
        when first_on > $as_of - $new_days then 'new'
        when last_on > $as_of - $dormant_days then 'active'
        when last_on > $as_of - $lost_days then 'dormant'
        else 'lost'
    end as state,
    case
        when last_before_on is null then null
        when first_on > $as_of - $step_days - $new_days then 'new'
        when last_before_on > $as_of - $step_days - $dormant_days then 'active'
        when last_before_on > $as_of - $step_days - $lost_days then 'dormant'
        else 'lost'
    end as state_before
from seen
