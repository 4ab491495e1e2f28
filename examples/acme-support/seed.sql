-- The sample company's customers, orders and invoices. Safe to run again: what is there stays as it is.

insert into acme.customers (id, name, email, tier, bank_account, notes) values
  ('C-1001', 'Dana Whitfield', 'dana@acme.example', 'staff', null, 'Orders for the showroom'),
  ('C-1002', 'Lena Brandt', 'lena.brandt@brandt-moebel.example', 'gold', 'DE89370400440532013000', ''),
  ('C-1003', 'Jan de Vries', 'devries@huis.example', 'standard', null, 'The elder'),
  ('C-1004', 'Jan de Vries', 'devries@huis.example', 'standard', null, 'The younger'),
  ('C-1005', 'Omar Haddad', 'omar@haddad-trading.example', 'gold', 'GB29NWBK60161331926819', 'Pays by direct debit'),
  ('C-1006', 'Priya Nair', 'priya.nair@post.example', 'standard', null, ''),
  ('C-1007', 'Tom Okafor', 'tom@okafor.example', 'standard', null, ''),
  ('C-1008', 'Zoë Lefèvre', 'zoe.lefevre@atelier.example', 'standard', null, 'Writes French'),
  ('C-1009', 'Sam Rivera', 'sam@acme.example', 'staff', null, 'Orders for the workshop')
on conflict (id) do nothing;

insert into acme.orders (number, customer_id, status, carrier, tracking_url, total_minor, currency, items) values
  ('A-20411', 'C-1001', 'shipped', 'Parcelo', 'https://track.parcelo.example/PX20411', 12900, 'EUR', '[{"name": "Desk lamp", "quantity": 3}]'),
  ('A-20412', 'C-1002', 'in production', null, null, 249000, 'EUR', '[{"name": "Oak table", "quantity": 1}]'),
  ('A-20413', 'C-1003', 'delivered', 'Parcelo', 'https://track.parcelo.example/PX20413', 4900, 'EUR', '[{"name": "Wall hook", "quantity": 7}]'),
  ('A-20414', 'C-1004', 'packed', null, null, 15900, 'EUR', '[{"name": "Bookshelf", "quantity": 1}]'),
  ('A-20415', 'C-1005', 'shipped', 'Shipwell', 'https://shipwell.example/t/20415', 88000, 'GBP', '[{"name": "Office chair", "quantity": 4}]'),
  ('A-20416', 'C-1006', 'delivered', 'Parcelo', 'https://track.parcelo.example/PX20416', 7450, 'EUR', '[{"name": "Teapot", "quantity": 1}]'),
  ('A-20417', 'C-1007', 'delayed', 'Shipwell', 'https://shipwell.example/t/20417', 32000, 'EUR', '[{"name": "Armchair", "quantity": 1}]'),
  ('A-20418', 'C-1008', 'shipped', 'Parcelo', 'https://track.parcelo.example/PX20418', 5600, 'EUR', '[{"name": "Tissu brodé", "quantity": 2}]'),
  ('A-20419', 'C-1009', 'ready for collection', null, null, 1990, 'EUR', '[{"name": "Glue clamps", "quantity": 10}]')
on conflict (number) do nothing;

insert into acme.invoices (id, order_number, customer_id, total_minor, currency, issued_on) values
  ('1042', 'A-20411', 'C-1001', 12900, 'EUR', '2026-10-02'),
  ('1043', 'A-20412', 'C-1002', 249000, 'EUR', '2026-10-05'),
  ('1044', 'A-20415', 'C-1005', 88000, 'GBP', '2026-10-09'),
  ('1045', 'A-20416', 'C-1006', 7450, 'EUR', '2026-10-12')
on conflict (id) do nothing;
