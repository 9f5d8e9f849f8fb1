-- sales_by_place: how many orders were placed, paid and kept, by how many customers, in every country, province and city.
-- grain      one row per days, level, country, division, province and city with an order placed in those days
-- parameters as_of date (last day observed), base_currency varchar (the company's)
-- columns    days integer, 30, 90 or 365 up to as_of; 0 = all time | level varchar, all, country, province or city
--            country varchar, as orders tell it, 中国 however it is written; '' = not told
--            division varchar, of China, its 34 divisions by ISO 3166-2: CN-GD; '' = elsewhere, or not known
--            province varchar, of China the whole name, 广东省, however orders write it; else as told
--            city varchar, as told, without 市 at its end
--            orders bigint, placed, paid or not | paid bigint, of them | received bigint, paid, and money stayed
--            kept bigint, paid, and nothing was given back | refunded bigint, paid, and something was given back
--            customers bigint, known ones with a paid order there
--            total_minor bigint, of all orders placed | net_minor bigint, net sales of paid ones, base currency
--            refunded_minor bigint, given back of paid ones, base currency
--            unpriced bigint, orders without an exchange rate, in no sum
-- source     own. Days are the stores'. Refunds count with their order. A province is told by how its name begins, in hanzi or
--            letters; orders to Hong Kong, Macau and Taiwan count as their country tells, and as divisions
with names as (
    select 'CN-BJ' as division, '北京市' as name, '北京' as hant, 'beijing' as latin
    union all select 'CN-TJ', '天津市', '天津', 'tianjin'
    union all select 'CN-HE', '河北省', '河北', 'hebei'
    union all select 'CN-SX', '山西省', '山西', 'shanxi'
    union all select 'CN-NM', '内蒙古自治区', '內蒙', 'inner mongol'
    union all select 'CN-NM', '内蒙古自治区', '内蒙', 'nei mongol'
    union all select 'CN-NM', '内蒙古自治区', '内蒙', 'neimeng'
    union all select 'CN-NM', '内蒙古自治区', '内蒙', 'innermongol'
    union all select 'CN-LN', '辽宁省', '遼寧', 'liaoning'
    union all select 'CN-JL', '吉林省', '吉林', 'jilin'
    union all select 'CN-HL', '黑龙江省', '黑龍', 'heilongjiang'
    union all select 'CN-SH', '上海市', '上海', 'shanghai'
    union all select 'CN-JS', '江苏省', '江蘇', 'jiangsu'
    union all select 'CN-ZJ', '浙江省', '浙江', 'zhejiang'
    union all select 'CN-AH', '安徽省', '安徽', 'anhui'
    union all select 'CN-FJ', '福建省', '福建', 'fujian'
    union all select 'CN-JX', '江西省', '江西', 'jiangxi'
    union all select 'CN-SD', '山东省', '山東', 'shandong'
    union all select 'CN-HA', '河南省', '河南', 'henan'
    union all select 'CN-HB', '湖北省', '湖北', 'hubei'
    union all select 'CN-HN', '湖南省', '湖南', 'hunan'
    union all select 'CN-GD', '广东省', '廣東', 'guangdong'
    union all select 'CN-GX', '广西壮族自治区', '廣西', 'guangxi'
    union all select 'CN-HI', '海南省', '海南', 'hainan'
    union all select 'CN-CQ', '重庆市', '重慶', 'chongqing'
    union all select 'CN-SC', '四川省', '四川', 'sichuan'
    union all select 'CN-GZ', '贵州省', '貴州', 'guizhou'
    union all select 'CN-YN', '云南省', '雲南', 'yunnan'
    union all select 'CN-XZ', '西藏自治区', '西藏', 'tibet'
    union all select 'CN-XZ', '西藏自治区', '西藏', 'xizang'
    union all select 'CN-SN', '陕西省', '陝西', 'shaanxi'
    union all select 'CN-GS', '甘肃省', '甘肅', 'gansu'
    union all select 'CN-QH', '青海省', '青海', 'qinghai'
    union all select 'CN-NX', '宁夏回族自治区', '寧夏', 'ningxia'
    union all select 'CN-XJ', '新疆维吾尔自治区', '新疆', 'xinjiang'
    union all select 'CN-HK', '香港特别行政区', '香港', 'hong kong'
    union all select 'CN-HK', '香港特别行政区', '香港', 'hongkong'
    union all select 'CN-MO', '澳门特别行政区', '澳門', 'maca'
    union all select 'CN-TW', '台湾省', '臺灣', 'taiwan'
    union all select 'CN-TW', '台湾省', '台灣', 'taiwan'
),
placed as (
    select
        customer_id,
        trim(coalesce(country, ''))  as told_country,
        trim(coalesce(province, '')) as told_province,
        trim(coalesce(city, ''))     as told_city,
        is_paid,
        net_minor,
        refunded_minor,
        total_minor,
        case
            when currency = $base_currency then cast(1 as double)
            when net_base_minor is null then cast(null as double)
            else coalesce(cast(net_base_minor as double) / nullif(net_minor, 0), base_rate)
        end as rate,
        case
            when placed_on > $as_of - 30 then 1
            when placed_on > $as_of - 90 then 2
            when placed_on > $as_of - 365 then 3
            else 4
        end as age
    from orders
    where kind = 'sale' and placed_on <= $as_of
),
-- what is said of one customer in one place is added up first, so that places are looked up once each
each_customer as (
    select
        told_country,
        told_province,
        told_city,
        customer_id,
        age,
        count(*)                                                          as orders,
        sum(case when is_paid then 1 else 0 end)                          as paid,
        sum(case when is_paid and net_minor > 0 then 1 else 0 end)        as received,
        sum(case when is_paid and refunded_minor = 0 then 1 else 0 end)   as kept,
        sum(case when is_paid and refunded_minor > 0 then 1 else 0 end)   as refunded,
        sum(total_minor * rate)                                           as total,
        sum(case when is_paid then net_minor * rate end)                  as net,
        sum(case when is_paid then refunded_minor * rate end)             as given_back,
        sum(case when rate is null then 1 else 0 end)                     as unpriced
    from placed
    group by told_country, told_province, told_city, customer_id, age
),
sums as (
    select
        told_country,
        told_province,
        told_city,
        age,
        sum(orders)      as orders,
        sum(paid)        as paid,
        sum(received)    as received,
        sum(kept)        as kept,
        sum(refunded)    as refunded,
        sum(total)       as total,
        sum(net)         as net,
        sum(given_back)  as given_back,
        sum(unpriced)    as unpriced
    from each_customer
    group by told_country, told_province, told_city, age
),
told as (
    select distinct
        told_country,
        told_province,
        told_city,
        lower(told_country) in ('中国', '中国大陆', '中华人民共和国', 'china', 'cn', 'chn', 'mainland china', '中國') as is_china,
        case
            when lower(told_country) in (
                '香港', '中国香港', 'hong kong', 'hk', 'hkg', '澳门', '澳門', '中国澳门', 'macau', 'macao', 'mo', 'mac', '台湾', '臺灣', '中国台湾',
                'taiwan', 'tw', 'twn'
            ) then case
                when lower(told_country) in ('hk', 'hkg') then '香港'
                when lower(told_country) in ('mo', 'mac') then '澳门'
                when lower(told_country) in ('tw', 'twn') then '台湾'
                else replace(lower(told_country), '中国', '')
            end
            when lower(told_country) in ('', '中国', '中国大陆', '中华人民共和国', 'china', 'cn', 'chn', 'mainland china', '中國')
                then lower(told_province)
            else ''
        end as word
    from sums
),
located as (
    select
        told.told_country,
        told.told_province,
        told.told_city,
        case
            when told.is_china or (told.told_country = '' and max(names.division) is not null) then '中国'
            else told.told_country
        end                                                 as country,
        coalesce(max(names.division), '')                   as division,
        coalesce(max(names.name), told.told_province)       as province,
        case
            when length(told.told_city) > 2 and right(told.told_city, 1) = '市'
                then left(told.told_city, length(told.told_city) - 1)
            else told.told_city
        end                                                 as city
    from told
    left join names on starts_with(told.word, left(names.name, 2)) or starts_with(told.word, names.hant)
        or starts_with(told.word, names.latin) or starts_with(told.word, lower(names.division))
    group by told.told_country, told.told_province, told.told_city, told.is_china
),
levels as (
    select 'all' as level
    union all select 'country'
    union all select 'province'
    union all select 'city'
),
spread as (
    select
        told_country,
        told_province,
        told_city,
        levels.level,
        case
            when levels.level = 'all' then ''
            when levels.level = 'country' or located.division = '' then located.country
            else '中国'
        end                                                                                 as country,
        case when levels.level in ('province', 'city') then located.division else '' end    as division,
        case when levels.level in ('province', 'city') then located.province else '' end    as province,
        case when levels.level = 'city' then located.city else '' end                       as city
    from located
    cross join levels
),
places as (
    select *, dense_rank() over (order by level, country, division, province, city) as place_id
    from spread
),
-- somebody's newest paid order in a place tells in which spans they are counted there
newest as (
    select places.place_id, each_customer.customer_id, min(each_customer.age) as age
    from each_customer
    join places on places.told_country = each_customer.told_country
        and places.told_province = each_customer.told_province and places.told_city = each_customer.told_city
    where each_customer.customer_id is not null and each_customer.paid > 0
    group by places.place_id, each_customer.customer_id
),
customers as (
    select place_id, age, count(*) as customers
    from newest
    group by place_id, age
),
by_age as (
    select
        places.place_id,
        sums.age,
        max(places.level)     as level,
        max(places.country)   as country,
        max(places.division)  as division,
        max(places.province)  as province,
        max(places.city)      as city,
        sum(orders)           as orders,
        sum(paid)             as paid,
        sum(received)         as received,
        sum(kept)             as kept,
        sum(refunded)         as refunded,
        sum(total)            as total,
        sum(net)              as net,
        sum(given_back)       as given_back,
        sum(unpriced)         as unpriced
    from sums
    join places on places.told_country = sums.told_country and places.told_province = sums.told_province
        and places.told_city = sums.told_city
    group by places.place_id, sums.age
),
spans as (
    select 30 as days, 1 as last_age
    union all select 90, 2
    union all select 365, 3
    union all select 0, 4
)
select
    cast(spans.days as integer)                                  as days,
    by_age.level,
    by_age.country,
    by_age.division,
    by_age.province,
    by_age.city,
    cast(sum(orders) as bigint)                                  as orders,
    cast(sum(paid) as bigint)                                    as paid,
    cast(sum(received) as bigint)                                as received,
    cast(sum(kept) as bigint)                                    as kept,
    cast(sum(refunded) as bigint)                                as refunded,
    cast(coalesce(sum(customers.customers), 0) as bigint)        as customers,
    cast(round(coalesce(sum(total), 0)) as bigint)               as total_minor,
    cast(round(coalesce(sum(net), 0)) as bigint)                 as net_minor,
    cast(round(coalesce(sum(given_back), 0)) as bigint)          as refunded_minor,
    cast(sum(unpriced) as bigint)                                as unpriced
from spans
join by_age on by_age.age <= spans.last_age
left join customers on customers.place_id = by_age.place_id and customers.age = by_age.age
group by spans.days, by_age.level, by_age.country, by_age.division, by_age.province, by_age.city
order by days, level, net_minor desc, country, division, province, city
