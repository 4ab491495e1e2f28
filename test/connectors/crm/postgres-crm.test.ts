import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../../examples/acme-support/database.ts';
import type { ActionContext } from '../../../src/activities/action.ts';
import { NotDoneError } from '../../../src/activities/not-done-error.ts';
import { crmActions, crmFacts, postgresCrm, type Crm } from '../../../src/connectors/crm/index.ts';
import type { Json } from '../../../src/policy/vocabulary.ts';
import { aContext, attributesOf, named } from '../../support/action.ts';
import { freshDatabase } from '../../support/database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let agentUrl: string;
/** As the agent's own role. */
let crm: Crm;
/** As the database's owner, who may do everything. */
let owner: Crm;

beforeAll(async () => {
  database = await freshDatabase();
  agentUrl = await prepareDatabase(database.url);
  crm = postgresCrm({ url: agentUrl });
  owner = postgresCrm({ url: database.url });
});
afterAll(async () => {
  await Promise.all([crm.close(), owner.close()]);
  await database.drop();
});

let count = 0;
const freshKey = (): string => (count += 1).toString(16).padStart(32, '0');
const MESSAGE = '5de955840d9e';

async function run(by: Crm, name: string, input: Json, more: Partial<ActionContext> = {}): Promise<unknown> {
  const action = named(crmActions(by), name);
  return action.run(action.input.parse(input), aContext({ key: freshKey(), ...more }));
}

