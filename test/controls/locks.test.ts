import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideStep } from '../../src/activities/decide-step.ts';
import { read } from '../../src/activities/read.ts';
import { bucketOf, reserve } from '../../src/ledger/limit.ts';
import { REVOCATION_LOCK } from '../../src/ledger/ledger.ts';
import type { LedgerTransaction } from '../../src/ledger/ledger.ts';
import { restore, revoke } from '../../src/ledger/revocation.ts';
import { openStep } from '../../src/ledger/step.ts';
import type { Run } from '../../src/ledger/job.ts';
import { CHARTER, openDesk } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';
import { aCall, aRun } from '../support/guarded-call.ts';

const DAILY = CHARTER.replace(
  /limits:\n.*\n/,
  'limits:\n  - { id: a-day, verb: send, record: desk.message, per: day, atMost: 7 }\n',
);
const PERSON = { name: 'an operator', assurance: 'session', door: 'test' } as const;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ charter: DAILY });
});
afterAll(() => desk.close());

type Work = (trx: LedgerTransaction) => Promise<unknown>;

/** Keeps a transaction open after its first work until it is let go; then it does its last. */
async function holding(work: Work, last: Work = async () => undefined): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const transaction = desk.remit.ledger.transaction(async (trx) => {
    await work(trx);
    held.resolve();
    await over.promise;
    await last(trx);
  });
  await Promise.race([held.promise, transaction]);
  return async () => {
    over.resolve();
    await transaction;
  };
}

async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const soon = new Promise((resolve) => setTimeout(resolve, 400, 'waiting'));
  return (await Promise.race([promise, soon])) === 'waiting';
}

const at = Date.now();
const limits = [{ limitId: 'a-day', bucket: bucketOf('day', '', at) }];
const open = (trx: LedgerTransaction, { job }: Run, used = limits) =>
  openStep(trx, {
    jobId: job.jobId,
    step: 's',
    digest: 'd',
    charter: job.charter,
    limits: used,
    records: false,
  });

it('reads a limit only once nobody else is using it up', async () => {
  const [one, other] = [await aRun(desk), await aRun(desk)];
  await desk.remit.ledger.transaction((trx) => open(trx, one)); // the counter's row exists
  const reservation = { limitId: 'a-day', per: 'day', amount: 1, atMost: 7 } as const;
  // Held between reading and counting: the insert of the counter's row would make others wait for a count by itself.
  const letGo = await holding(
    (trx) => open(trx, one),
    (trx) => reserve(trx, 'desk-work', one.job.jobId, at, [reservation]),
  );
  const second = desk.remit.ledger.transaction((trx) => open(trx, other));
  const waited = await isWaiting(second);
  await letGo();
  expect({ waited, used: (await second).limits['a-day'] }).toEqual({ waited: true, used: 1 });
  await desk.remit.ledger.run((db) => db.deleteFrom('limit_use').execute());
});

it('lets twenty jobs at once use a daily limit of seven seven times', async () => {
  const runs = await Promise.all(Array.from({ length: 20 }, () => aRun(desk)));
  const rulings = await Promise.all(runs.map((run) => decideStep(desk.remit.ledger, aCall(desk, run))));
  expect(rulings.filter(({ go }) => go === 'effect')).toHaveLength(7);
  expect(rulings.filter((ruling) => ruling.go === 'denied' && ruling.code === 'BEYOND_LIMIT')).toHaveLength(13);
});

it('commits a revocation only once no decision is half done', async () => {
  const run = await aRun(desk);
  const letGo = await holding((trx) => open(trx, run));
  const scope = { kind: 'job', value: run.job.jobId } as const;
  const revoking = revoke(desk.remit.ledger, { kind: 'disable', scope, readsToo: false, reason: 'test', by: PERSON });
  const waited = await isWaiting(revoking);
  await letGo();
  expect(waited).toBe(true);
  await restore(desk.remit.ledger, (await revoking).revocationId, PERSON);
});

it('keeps other decisions of the same job waiting', async () => {
  const run = await aRun(desk);
  const letGo = await holding((trx) => open(trx, run, []));
  const second = desk.remit.ledger.transaction((trx) => open(trx, run, []));
  const waited = await isWaiting(second);
  await letGo();
  await second;
  expect(waited).toBe(true);
});

it('decides nothing while a revocation is half done, and then under it', async () => {
  const run = await aRun(desk);
  const scope = { kind: 'job', value: run.job.jobId } as const;
  const order = { kind: 'disable', scope, readsToo: false, reason: 'test', by: PERSON } as const;
  const { revocationId } = await revoke(desk.remit.ledger, order);
  await restore(desk.remit.ledger, revocationId, PERSON);
  const letGo = await holding(async (trx) => {
    await sql`select pg_advisory_xact_lock(${REVOCATION_LOCK})`.execute(trx);
    const live = { restored_at: null, restored_by: null };
    await trx.updateTable('revocation').set(live).where('revocation_id', '=', revocationId).execute();
  });
  const deciding = decideStep(desk.remit.ledger, aCall(desk, run, { action: 'desk.post' }));
  const waited = await isWaiting(deciding);
  await letGo();
  expect({ waited, ...(await deciding) }).toMatchObject({ waited: true, go: 'denied', code: 'REVOKED' });
});

it('returns what was read only once its labels are on record', async () => {
  const run = await aRun(desk);
  const call = aCall(desk, run, { action: 'desk.readNote', payload: { id: '1' } });
  const ruling = await decideStep(desk.remit.ledger, call);
  if (ruling.go !== 'read') throw new Error(`the ruling is ${ruling.go}`);
  const job = (db: Pick<LedgerTransaction, 'selectFrom'>) =>
    db.selectFrom('job').selectAll().where('job_id', '=', run.job.jobId);
  const letGo = await holding((trx) => job(trx).forUpdate().execute());
  const reading = read(desk.remit.port, call, ruling.decision, new AbortController().signal);
  const waited = await isWaiting(reading);
  await letGo();
  await reading;
  const [row] = await desk.remit.ledger.run((db) => job(db).execute());
  expect({ waited, labels: row?.past_labels }).toEqual({ waited: true, labels: ['untrusted'] });
});
