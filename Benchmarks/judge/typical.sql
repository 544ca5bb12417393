select c.customer_id, c.name, c.email, count(distinct o.order_id) as orders, sum(i.quantity * i.unit_price) as revenue
from customers c
join orders o on o.customer_id = c.customer_id and o.status <> 'cancelled'
join order_items i on i.order_id = o.order_id
where o.placed_at >= current_date - interval '90 days'
  and c.country in ('DE', 'AT', 'CH')
  and exists (select 1 from payments p where p.order_id = o.order_id and p.state = 'settled')
group by c.customer_id, c.name, c.email
having sum(i.quantity * i.unit_price) > 1000
order by revenue desc limit 50
