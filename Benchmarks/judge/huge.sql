-- Revenue, returns and profit of five sales channels by outlet and item class, with shares, ranks and a trend.
with parameters as (
  select date '2024-01-01' as first_day, date '2024-12-31' as last_day, 0.05::numeric(5, 4) as tolerated_return_share
),
store_channel as (
  select
    'store'::text as channel,
    o.store_id as outlet_id,
    coalesce(o.store_name, 'unknown') as outlet_name,
    i.class as item_class,
    date_trunc('month', d.calendar_day)::date as month,
    count(*) as lines,
    count(distinct s.ss_customer_id) filter (where s.ss_customer_id is not null) as customers,
    sum(s.ss_quantity) as quantity,
    sum(s.ss_quantity * s.ss_sales_price) as revenue,
    sum(coalesce(s.ss_net_profit, 0)) as profit,
    sum(case when r.sr_ticket_number is null then 0 else r.sr_return_quantity * s.ss_sales_price end) as returned,
    avg(s.ss_list_price - s.ss_sales_price) as average_discount,
    percentile_cont(0.5) within group (order by s.ss_sales_price) as median_price
  from sales.store_sales s
  join dates d on d.date_id = s.ss_sold_date_id
  join items i on i.item_id = s.ss_item_id and i.current_price between 10 and 500
  join stores o on o.store_id = s.ss_store_id
  left join sales.store_returns r
    on r.sr_ticket_number = s.ss_ticket_number
    and r.sr_item_id = s.ss_item_id
  cross join parameters p
  where d.calendar_day between p.first_day and p.last_day
    and i.category in ('Books', 'Electronics', 'Home', 'Sports')
    and (s.ss_promotion_id is null or exists (
      select 1 from promotions x where x.promotion_id = s.ss_promotion_id and x.channel_store = 'Y'))
    and o.region not like 'Test%'
  group by o.store_id, o.store_name, i.class, date_trunc('month', d.calendar_day)
  having sum(s.ss_quantity) > 0
),
catalog_channel as (
  select
    'catalog'::text as channel,
    o.page_id as outlet_id,
    coalesce(o.page_name, 'unknown') as outlet_name,
    i.class as item_class,
    date_trunc('month', d.calendar_day)::date as month,
    count(*) as lines,
    count(distinct c.cs_customer_id) filter (where c.cs_customer_id is not null) as customers,
    sum(c.cs_quantity) as quantity,
    sum(c.cs_quantity * c.cs_sales_price) as revenue,
    sum(coalesce(c.cs_net_profit, 0)) as profit,
    sum(case when r.cr_order_number is null then 0 else r.cr_return_quantity * c.cs_sales_price end) as returned,
    avg(c.cs_list_price - c.cs_sales_price) as average_discount,
    percentile_cont(0.5) within group (order by c.cs_sales_price) as median_price
  from sales.catalog_sales c
  join dates d on d.date_id = c.cs_sold_date_id
  join items i on i.item_id = c.cs_item_id and i.current_price between 10 and 500
  join catalog_pages o on o.page_id = c.cs_page_id
  left join sales.catalog_returns r
    on r.cr_order_number = c.cs_order_number
    and r.cr_item_id = c.cs_item_id
  cross join parameters p
  where d.calendar_day between p.first_day and p.last_day
    and i.category in ('Books', 'Electronics', 'Home', 'Sports')
    and (c.cs_promotion_id is null or exists (
      select 1 from promotions x where x.promotion_id = c.cs_promotion_id and x.channel_catalog = 'Y'))
    and o.region not like 'Test%'
  group by o.page_id, o.page_name, i.class, date_trunc('month', d.calendar_day)
  having sum(c.cs_quantity) > 0
),
web_channel as (
  select
    'web'::text as channel,
    o.site_id as outlet_id,
    coalesce(o.site_name, 'unknown') as outlet_name,
    i.class as item_class,
    date_trunc('month', d.calendar_day)::date as month,
    count(*) as lines,
    count(distinct w.ws_customer_id) filter (where w.ws_customer_id is not null) as customers,
    sum(w.ws_quantity) as quantity,
    sum(w.ws_quantity * w.ws_sales_price) as revenue,
    sum(coalesce(w.ws_net_profit, 0)) as profit,
    sum(case when r.wr_order_number is null then 0 else r.wr_return_quantity * w.ws_sales_price end) as returned,
    avg(w.ws_list_price - w.ws_sales_price) as average_discount,
    percentile_cont(0.5) within group (order by w.ws_sales_price) as median_price
  from sales.web_sales w
  join dates d on d.date_id = w.ws_sold_date_id
  join items i on i.item_id = w.ws_item_id and i.current_price between 10 and 500
  join web_sites o on o.site_id = w.ws_site_id
  left join sales.web_returns r
    on r.wr_order_number = w.ws_order_number
    and r.wr_item_id = w.ws_item_id
  cross join parameters p
  where d.calendar_day between p.first_day and p.last_day
    and i.category in ('Books', 'Electronics', 'Home', 'Sports')
    and (w.ws_promotion_id is null or exists (
      select 1 from promotions x where x.promotion_id = w.ws_promotion_id and x.channel_web = 'Y'))
    and o.region not like 'Test%'
  group by o.site_id, o.site_name, i.class, date_trunc('month', d.calendar_day)
  having sum(w.ws_quantity) > 0
),
partner_channel as (
  select
    'partner'::text as channel,
    o.partner_id as outlet_id,
    coalesce(o.partner_name, 'unknown') as outlet_name,
    i.class as item_class,
    date_trunc('month', d.calendar_day)::date as month,
    count(*) as lines,
    count(distinct p.ps_customer_id) filter (where p.ps_customer_id is not null) as customers,
    sum(p.ps_quantity) as quantity,
    sum(p.ps_quantity * p.ps_sales_price) as revenue,
    sum(coalesce(p.ps_net_profit, 0)) as profit,
    sum(case when r.pr_contract_number is null then 0 else r.pr_return_quantity * p.ps_sales_price end) as returned,
    avg(p.ps_list_price - p.ps_sales_price) as average_discount,
    percentile_cont(0.5) within group (order by p.ps_sales_price) as median_price
  from sales.partner_sales p
  join dates d on d.date_id = p.ps_sold_date_id
  join items i on i.item_id = p.ps_item_id and i.current_price between 10 and 500
  join partners o on o.partner_id = p.ps_partner_id
  left join sales.partner_returns r
    on r.pr_contract_number = p.ps_contract_number
    and r.pr_item_id = p.ps_item_id
  cross join parameters p
  where d.calendar_day between p.first_day and p.last_day
    and i.category in ('Books', 'Electronics', 'Home', 'Sports')
    and (p.ps_promotion_id is null or exists (
      select 1 from promotions x where x.promotion_id = p.ps_promotion_id and x.channel_partner = 'Y'))
    and o.region not like 'Test%'
  group by o.partner_id, o.partner_name, i.class, date_trunc('month', d.calendar_day)
  having sum(p.ps_quantity) > 0
),
market_channel as (
  select
    'market'::text as channel,
    o.market_id as outlet_id,
    coalesce(o.market_name, 'unknown') as outlet_name,
    i.class as item_class,
    date_trunc('month', d.calendar_day)::date as month,
    count(*) as lines,
    count(distinct m.ms_customer_id) filter (where m.ms_customer_id is not null) as customers,
    sum(m.ms_quantity) as quantity,
    sum(m.ms_quantity * m.ms_sales_price) as revenue,
    sum(coalesce(m.ms_net_profit, 0)) as profit,
    sum(case when r.mr_listing_number is null then 0 else r.mr_return_quantity * m.ms_sales_price end) as returned,
    avg(m.ms_list_price - m.ms_sales_price) as average_discount,
    percentile_cont(0.5) within group (order by m.ms_sales_price) as median_price
  from sales.market_sales m
  join dates d on d.date_id = m.ms_sold_date_id
  join items i on i.item_id = m.ms_item_id and i.current_price between 10 and 500
  join marketplaces o on o.market_id = m.ms_market_id
  left join sales.market_returns r
    on r.mr_listing_number = m.ms_listing_number
    and r.mr_item_id = m.ms_item_id
  cross join parameters p
  where d.calendar_day between p.first_day and p.last_day
    and i.category in ('Books', 'Electronics', 'Home', 'Sports')
    and (m.ms_promotion_id is null or exists (
      select 1 from promotions x where x.promotion_id = m.ms_promotion_id and x.channel_market = 'Y'))
    and o.region not like 'Test%'
  group by o.market_id, o.market_name, i.class, date_trunc('month', d.calendar_day)
  having sum(m.ms_quantity) > 0
),
channels as (
  select channel, outlet_id, outlet_name, item_class, month, lines, customers, quantity, revenue, profit, returned, average_discount
  from store_channel
  union all
  select channel, outlet_id, outlet_name, item_class, month, lines, customers, quantity, revenue, profit, returned, average_discount
  from catalog_channel
  union all
  select channel, outlet_id, outlet_name, item_class, month, lines, customers, quantity, revenue, profit, returned, average_discount
  from web_channel
  union all
  select channel, outlet_id, outlet_name, item_class, month, lines, customers, quantity, revenue, profit, returned, average_discount
  from partner_channel
  union all
  select channel, outlet_id, outlet_name, item_class, month, lines, customers, quantity, revenue, profit, returned, average_discount
  from market_channel
),
monthly as (
  select
    c.*,
    sum(c.revenue) over (partition by c.channel, c.item_class order by c.month rows between 2 preceding and current row)
      as revenue_of_three_months,
    lag(c.revenue, 12) over (partition by c.channel, c.outlet_id, c.item_class order by c.month) as revenue_a_year_ago,
    rank() over (partition by c.month order by c.profit desc) as place_by_profit
  from channels c
)
select
  m.channel,
  m.outlet_name,
  m.item_class,
  to_char(m.month, 'YYYY-MM') as month,
  sum(m.lines) as lines,
  sum(m.customers) as customers,
  sum(m.revenue) as revenue,
  sum(m.profit) as profit,
  round(sum(m.returned) / nullif(sum(m.revenue), 0), 4) as return_share,
  round(100 * sum(m.revenue) / sum(sum(m.revenue)) over (partition by m.month), 2) as share_of_month,
  max(m.revenue_of_three_months) as revenue_of_three_months,
  case
    when max(m.revenue_a_year_ago) is null then 'new'
    when sum(m.revenue) > 1.1 * max(m.revenue_a_year_ago) then 'growing'
    when sum(m.revenue) < 0.9 * max(m.revenue_a_year_ago) then 'shrinking'
    else 'steady'
  end as trend,
  min(m.place_by_profit) as best_place
from monthly m
where m.place_by_profit <= 100
  and m.channel = any (array['store', 'catalog', 'web', 'partner', 'market'])
group by grouping sets ((m.channel, m.outlet_name, m.item_class, m.month), (m.channel, m.month), ())
having sum(m.revenue) > (select avg(revenue) from monthly where channel = 'store')
order by revenue desc nulls last, m.channel, month
limit 500
