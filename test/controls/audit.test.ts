import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyStored } from '../../src/ledger/audit-log.ts';
import { openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { aRun } from '../support/guarded-call.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ start: false });
});
afterAll(() => desk.close());

it('finds an entry that was changed behind the trigger, and the same chain whole before', async () => {
  const { jobId } = (await aRun(desk)).job;
  expect(await verifyStored(desk.remit.ledger, jobId)).toMatchObject({ ok: true });
  await desk.remit.ledger.transaction(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`update remit.audit_entry set entry = replace(entry, 'desk-clerk', 'desk-boss') where chain_id = ${jobId}`.execute(
      trx,
    );
  });
  expect(await verifyStored(desk.remit.ledger, jobId)).toMatchObject({ ok: false, seq: 1 });
});
