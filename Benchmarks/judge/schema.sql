create table customers (customer_id bigint primary key, name text, email text, country char(2));
create table orders (order_id bigint primary key, customer_id bigint, status text, placed_at timestamptz);
create table order_items (order_id bigint, quantity integer, unit_price numeric(12, 2));
create table payments (order_id bigint, state text);
create schema sales;
create table dates (date_id integer primary key, calendar_day date);
create table items (item_id bigint primary key, class text, category text, current_price numeric(12, 2));
create table promotions (promotion_id bigint primary key, channel_store char, channel_catalog char, channel_web char,
  channel_partner char, channel_market char);
create table stores (store_id bigint primary key, store_name text, region text);
create table sales.store_sales (ss_sold_date_id integer, ss_item_id bigint, ss_customer_id bigint, ss_store_id bigint,
  ss_promotion_id bigint, ss_ticket_number bigint, ss_quantity integer, ss_sales_price numeric(12, 2),
  ss_list_price numeric(12, 2), ss_net_profit numeric(12, 2));
create table sales.store_returns (sr_item_id bigint, sr_ticket_number bigint, sr_return_quantity integer);
create table catalog_pages (page_id bigint primary key, page_name text, region text);
create table sales.catalog_sales (cs_sold_date_id integer, cs_item_id bigint, cs_customer_id bigint, cs_page_id bigint,
  cs_promotion_id bigint, cs_order_number bigint, cs_quantity integer, cs_sales_price numeric(12, 2),
  cs_list_price numeric(12, 2), cs_net_profit numeric(12, 2));
create table sales.catalog_returns (cr_item_id bigint, cr_order_number bigint, cr_return_quantity integer);
create table web_sites (site_id bigint primary key, site_name text, region text);
create table sales.web_sales (ws_sold_date_id integer, ws_item_id bigint, ws_customer_id bigint, ws_site_id bigint,
  ws_promotion_id bigint, ws_order_number bigint, ws_quantity integer, ws_sales_price numeric(12, 2),
  ws_list_price numeric(12, 2), ws_net_profit numeric(12, 2));
create table sales.web_returns (wr_item_id bigint, wr_order_number bigint, wr_return_quantity integer);
create table partners (partner_id bigint primary key, partner_name text, region text);
create table sales.partner_sales (ps_sold_date_id integer, ps_item_id bigint, ps_customer_id bigint, ps_partner_id bigint,
  ps_promotion_id bigint, ps_contract_number bigint, ps_quantity integer, ps_sales_price numeric(12, 2),
  ps_list_price numeric(12, 2), ps_net_profit numeric(12, 2));
create table sales.partner_returns (pr_item_id bigint, pr_contract_number bigint, pr_return_quantity integer);
create table marketplaces (market_id bigint primary key, market_name text, region text);
create table sales.market_sales (ms_sold_date_id integer, ms_item_id bigint, ms_customer_id bigint, ms_market_id bigint,
  ms_promotion_id bigint, ms_listing_number bigint, ms_quantity integer, ms_sales_price numeric(12, 2),
  ms_list_price numeric(12, 2), ms_net_profit numeric(12, 2));
create table sales.market_returns (mr_item_id bigint, mr_listing_number bigint, mr_return_quantity integer);
