import { Pool, type PoolClient } from 'pg';
import { z } from 'zod';
import type { Author, Crm, CrmWrite, Written } from './crm.ts';
import { asNotDone } from './sql-error.ts';

const CustomerSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  tier: z.string(),
  bankAccount: z.string().nullable(),
  notes: z.string(),
});
const OrderSchema = z.object({
  number: z.string(),
  customer: z.string(),
  status: z.string(),
  carrier: z.string().nullable(),
  trackingUrl: z.string().nullable(),
  totalMinor: z.coerce.number().int(),
  currency: z.string(),
  items: z.array(z.object({ name: z.string(), quantity: z.int() })),
});
const InvoiceSchema = z.object({
  id: z.string(),
  order: z.string(),
  customer: z.string(),
  totalMinor: z.coerce.number().int(),
  currency: z.string(),
  issuedOn: z.string(),
});
const WrittenSchema = z.object({ id: z.coerce.number().int() });

export interface PostgresCrmOptions {
  /** A connection string of the agent's own role, which the database grants no more than the job needs. */
  readonly url: string;
  readonly poolSize?: number;
}

/** The sample company's tables, in schema `acme`; see `examples/acme-support/schema.sql`. */
export function postgresCrm({ url, poolSize = 4 }: PostgresCrmOptions): Crm {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 10_000,
    application_name: 'remit crm',
    statement_timeout: 10_000,
    query_timeout: 15_000,
  });
  pool.on('error', () => undefined); // an idle connection that breaks is replaced at its next use
  const rows = async (sql: string, values: readonly unknown[]): Promise<readonly unknown[]> =>
    (await pool.query<Record<string, unknown>>(sql, [...values])).rows;
  const first = async <Value>(
    schema: z.ZodType<Value>,
    sql: string,
    values: readonly unknown[],
  ): Promise<Value | undefined> => schema.optional().parse((await rows(sql, values))[0]);
  return {
    customers: async ({ email, name }) =>
      email === undefined && name === undefined
        ? []
        : z.array(CustomerSchema).parse(await rows(FIND_CUSTOMERS, [email ?? null, name ?? null])),
    order: (number) => first(OrderSchema, FIND_ORDER, [number]),
    invoice: (id) => first(InvoiceSchema, FIND_INVOICE, [id]),
    hasDomain: async (domain) => (await rows(FIND_DOMAIN, [domain])).length > 0,
    write: (key, write, author) => writeOnce(pool, key, write, author),
    written: (key, kind) => first(WrittenSchema, `select id from ${TABLES[kind]} where key = $1`, [key]),
    close: () => pool.end(),
  };
}

const FIND_CUSTOMERS = `
  select id, name, email, tier, bank_account as "bankAccount", notes from acme.customers
  where ($1::text is null or lower(email) = lower($1)) and ($2::text is null or lower(name) = lower($2))
  order by id limit 20`;
const FIND_ORDER = `
  select number, customer_id as customer, status, carrier, tracking_url as "trackingUrl",
         total_minor as "totalMinor", currency, items
  from acme.orders where number = $1`;
const FIND_INVOICE = `
  select id, order_number as "order", customer_id as customer, total_minor as "totalMinor", currency,
         to_char(issued_on, 'YYYY-MM-DD') as "issuedOn"
  from acme.invoices where id = $1`;
const FIND_DOMAIN = `select 1 from acme.customers where lower(split_part(email, '@', 2)) = lower($1) limit 1`;

const TABLES: Readonly<Record<CrmWrite['kind'], string>> = {
  note: 'acme.notes',
  handover: 'acme.handovers',
  refundProposal: 'acme.refund_proposals',
  refund: 'acme.refunds',
  customerChange: 'acme.customer_changes',
};

/** INVARIANT: a key is written at most once: its unique column and the row it stands for commit together. */
async function writeOnce(pool: Pool, key: string, write: CrmWrite, author: Author): Promise<Written> {
  const client = await pool.connect().catch((error: unknown) => asNotDone(error, 'before'));
  let broken: Error | undefined;
  try {
    return await inTransaction(client, () => insert(client, key, write, author));
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function inTransaction<Value>(client: PoolClient, work: () => Promise<Value>): Promise<Value> {
  const value = await client
    .query('begin')
    .then(work)
    .catch(async (error: unknown) => {
      await client.query('rollback').catch(() => undefined);
      return asNotDone(error, 'before');
    });
  await client.query('commit').catch((error: unknown) => asNotDone(error, 'during'));
  return value;
}

async function insert(client: PoolClient, key: string, write: CrmWrite, author: Author): Promise<Written> {
  const row = { key, agent: author.agent, job_id: author.jobId, ...columnsOf(write) };
  const names = Object.keys(row);
  const { rows: inserted } = await client.query(
    `insert into ${TABLES[write.kind]} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})
     on conflict (key) do nothing returning id`,
    Object.values(row),
  );
  if (inserted.length > 0 && write.kind === 'customerChange') await applyChange(client, write);
  if (inserted.length > 0) return WrittenSchema.parse(inserted[0]);
  const { rows: earlier } = await client.query(`select id from ${TABLES[write.kind]} where key = $1`, [key]);
  return WrittenSchema.parse(earlier[0]);
}

function columnsOf(write: CrmWrite): Readonly<Record<string, unknown>> {
  switch (write.kind) {
    case 'note':
      return { message_id: write.messageId, customer_id: write.customerId ?? null, text: write.text };
    case 'handover':
      return { message_id: write.messageId, reason: write.reason };
    case 'refundProposal':
      return {
        order_number: write.order,
        amount_minor: write.amountMinor,
        currency: write.currency,
        reason: write.reason,
      };
    case 'refund':
      return {
        customer_id: write.customerId,
        order_number: write.order,
        amount_minor: write.amountMinor,
        currency: write.currency,
      };
    case 'customerChange':
      return { customer_id: write.customerId, changes: JSON.stringify(write.changes) };
  }
}

async function applyChange(
  client: PoolClient,
  { customerId, changes }: CrmWrite & { kind: 'customerChange' },
): Promise<void> {
  const { name, email, tier, bankAccount } = changes;
  await client.query(
    `update acme.customers set name = coalesce($2, name), email = coalesce($3, email), tier = coalesce($4, tier),
            bank_account = coalesce($5, bank_account) where id = $1`,
    [customerId, name ?? null, email ?? null, tier ?? null, bankAccount ?? null],
  );
}
