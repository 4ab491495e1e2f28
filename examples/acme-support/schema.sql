-- The sample company's own database: schema `acme`, apart from the ledger's, and one role per agent with the least it needs.
-- Safe to run again.

create schema if not exists acme;

create table if not exists acme.customers (
  id text primary key,
  name text not null,
  -- not unique: a household may share one address
  email text not null,
  tier text not null default 'standard',
  bank_account text,
  notes text not null default ''
);
create index if not exists customers_by_email on acme.customers (lower(email));

create table if not exists acme.orders (
  number text primary key,
  customer_id text not null references acme.customers,
  status text not null,
  carrier text,
  tracking_url text,
  total_minor integer not null check (total_minor >= 0),
  currency text not null,
  items jsonb not null
);

create table if not exists acme.invoices (
  id text primary key,
  order_number text not null references acme.orders,
  customer_id text not null references acme.customers,
  total_minor integer not null check (total_minor >= 0),
  currency text not null,
  issued_on date not null
);

-- What agents write. `key` is the effect's key: a second attempt at the same effect finds the row and adds none.
create table if not exists acme.notes (
  id bigint generated always as identity primary key,
  key text not null unique,
  agent text not null,
  job_id text not null,
  at timestamptz not null default now(),
  message_id text not null,
  customer_id text references acme.customers,
  text text not null
);

create table if not exists acme.handovers (
  id bigint generated always as identity primary key,
  key text not null unique,
  agent text not null,
  job_id text not null,
  at timestamptz not null default now(),
  message_id text not null,
  reason text not null
);

create table if not exists acme.refund_proposals (
  id bigint generated always as identity primary key,
  key text not null unique,
  agent text not null,
  job_id text not null,
  at timestamptz not null default now(),
  order_number text not null references acme.orders,
  amount_minor integer not null check (amount_minor > 0),
  currency text not null,
  reason text not null
);

create table if not exists acme.refunds (
  id bigint generated always as identity primary key,
  key text not null unique,
  agent text not null,
  job_id text not null,
  at timestamptz not null default now(),
  customer_id text not null references acme.customers,
  order_number text not null references acme.orders,
  amount_minor integer not null check (amount_minor > 0),
  currency text not null
);

create table if not exists acme.customer_changes (
  id bigint generated always as identity primary key,
  key text not null unique,
  agent text not null,
  job_id text not null,
  at timestamptz not null default now(),
  customer_id text not null references acme.customers,
  changes jsonb not null
);

-- The agent `support-inbox`: it looks things up, leaves notes and asks people. It cannot change a customer or move money,
-- whatever its charter says: the second wall.
grant usage on schema acme to acme_support_inbox;
grant select on acme.customers, acme.orders, acme.invoices to acme_support_inbox;
grant insert on acme.notes, acme.handovers, acme.refund_proposals to acme_support_inbox;
grant select (id, key) on acme.notes, acme.handovers, acme.refund_proposals, acme.refunds to acme_support_inbox;