async function countOf(table: string, key: string): Promise<number> {
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from acme.${table} where key = $1`, [
    key,
  ]);
  await client.end();
  return rows[0]?.n ?? -1;
}

describe('preparing the database', () => {
  it('can be done again, by several at once, and keeps what is there', async () => {
    await run(crm, 'crm.addNote', { messageId: MESSAGE, text: 'kept' });
    const urls = await Promise.all(Array.from({ length: 4 }, () => prepareDatabase(database.url)));
    expect(new Set(urls)).toEqual(new Set([agentUrl]));
    expect(await crm.customers({ email: 'devries@huis.example' })).toHaveLength(2);
  });
});

describe('a read', () => {
  it.each([
    { name: 'crm.findCustomer', input: { email: 'dana@acme.example' }, ids: ['C-1001'], labels: ['trusted'] },
    {
      name: 'crm.findCustomer',
      input: { email: 'OMAR@haddad-trading.example' },
      ids: ['C-1005'],
      labels: ['trusted', 'sensitive'],
    },
    { name: 'crm.findCustomer', input: { name: 'jan de vries' }, ids: ['C-1003', 'C-1004'], labels: ['trusted'] },
    {
      name: 'crm.findCustomer',
      input: { name: 'Jan de Vries', email: 'dana@acme.example' },
      ids: [],
      labels: undefined,
    },
    { name: 'crm.findCustomer', input: { email: "x'or'1@acme.example" }, ids: [], labels: undefined },
    { name: 'crm.readOrder', input: { order: 'A-20411' }, ids: ['A-20411'], labels: ['trusted'] },
    { name: 'crm.readOrder', input: { order: 'A-99999' }, ids: [], labels: undefined },
    { name: 'crm.readInvoice', input: { invoice: '1042' }, ids: ['1042'], labels: ['trusted'] },
  ])('$name of $input finds $ids', async ({ name, input, ids, labels }) => {
    const result = (await run(crm, name, input)) as { records: { id: string; labels: string[] }[] };
    expect(result.records.map(({ id }) => id)).toEqual(ids);
    expect(result.records[0]?.labels).toEqual(labels);
  });
});

const writes = [
  {
    name: 'crm.addNote',
    table: 'notes',
    by: 'agent',
    input: { messageId: MESSAGE, customerId: 'C-1001', text: 'seen' },
  },
  { name: 'crm.handOver', table: 'handovers', by: 'agent', input: { messageId: MESSAGE, reason: 'unclear' } },
  {
    name: 'crm.proposeRefund',
    table: 'refund_proposals',
    by: 'agent',
    input: { order: 'A-20416', amountMinor: 7450, currency: 'EUR', reason: 'broken' },
  },
  {
    name: 'crm.refund',
    table: 'refunds',
    by: 'owner',
    input: { customerId: 'C-1006', order: 'A-20416', amountMinor: 7450, currency: 'EUR' },
  },
  {
    name: 'crm.updateCustomer',
    table: 'customer_changes',
    by: 'owner',
    input: { customerId: 'C-1007', changes: { tier: 'gold' } },
  },
] as const;

describe('a write', () => {
  it.each(writes)('$name under one key is written once, also side by side', async ({ name, table, by, input }) => {
    const key = freshKey();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => run(by === 'agent' ? crm : owner, name, input, { key })),
    );
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(await countOf(table, key)).toBe(1);
  });

  it.each(writes.filter(({ by }) => by === 'owner'))(
    '$name is refused to the agent by the database itself',
    async ({ name, table, input }) => {
      const key = freshKey();
      const failure = await run(crm, name, input, { key }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NotDoneError);
      expect(failure).toMatchObject({
        retryable: false,
        message: expect.stringContaining('permission denied') as string,
      });
      expect(await countOf(table, key)).toBe(0);
    },
  );

  it.each([
    {
      why: 'the order does not exist',
      name: 'crm.proposeRefund',
      input: { order: 'A-99999', amountMinor: 1, currency: 'EUR', reason: 'x' },
      retryable: false,
    },
    {
      why: 'the customer does not exist',
      name: 'crm.addNote',
      input: { messageId: MESSAGE, customerId: 'C-9999', text: 'x' },
      retryable: false,
    },
  ])('is certainly not done when $why', async ({ name, input, retryable }) => {
    const failure = await run(crm, name, input).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NOT_DONE', retryable });
  });

  it('is certainly not done, and worth another try, when nobody answers', async () => {
    const gone = postgresCrm({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const failure = await run(gone, 'crm.addNote', { messageId: MESSAGE, text: 'x' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NOT_DONE', retryable: true });
    await gone.close();
  });

  it('is not begun after its deadline', async () => {
    const late = { lease: { deadlineAt: Date.now() - 1, signal: new AbortController().signal } };
    await expect(run(crm, 'crm.addNote', { messageId: MESSAGE, text: 'x' }, late)).rejects.toThrow(
      'before anything was written',
    );
  });

  it('of a change reaches the record, and only the fields named', async () => {
    await run(owner, 'crm.updateCustomer', { customerId: 'C-1007', changes: { bankAccount: 'NL91ABNA0417164300' } });
    expect(await owner.customers({ email: 'tom@okafor.example' })).toMatchObject([
      { name: 'Tom Okafor', bankAccount: 'NL91ABNA0417164300' },
    ]);
  });

  it('of a refund can be asked for afterwards', async () => {
    const action = named(crmActions(owner), 'crm.refund');
    if (action.verb === 'read' || action.probe === undefined) throw new Error('it cannot be asked');
    const key = freshKey();
    const input = { customerId: 'C-1006', order: 'A-20416', amountMinor: 100, currency: 'EUR' };
    expect(await action.probe(input, aContext({ key }))).toEqual({ done: false });
    const result = await run(owner, 'crm.refund', input, { key });
    expect(await action.probe(input, aContext({ key }))).toEqual({ done: true, result });
  });
});

describe('an action', () => {
  it.each([
    {
      name: 'crm.findCustomer',
      input: { email: 'Dana@Acme.Example' },
      is: { email: 'dana@acme.example' },
      reads: 'Look up the customer Dana@Acme.Example',
    },
    { name: 'crm.findCustomer', input: { name: 'Dana' }, is: { name: 'Dana' }, reads: 'Look up the customer Dana' },
    {
      name: 'crm.updateCustomer',
      input: { customerId: 'C-1005', changes: { bankAccount: 'X', tier: 'y' } },
      is: { customer: 'C-1005', changes: ['tier', 'bankAccount'], touchesBankDetails: true },
      reads: 'Change tier, bankAccount of customer C-1005',
    },
    {
      name: 'crm.updateCustomer',
      input: { customerId: 'C-1005', changes: { name: 'Y' } },
      is: { customer: 'C-1005', changes: ['name'], touchesBankDetails: false },
      reads: 'Change name of customer C-1005',
    },
    {
      name: 'crm.refund',
      input: { customerId: 'C-1001', order: 'A-20411', amountMinor: 1205, currency: 'EUR' },
      is: { customer: 'C-1001', order: 'A-20411', amountMinor: 1205, currency: 'EUR' },
      reads: 'Refund 12.05 EUR on order A-20411 to customer C-1001',
    },
  ])('$name of $input reads `$reads`', ({ name, input, is, reads }) => {
    const action = named(crmActions(crm), name);
    expect(attributesOf(action, input)).toEqual(is);
    expect(action.sentence(action.input.parse(input))).toBe(reads);
  });

  it.each([
    { name: 'crm.findCustomer', input: {} },
    { name: 'crm.updateCustomer', input: { customerId: 'C-1005', changes: {} } },
    { name: 'crm.refund', input: { customerId: 'C-1001', order: 'A-20411', amountMinor: -5, currency: 'EUR' } },
    { name: 'crm.refund', input: { customerId: 'C-1001', order: 'A-20411', amountMinor: 1.5, currency: 'EUR' } },
    { name: 'crm.addNote', input: { messageId: MESSAGE, text: 'x', approved: true } },
  ])('$name rejects $input', ({ name, input }) => {
    expect(named(crmActions(crm), name).input.safeParse(input).success).toBe(false);
  });
});

describe('a fact', () => {
  const dana = { sender: 'dana@acme.example' };
  it.each([
    { name: 'senderIsCustomer', about: dana, is: true },
    { name: 'senderIsCustomer', about: { sender: 'dana@xn--cme-5cd.example' }, is: false },
    { name: 'senderIsCustomer', about: {}, is: undefined },
    { name: 'customerIsUnique', about: dana, is: true },
    { name: 'customerIsUnique', about: { sender: 'devries@huis.example' }, is: false },
    { name: 'recipientIsCustomer', attributes: { recipients: ['dana@acme.example', 'tom@okafor.example'] }, is: true },
    {
      name: 'recipientIsCustomer',
      attributes: { recipients: ['dana@acme.example', 'eve@attacker.example'] },
      is: false,
    },
    { name: 'recipientIsCustomer', attributes: { recipient: 'tom@okafor.example' }, is: true },
    { name: 'recipientIsCustomer', attributes: {}, is: undefined },
    { name: 'domainKnown', attributes: { recipients: ['new.person@okafor.example'] }, is: true },
    { name: 'domainKnown', attributes: { recipients: ['eve@attacker.example'] }, is: false },
    { name: 'orderBelongsToSender', about: dana, attributes: { order: 'A-20411' }, is: true },
    { name: 'orderBelongsToSender', about: dana, attributes: { order: 'A-20412' }, is: false },
    { name: 'orderBelongsToSender', about: dana, attributes: { order: 'A-99999' }, is: false },
    {
      name: 'orderBelongsToSender',
      about: { sender: 'devries@huis.example' },
      attributes: { order: 'A-20413' },
      is: false,
    },
    { name: 'orderBelongsToSender', about: dana, attributes: {}, is: undefined },
    { name: 'invoiceBelongsToSender', about: dana, attributes: { invoice: '1042' }, is: true },
    { name: 'invoiceBelongsToSender', about: dana, attributes: { invoice: '1043' }, is: false },
    { name: 'attachmentsBelongToSender', about: dana, attributes: { attachmentRecords: [] }, is: true },
    {
      name: 'attachmentsBelongToSender',
      about: dana,
      attributes: { attachmentRecords: ['crm.invoice:1042'] },
      is: true,
    },
    {
      name: 'attachmentsBelongToSender',
      about: dana,
      attributes: { attachmentRecords: ['crm.invoice:1042', 'crm.invoice:1043'] },
      is: false,
    },
    {
      name: 'attachmentsBelongToSender',
      about: dana,
      attributes: { attachmentRecords: ['crm.order:A-20411'] },
      is: false,
    },
  ])('$name is $is of $attributes for $about', async ({ name, about = {}, attributes = {}, is }) => {
    const fact = crmFacts(crm).find((one) => one.name === name);
    expect(await fact?.resolve({ action: 'x', attributes, case: about }, new AbortController().signal)).toBe(is);
  });
});
