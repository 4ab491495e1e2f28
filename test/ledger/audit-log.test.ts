import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { AuditNotes, eraseBodies, verifyStored } from '../../src/ledger/audit-log.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { freshDatabase } from '../support/database.ts';

let ledger: Ledger;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  ledger = await Ledger.open(database.url);
});
afterAll(async () => {
  await ledger.close();
  await drop();
});

let chain = '';
let count = 0;
beforeEach(async () => {
  chain = `job-${count++}`;
  for (let turn = 0; turn < 4; turn++) {
    const notes = new AuditNotes(chain, 1_000 + turn);
    notes.add({
      kind: 'input',
      at: 1_000 + turn,
      what: 'thought',
      says: `turn ${turn}`,
      body: notes.body({ turn, secret: 'dana' }),
    });
    await ledger.run((db) => notes.write(db));
  }
});

/** As a database superuser would: past the trigger that keeps everyone else from it. */
async function tamper(statement: string): Promise<void> {
  await ledger.transaction(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql.raw(statement.replaceAll('$chain', `'${chain}'`)).execute(trx);
  });
}

describe('a chain', () => {
  it('verifies as it was written', async () => {
    expect(await verifyStored(ledger, chain)).toEqual({ ok: true, entries: 4, erasedBodies: 0 });
  });

  it('verifies after its bodies are erased, and their content is gone', async () => {
    expect(await eraseBodies(ledger, chain)).toBe(4);
    expect(await verifyStored(ledger, chain)).toEqual({ ok: true, entries: 4, erasedBodies: 4 });
  });

  it.each([
    [
      'an entry was changed',
      `update remit.audit_entry set entry = replace(entry, 'turn 2', 'turn 9') where chain_id = $chain and seq = 3`,
      3,
    ],
    ['a row was removed', `delete from remit.audit_entry where chain_id = $chain and seq = 2`, 2],
    ['the end was cut off', `delete from remit.audit_entry where chain_id = $chain and seq = 4`, 4],
    [
      'a column beside the entry was changed',
      `update remit.audit_entry set at = 5 where chain_id = $chain and seq = 1`,
      1,
    ],
    ['a hash was changed', `update remit.audit_entry set hash = sha256('x') where chain_id = $chain and seq = 2`, 2],
    [
      'a body was changed',
      `update remit.body set content = '{"turn":0,"secret":"eve"}' where body_id = (select body_id from remit.body where job_id = $chain and made_at = 1001)`,
      2,
    ],
    ['a body was removed', `delete from remit.body where job_id = $chain and made_at = 1002`, 3],
    [
      'two rows were swapped',
      `update remit.audit_entry set seq = case seq when 2 then -3 else -2 end where chain_id = $chain and seq in (2, 3); update remit.audit_entry set seq = -seq where chain_id = $chain and seq < 0`,
      2,
    ],
    [
      'an entry is no longer JSON',
      `update remit.audit_entry set entry = 'gone' where chain_id = $chain and seq = 2`,
      2,
    ],
  ])('names the first bad row when %s', async (_what, statement, seq) => {
    await tamper(statement);
    expect(await verifyStored(ledger, chain)).toMatchObject({ ok: false, seq });
  });

  it.each(['update remit.audit_entry set at = 1', 'delete from remit.audit_entry', 'truncate remit.audit_entry'])(
    'refuses `%s`',
    async (statement) => {
      await expect(ledger.transaction((trx) => sql.raw(statement).execute(trx))).rejects.toThrow('append-only');
    },
  );
});
