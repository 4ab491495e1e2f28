import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { verifyStored } from '../../src/ledger/audit-log.ts';
import { findJob } from '../../src/ledger/job.ts';
import { friendOf, openGuardBench } from '../support/guard-bench.ts';
import type { Bench } from '../support/guard-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openGuardBench();
});
afterEach(() => bench.close());

const readNote = { action: 'desk.readNote', input: { id: '7' } };

describe('a read', () => {
  it('is stripped of fields that were not granted', async () => {
    const { result } = await bench.act(readNote);
    expect(result).toMatchObject({ records: [{ fields: { text: 'note 7' } }], withheld: ['secret'] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

describe('the audit chain of a job', () => {
  const jobId = async () => (await bench.ledger.run((db) => findJob(db, 'job')))?.jobId ?? '';

  it('links each entry to the one before', async () => {
    await bench.act(readNote);
    await bench.act({ action: 'desk.send', input: { to: friendOf('job'), text: 'hello' }, activityId: '2' });
    expect(await verifyStored(bench.ledger, await jobId())).toMatchObject({ ok: true });
  });

  it.each(['update remit.audit_entry set at = 0', 'delete from remit.audit_entry', 'truncate remit.audit_entry'])(
    'refuses `%s`',
    async (statement) => {
      await bench.act(readNote);
      await expect(bench.ledger.run((db) => sql.raw(statement).execute(db))).rejects.toThrow();
      expect(await verifyStored(bench.ledger, await jobId())).toMatchObject({ ok: true });
    },
  );
});

describe('a credential', () => {
  it('is good for its own agent and until its lease ends', async () => {
    const { credentials } = bench.port;
    const claims = { agent: 'desk-clerk', jobId: 'j', action: 'desk.send' };
    const [live, over] = await Promise.all([
      credentials.mint({ ...claims, expiresAt: Date.now() + 60_000 }),
      credentials.mint({ ...claims, expiresAt: Date.now() - 60_000 }),
    ]);
    expect(await credentials.verify('desk-clerk', live)).toBe(true);
    expect(await credentials.verify('other-clerk', live)).toBe(false);
    expect(await credentials.verify('desk-clerk', over)).toBe(false);
  });
});
